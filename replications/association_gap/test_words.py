"""Taxonomies: distances, kernel, alignment and depth by hand; nulls; words that a model does not hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import InputError
from harness.studies.method import Failed
from replications.association_gap import tree, words
from replications.association_gap.recipe import Clusters, Shuffle, Words

BINARY = [["r", a, a + b, a + b + c] for a in "xy" for b in "pq" for c in "12"]  # a perfect tree of eight leaves
SETTINGS = Words(kind="words", vectors="encoder", leading=6, decay=0.5, neighbours=1, clusters=Clusters(count=2, restarts=3, seed=0), shuffle=None)


def taxonomy(settings=SETTINGS):
    branch = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    return words.Taxonomy([path[-1] for path in BINARY], BINARY, branch, settings)


def orthonormal(rows, columns, seed=0):
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(rows, columns)))[0]


def test_distances_are_edges_of_the_tree():
    found = tree.distances([["r", "a", "b"], ["r", "a", "c"], ["r", "d"], ["r", "a"]])
    assert found.tolist() == [[0, 2, 3, 1], [2, 0, 3, 1], [3, 3, 0, 2], [1, 1, 2, 0]]


def test_the_kernel_is_centred():
    found = tree.kernel(BINARY, 0.5)
    plain = np.exp(-0.5 * tree.distances(BINARY))
    middle = np.eye(8) - 1 / 8
    assert np.allclose(found, middle @ plain @ middle)


def test_the_same_subspace_is_aligned_and_an_orthogonal_one_is_not():
    whole = orthonormal(20, 10)
    one, other = whole[:, :5], whole[:, 5:]
    assert np.allclose(tree.alignment(one, one), 1) and np.allclose(tree.alignment(one, other), 0)
    turned = one @ orthonormal(5, 5, seed=1)  # another basis of it
    assert tree.alignment(turned, one)[-1] == pytest.approx(1) and tree.alignment(turned, one)[0] < 1
    assert tree.area(tree.alignment(one, one), 20) == pytest.approx(1 - np.mean([k / 19 for k in range(1, 6)]))


def test_random_subspaces_align_by_k_over_n():
    found = np.mean([tree.alignment(orthonormal(20, 6, s), orthonormal(20, 6, 1000 + s)) for s in range(300)], axis=0)
    assert found == pytest.approx(np.arange(1, 7) / 20, abs=0.02)


def test_a_direction_is_as_deep_as_what_it_splits():
    coarse = np.array([1, 1, 1, 1, -1, -1, -1, -1]) / 8**0.5
    middle = np.array([1, 1, -1, -1, 0, 0, 0, 0]) / 2
    fine = np.array([1, -1, 0, 0, 0, 0, 0, 0]) / 2**0.5
    found = tree.levels(np.stack([coarse, middle, fine], axis=1), tree.splits(BINARY))
    assert found == pytest.approx([1, 2, 3])
    mixed = tree.levels(((coarse + fine) / 2**0.5)[:, None], tree.splits(BINARY))
    assert mixed == pytest.approx([2])


def test_the_tree_kernel_splits_coarse_first():
    own = taxonomy().own
    assert tree.levels(own, tree.splits(BINARY)) == pytest.approx([1, 2, 2, 3, 3, 3], abs=1e-6)
    assert words.coarse_first(taxonomy(), own) > 0.9 and words.coarse_first(taxonomy(), own[:, ::-1]) < -0.9


def test_vectors_that_are_the_tree_beat_words_drawn_anew_and_noise_does_not():
    values, vectors = np.linalg.eigh(tree.kernel(BINARY, 0.5))
    placed = vectors * np.sqrt(np.maximum(values, 0))
    noise = np.random.default_rng(2).normal(size=(8, 8))
    shuffle = Shuffle(within="all", draws=100, quantile=0.9)
    for given_, above in ((placed, True), (noise - noise.mean(0), False)):
        leading = tree.leading(given_ @ given_.T, 6)
        near = words.neighbours(given_, 1)
        measured = {name: value for name, _, value in words.whole(taxonomy(), leading)}
        null = words.drawn(taxonomy(), leading, near, words.clusters(given_, SETTINGS.clusters), shuffle, np.zeros(8, int), np.random.default_rng(0))
        assert (measured["alignment_area"] > {name: value for name, _, value in null}["alignment_area"]) is above


def test_agreement_by_hand_and_by_chance():
    near = np.array([[1], [0], [4], [2], [5], [4], [7], [6]])
    branch = taxonomy().branch
    assert words.agreement(branch, near).tolist() == [1, 1, 0, 1, 1, 1, 1, 1]
    shuffle = Shuffle(within="all", draws=2000, quantile=0.9)
    null = words.drawn(taxonomy(), taxonomy().own, near, branch, shuffle, np.zeros(8, int), np.random.default_rng(0))
    by_word = [value for name, _, value in null if name == "knn_agreement"]
    assert len(by_word) == 8 and np.mean(by_word) == pytest.approx(3 / 7, abs=0.02)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=30), st.integers(0, 99))
def test_words_are_drawn_anew_within_their_stratum(strata, seed):
    order = words.permuted(np.array(strata), np.random.default_rng(seed))
    assert sorted(order) == list(range(len(strata))) and all(strata[i] == strata[j] for i, j in enumerate(order))


def test_draws_within_branches_leave_their_agreement_alone():
    shuffle = Shuffle(within="branch", draws=5, quantile=0.9)
    null = words.drawn(taxonomy(), taxonomy().own, np.zeros((8, 1), int), np.zeros(8, int), shuffle, taxonomy().branch, np.random.default_rng(0))
    assert {name for name, _, _ in null} == {"rank_correlation", "alignment", "alignment_area"}


def test_words_outside_the_vocabulary_are_named_and_counted(tmp_path):
    from safetensors.numpy import save_file

    (tmp_path / "vocab.txt").write_text("[PAD]\ndog\ncat\n")
    rows = np.arange(6, dtype=np.float32).reshape(3, 2)
    save_file({words.TABLE: rows}, tmp_path / "model.safetensors")
    assert words.table(tmp_path, ["cat", "dog"]).tolist() == [[4, 5], [2, 3]]
    with pytest.raises(Failed, match=r"2 of 3 words are no one entry of the vocabulary in .*vocab\.txt: axolotl, quagga; take them out"):
        words.table(tmp_path, ["axolotl", "cat", "quagga"])


def test_too_few_words_are_told():
    with pytest.raises(InputError, match="leading: 8 eigenvectors are asked for, but 8 words have at most 7"):
        tree.leading(np.eye(8), 8)
    with pytest.raises(InputError, match="neighbours: 5 are asked for, but there are 4 words; write at most 3"):
        words.neighbours(np.eye(4), 5)
    with pytest.raises(InputError, match=r"clusters\.count: 14 clusters, but there are 4 words; write at most 4"):
        words.clusters(np.eye(4), Clusters(count=14, restarts=1, seed=0))


def test_words_of_another_root_are_told():
    with pytest.raises(InputError, match="1 of 3 words do not descend from 'entity', the first 'idea'"):
        tree.paths(["dog", "idea", "cat"], {"dog": "entity > dog", "idea": "abstraction > idea", "cat": "entity > cat"})

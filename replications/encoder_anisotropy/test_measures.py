"""Measures by hand and against scikit-learn; the printed cosines; training that repeats; words that no vocabulary holds."""

import json
from collections import defaultdict
from types import SimpleNamespace

import numpy as np
import pytest
import yaml

from harness import config
from harness.config import ROOT
from harness.data import loading
from harness.errors import InputError
from harness.studies import by_fidelity, models
from harness.vectors import isotropy
from replications.encoder_anisotropy import cloud, measures, method, pairs
from replications.encoder_anisotropy.models.untuned_chunks import build
from replications.encoder_anisotropy.recipe import Encoder, Settings, Words

HERE = ROOT / "replications" / "encoder_anisotropy"
WORDS = Words(token_pattern=r"(?u)\b\w\w+\b", stop_words=None, sublinear_tf=False)
TINY = {"seed": 1, "layers": 1, "width": 32, "heads": 2, "max_length": 32, "words": 300, "steps": 3, "batch": 8,
        "learning_rate": 0.001, "masked": 0.15}  # fmt: skip


def cloud_of(n=60, d=12, seed=0):
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(n, d)) + 1.5 * np.eye(d)[np.arange(n) % 3]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    ids = [f"c{i:02d}" for i in range(n)]
    labels = {
        "subject": {name: f"s{i % 3}" for i, name in enumerate(ids)},
        "unit": {name: f"u{i % 6}" for i, name in enumerate(ids)},
        "module": {name: f"m{i}" for i, name in enumerate(ids)},
    }
    return vectors, ids, labels


def values(found):
    by = defaultdict(dict)
    for metric, name, value in found:
        by[metric][name] = value
    return by


def test_four_chunks_by_hand():
    # two physics chunks at a right angle, two history chunks that are one and the same, opposite to the first
    vectors = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [-1.0, 0.0]])
    labels = {"subject": dict(zip("abcd", "pphh", strict=True)), "unit": dict(zip("abcd", "pphh", strict=True)), "module": {n: n for n in "abcd"}}
    found = values(measures.of(vectors @ vectors.T, list("abcd"), labels, 1))
    assert found["within"] == {"a": 0, "b": 0, "c": 1, "d": 1} and found["between"] == {"a": -1, "b": 0, "c": -0.5, "d": -0.5}
    assert found["gap"] == {"a": 1, "b": 0, "c": 1.5, "d": 1.5} and found["knn_subject"] == {"a": 1, "b": 1, "c": 1, "d": 1}
    assert found["cosine"]["a"] == pytest.approx(-2 / 3) and found["silhouette_subject"]["a"] == pytest.approx((2 - 1) / 2)
    assert found["mean_vector_norm"][None] == pytest.approx(np.hypot(0.25, 0.25)) and found["variance_in_two"][None] == pytest.approx(1)


def test_silhouettes_neighbours_and_components_are_those_of_scikit_learn():
    from sklearn.decomposition import PCA
    from sklearn.metrics import silhouette_samples
    from sklearn.neighbors import KNeighborsClassifier

    vectors, ids, labels = cloud_of()
    found = values(measures.of(vectors @ vectors.T, ids, labels, 5))
    for name in ("subject", "unit"):
        own = np.array([labels[name][one] for one in ids])
        expected = silhouette_samples(vectors, own, metric="cosine")
        assert list(found[f"silhouette_{name}"].values()) == pytest.approx(expected, abs=1e-9)
    own, one = np.array([labels["subject"][name] for name in ids]), []
    for i in range(len(ids)):
        others = np.arange(len(ids)) != i
        one.append(KNeighborsClassifier(1, metric="cosine").fit(vectors[others], own[others]).predict(vectors[[i]])[0] == own[i])
    nearest = values(measures.of(vectors @ vectors.T, ids, labels, 1))["knn_subject"]
    assert list(nearest.values()) == [float(hit) for hit in one] and 0 < sum(one) < len(one)
    assert found["variance_in_two"][None] == pytest.approx(PCA(2).fit(vectors).explained_variance_ratio_.sum(), abs=1e-9)


def test_mean_cosine_and_the_mean_vector_agree_with_the_harness():
    vectors, ids, labels = cloud_of()
    found, theirs = values(measures.of(vectors @ vectors.T, ids, labels, 5)), isotropy.measure(vectors, ids)
    assert np.mean(list(found["cosine"].values())) == pytest.approx(theirs["mean_cosine"], abs=1e-9)
    assert found["mean_vector_norm"][None] == pytest.approx(np.linalg.norm(vectors.mean(axis=0)), abs=1e-9)


def test_chunks_of_the_own_module_have_no_vote_and_the_nearest_breaks_a_tie():
    cosines = np.array([[1, 0.9, 0.5, 0.4], [0.9, 1, 0.2, 0.1], [0.5, 0.2, 1, 0.3], [0.4, 0.1, 0.3, 1]])
    labels = np.array(["p", "p", "h", "p"])
    apart, together = np.array(list("abcd")), np.array(list("aacd"))
    assert measures.knn(cosines, labels, apart, 1)[0] == 1 and measures.knn(cosines, labels, together, 1)[0] == 0
    assert measures.knn(cosines, labels, together, 2)[0] == 0  # one vote each: the nearer one, history, wins


def test_units_inside_a_subject_do_not_count_the_other_subjects():
    vectors, ids, labels = cloud_of(12)
    found = values(measures.of(vectors @ vectors.T, ids, labels, 3))["gap_unit"]
    same = [i for i in range(1, 12) if i % 6 == 0]
    other = [i for i in range(12) if i % 3 == 0 and i % 6]
    expected = np.mean([vectors[0] @ vectors[i] for i in same]) - np.mean([vectors[0] @ vectors[i] for i in other])
    assert found["c00"] == pytest.approx(expected)


def test_the_printed_cosines_of_minilm_come_out():
    settings = config.load()
    folder, found = models.model_folder("minilm", settings), loading.load("sentences", settings)
    written = yaml.safe_load((HERE / "claims.yaml").read_text())["tables"][0]["rows"]["minilm"]
    vectors = cloud.encoded(folder, found.document_texts, Encoder(pooling="mean", max_length=32, dtype="float32"), settings)
    cosines = cloud.cosines(vectors)
    assert [f"{cosines[i, j]:.4f}" for i, j in ((0, 1), (0, 2), (1, 2))] == written


def test_tfidf_by_hand_and_a_chunk_without_words():
    rare = np.log(3 / 2) + 1  # smoothed idf of a word in one of two texts; a word in both weighs 1
    found = cloud.lexical(["red fox", "red hen"], WORDS, ["a", "b"])
    assert found[0, 1] == pytest.approx(1 / (1 + rare**2)) and found[0, 0] == pytest.approx(1)
    with pytest.raises(InputError, match="1 chunks hold no word .*the first 'b'"):
        cloud.lexical(["red fox", "?!"], WORDS, ["a", "b"])


def test_words_outside_the_vocabulary_are_found_wherever_they_stand():
    folder = models.model_folder("minilm", config.load())
    assert cloud.unknown(folder, ["plain words, naïve ones too", ""]) == []
    assert cloud.unknown(folder, ["a ☃ and " + "word " * 400 + "⍟", "☃"]) == ["☃", "⍟", "☃"]


@pytest.fixture(scope="module")
def learnt():
    found = pairs.read(loading.load("sample_train", config.load()))
    return pairs.Chunks(found.texts[::6], found.subjects[::6])


@pytest.fixture(scope="module")
def base(learnt, tmp_path_factory):
    folder = tmp_path_factory.mktemp("base")
    build(learnt.texts, TINY, folder)
    return folder


def written_settings(name, **changes):
    one = by_fidelity.settings_at(HERE / "experiment.yaml", "", yaml.safe_load((HERE / "experiment.yaml").read_text())["variants"][name], "embedded")
    recipe = one["recipe"] and {**one["recipe"], "steps": 3, "max_length": 16, **changes}
    return Settings.model_validate({key: one[key] for key in ("words", "vectors", "neighbours")} | {"recipe": recipe})


@pytest.mark.parametrize("name", ["cosent_20", "infonce_masked_20"])
def test_same_seed_same_bytes_and_scores_another_seed_another_model(base, learnt, name, tmp_path):
    from sentence_transformers import SentenceTransformer

    from replications.encoder_anisotropy import training

    chosen = written_settings(name)
    for folder, seed in (("one", 0), ("same", 0), ("other", 1)):
        training.train(base, learnt, chosen.vectors, chosen.recipe, seed, tmp_path / folder)
    bytes_of = {folder: (tmp_path / folder / "model.safetensors").read_bytes() for folder in ("one", "same", "other")}
    assert bytes_of["one"] == bytes_of["same"] != bytes_of["other"] != (base / "model.safetensors").read_bytes()
    told = json.loads((tmp_path / "one" / "training.json").read_text())
    assert told["steps"] == 3 and told["pairs"] == 48 and ("false_negatives" in told) == name.startswith("infonce")
    assert SentenceTransformer(str(tmp_path / "one")).encode(["a text"]).shape == (1, 32)


def test_a_loss_that_is_not_finite_leaves_no_model(base, learnt, tmp_path):
    from replications.encoder_anisotropy import training

    chosen = written_settings("cosent_20", learning_rate=1e38)
    with pytest.raises(training.Diverged, match="step .* of 3"):
        training.train(base, learnt, chosen.vectors, chosen.recipe, 0, tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_one_subject_is_nothing_to_train_on_and_a_variant_is_words_or_vectors():
    whole = loading.load("sample_train", config.load())
    alone = SimpleNamespace(name="c", labels={"subject": dict.fromkeys(whole.document_ids, "physics")}, document_ids=whole.document_ids, document_texts=whole.texts)
    with pytest.raises(InputError, match="all chunks are of the subject 'physics'"):
        pairs.read(alone)
    both = Settings(words=None, vectors=None, recipe=None, neighbours=5)
    with pytest.raises(InputError, match="variants.x: either words .* or vectors"):
        method.rank(whole, both, 0, SimpleNamespace(variant=SimpleNamespace(name="x")))


def test_gains_are_chunk_by_chunk_and_of_the_measures_that_training_aims_at():
    own, before = [("gap", "a", 0.5), ("cosine", "a", 0.3)], [("gap", "a", 0.2), ("cosine", "a", 0.1)]
    assert method._gains(own, before) == [("gain_gap", "a", 0.3)]

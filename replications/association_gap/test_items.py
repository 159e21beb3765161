"""Codes against brute force, recommenders by hand, what is learned, and bad input."""

from types import SimpleNamespace

import numpy as np
import pytest

from harness.data.collection import Collection
from harness.errors import InputError
from replications.association_gap import items, learning, quantise, sequences
from replications.association_gap.recipe import Items, Learning, Quantiser

LEARNING = Learning(dimensions=8, spread=0.1, temperature=0.1, learning_rate=0.02, epochs=60, batch=16)


def vectors(count=60, width=8, seed=0):
    found = np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_codes_are_the_nearest_centroids_by_brute_force():
    given = vectors()
    book = quantise.codebook(given, Quantiser(parts=4, values=5), 0, "here")
    found = quantise.codes(given, book)
    assert book.shape == (4, 5, 2) and found.shape == (60, 4)
    for row, code in zip(given, found, strict=True):
        for part in range(4):
            apart = [float(np.sum((row[2 * part : 2 * part + 2] - centroid) ** 2)) for centroid in book[part]]
            assert apart[code[part]] == pytest.approx(min(apart), abs=1e-6)
    together = quantise.decoded(found, book)
    assert np.array_equal(together[7], np.concatenate([book[part, found[7, part]] for part in range(4)]))


def test_as_many_centroids_as_items_lose_nothing_and_the_same_seed_gives_the_same_book():
    given = vectors(12)
    book = quantise.codebook(given, Quantiser(parts=2, values=12), 0, "here")
    assert np.allclose(quantise.decoded(quantise.codes(given, book), book), given, atol=1e-6)
    assert np.array_equal(quantise.codebook(given, Quantiser(parts=2, values=5), 3, ""), quantise.codebook(given, Quantiser(parts=2, values=5), 3, ""))


def test_fewer_items_than_centroids_are_named_and_counted():
    with pytest.raises(InputError, match=r"variants\.codes: quantiser\.values: 32 centroids, but there are 12 items; write at most 12"):
        quantise.codebook(vectors(12), Quantiser(parts=2, values=32), 0, "experiment.yaml: variants.codes")
    with pytest.raises(InputError, match="3 parts do not divide the 8 values"):
        quantise.codebook(vectors(40), Quantiser(parts=3, values=4), 0, "here")


def catalogue(histories, asked, count):
    names = [f"i{i}" for i in range(count)]
    return Collection(
        name="shop", split="test", made=True, document_ids=names, titles=[""] * count, texts=names,
        query_ids=list(histories), queries=list(histories), qrels={user: {f"i{asked[user]}": 1} for user in histories}, candidates=None,
        labels={"history": {user: " ".join(f"i{i}" for i in taken) for user, taken in histories.items()}},
    )  # fmt: skip


def given(texts, train_on=(), **changes):
    def documents(wanted):
        return np.stack([texts[int(name[1:])] for name in wanted])

    found = SimpleNamespace(
        documents=documents, training=lambda: list(train_on), config=SimpleNamespace(depth=10),
        study=SimpleNamespace(folder=items.Path("here")), variant=SimpleNamespace(name="codes"),
    )  # fmt: skip
    return found


def task(scorer, **changes):
    base = {"kind": "items", "scorer": scorer, "neighbours": None, "quantiser": None, "learning": None}
    return Items.model_validate(base | changes)


def test_popularity_and_neighbours_by_hand():
    shop = catalogue({"u": [0, 1], "v": [0, 1, 2], "w": [0, 3]}, {"u": 2, "v": 3, "w": 1}, 4)
    run = items.rank(shop, task("popularity"), 0, given(vectors(4)), None).run
    assert [name for name, _ in run["w"]] == ["i1", "i2"]  # i0 and i3 are taken
    assert dict(run["u"]) == {"i2": 1, "i3": 1}
    near = items.neighbourhood(list(sequences.histories(shop).values()), 4, 3)
    assert near[0, 1] == pytest.approx(2 / (3 * 2) ** 0.5) and near[0, 3] == pytest.approx(1 / 3**0.5) and near[1, 3] == near[0, 0] == 0
    assert np.count_nonzero(items.neighbourhood(list(sequences.histories(shop).values()), 4, 1)[0]) == 1
    run = items.rank(shop, task("item_knn", neighbours=3), 0, given(vectors(4)), None).run
    assert dict(run["u"])["i2"] == pytest.approx(near[0, 2] + near[1, 2]) and run["u"][0][0] == "i2"


def test_text_ranks_by_the_cosine_of_what_was_taken():
    shop = catalogue({"u": [0]}, {"u": 2}, 3)
    texts = np.array([[1, 0], [0, 1], [0.8, 0.6]], dtype=np.float32)
    ranked = items.rank(shop, task("text"), 0, given(texts), None)
    assert ranked.run["u"] == [("i2", pytest.approx(0.8)), ("i1", pytest.approx(0.0))] and not ranked.measures


def test_the_tie_is_one_for_the_text_itself_and_turns_with_it():
    text = vectors().astype(float)
    turned = np.linalg.qr(np.random.default_rng(1).normal(size=(8, 8)))[0]
    assert items.tie(text @ turned, text) == pytest.approx(1)
    assert abs(items.tie(vectors(seed=5).astype(float), text)) < 0.15


def test_what_is_taken_together_is_learned_and_the_same_seed_learns_the_same(tmp_path):
    chance = np.random.default_rng(0)
    histories = {f"u{i}": list(chance.permutation(10)[:6] + 10 * (i % 2)) for i in range(60)}  # two halves of a shop
    shop = catalogue(histories, dict.fromkeys(histories, 0), 20)
    texts = vectors(20)
    for scorer, more in (("ids", {}), ("codes", {"quantiser": Quantiser(parts=4, values=6)}), ("adapter", {})):
        chosen = task(scorer, learning=LEARNING, **more)
        for name, seed in (("a", 0), ("b", 0), ("c", 1)):
            items.fit(chosen, seed, given(texts, [shop]), tmp_path / f"{scorer}.{name}")
        one, same, other = (items.represented(shop, chosen, seed, given(texts), tmp_path / f"{scorer}.{name}") for name, seed in (("a", 0), ("b", 0), ("c", 1)))
        assert np.array_equal(one, same) and not np.array_equal(one, other)
        if scorer == "ids":
            cosines = one @ one.T
            assert cosines[:10, :10].mean() > cosines[:10, 10:].mean() + 0.5


def test_codes_dealt_at_random_are_the_same_codes(tmp_path):
    shop, texts = catalogue({"u": [0, 1]}, {"u": 2}, 60), vectors()
    chosen = {name: task(name, learning=LEARNING, quantiser=Quantiser(parts=2, values=4)) for name in ("codes", "shuffled_codes")}
    book = quantise.codebook(texts, Quantiser(parts=2, values=4), 0, "here")
    plain, dealt = (items.features(shop, chosen[name], 7, given(texts), book) for name in ("codes", "shuffled_codes"))
    assert not np.array_equal(plain, dealt) and sorted(map(tuple, plain)) == sorted(map(tuple, dealt))
    assert np.array_equal(dealt, items.features(shop, chosen["shuffled_codes"], 7, given(texts), book))


def test_a_vector_for_each_item_cannot_be_taken_elsewhere(tmp_path):
    shop = catalogue({"u": [0, 1]}, {"u": 2}, 3)
    with pytest.raises(InputError, match=r"variants\.codes: train_on: a vector for each item"):
        items.fit(task("ids", learning=LEARNING), 0, given(vectors(3), [shop, shop]), tmp_path / "x")


def test_a_target_is_never_among_what_came_before():
    sequences = [list(np.random.default_rng(i).permutation(12)[:7]) for i in range(20)] + [[3]]
    for before, targets in learning.examples(sequences, 12, LEARNING, np.random.default_rng(0)):
        assert (before.sum(1) > 0.999).all() and (before[range(len(targets)), targets] == 0).all()


def test_settings_that_a_scorer_lacks_are_refused():
    with pytest.raises(ValueError, match="quantiser: needed by scorer quantised or codes or shuffled_codes"):
        task("codes", learning=LEARNING)
    with pytest.raises(ValueError, match="neighbours: needed by scorer item_knn"):
        task("popularity", neighbours=3)

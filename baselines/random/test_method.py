"""Random ranking against its closed form."""

from itertools import combinations
from types import SimpleNamespace

import pytest

from harness.config import ROOT
from harness.data.collection import Collection
from harness.studies.method import load

method = load(ROOT / "baselines" / "random")


def make(documents, relevant, queries=1):
    names = [f"d{i}" for i in range(documents)]
    qrels = {f"q{i}": dict.fromkeys(names[:relevant], 1) for i in range(queries)}
    return Collection(
        name="c", split="test", document_ids=names, titles=[""] * documents, texts=names, query_ids=list(qrels),
        queries=["x"] * queries, qrels=qrels, candidates=None, labels={}, made=True,
    )  # fmt: skip


def test_the_closed_form_counts_every_draw():
    draws = list(combinations(range(7), 3))
    share = sum(any(i < 2 for i in draw) for draw in draws) / len(draws)
    assert method.expected_hits(make(7, 2), 3)["q0"] == pytest.approx(share)


def test_a_random_ranking_meets_its_expectation():
    collection = make(20, 2, queries=4000)
    settings = method.Settings(cutoff=5)
    ranked = method.rank(collection, settings, 7, SimpleNamespace(config=SimpleNamespace(depth=5)))
    hits = sum(any(d in ("d0", "d1") for d, _ in top) for top in ranked.run.values()) / 4000
    expected = method.expected_hits(collection, 5)["q0"]
    assert abs(hits - expected) < 4 * (expected * (1 - expected) / 4000) ** 0.5


def test_a_seed_gives_one_ranking_and_another_seed_another():
    inputs = SimpleNamespace(config=SimpleNamespace(depth=5))
    one, same, other = (method.rank(make(50, 1), method.Settings(cutoff=5), seed, inputs).run for seed in (1, 1, 2))
    assert one == same != other


def test_a_cutoff_beyond_the_pool_finds_what_there_is():
    few = SimpleNamespace(document_ids=["a", "b"], query_ids=["q", "none"], candidates=None, qrels={"q": {"a": 1}, "none": {"a": 0}})
    assert method.expected_hits(few, 5) == {"q": 1.0, "none": 0.0}

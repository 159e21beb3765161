"""Ties, cuts and candidates."""

import numpy as np
import pytest

from harness.data.collection import Collection
from harness.errors import InputError
from harness.rankings.ranking import rank_all


def make(candidates=None):
    return Collection(
        name="c", split="test", document_ids=["d1", "d3", "d2"], titles=["", "", ""], texts=["a", "b", "c"], query_ids=["q"],
        queries=["x"], qrels={"q": {"d1": 1}}, candidates=candidates, labels={}, made=True,
    )  # fmt: skip


def test_ties_fall_to_the_higher_document_id():
    run = rank_all(make(), 10, lambda q, d: np.array([1.0, 1.0, 1.0]))
    assert [name for name, _ in run["q"]] == ["d3", "d2", "d1"]


def test_best_score_first_and_cut():
    run = rank_all(make(), 2, lambda q, d: np.array([0.1, 0.3, 0.2])[d])
    assert [name for name, _ in run["q"]] == ["d3", "d2"]


def test_only_candidates_are_ranked():
    run = rank_all(make({"q": ["d2", "d1"]}), 10, lambda q, d: np.array([0.1, 0.3, 0.2])[d])
    assert [name for name, _ in run["q"]] == ["d2", "d1"]


def test_nan_names_collection_and_query():
    with pytest.raises(InputError, match="c: NaN score for query 'q'"):
        rank_all(make(), 10, lambda q, d: np.array([0.1, np.nan, 0.2]))

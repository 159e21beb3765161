"""TF-IDF against the weights written out by hand."""

from math import log, sqrt
from types import SimpleNamespace

import pytest

from harness.config import ROOT
from harness.data.collection import Collection
from harness.studies.method import load

method = load(ROOT / "baselines" / "tfidf")


def test_cosine_follows_the_formula():
    collection = Collection(
        name="c", split="test", document_ids=["a", "b"], titles=["", ""], texts=["red fox", "red hen"], query_ids=["q"],
        queries=["fox"], qrels={"q": {"a": 1}}, candidates=None, labels={}, made=True,
    )  # fmt: skip
    settings = method.Settings(token_pattern=r"(?u)\b\w\w+\b", stop_words=None, sublinear_tf=False)
    run = dict(method.rank(collection, settings, 0, SimpleNamespace(config=SimpleNamespace(depth=10))).run["q"])
    rare = log(3 / 2) + 1  # smoothed idf of a word in one of two documents; a word in both weighs 1
    assert run["a"] == pytest.approx(rare / sqrt(1 + rare**2), rel=1e-6) and run["b"] == 0

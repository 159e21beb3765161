"""TF-IDF against the weights written out by hand."""

from math import log, sqrt
from types import SimpleNamespace

import pytest

from harness.config import ROOT
from harness.data.collection import Collection
from harness.errors import InputError
from harness.studies.method import load

method = load(ROOT / "baselines" / "tfidf")


INPUTS = SimpleNamespace(config=SimpleNamespace(depth=10))


def make(texts, query):
    names = [f"d{i}" for i in range(len(texts))]
    return Collection("c", "test", names, [""] * len(texts), texts, ["q"], [query], {"q": {"d0": 1}}, None, {}, True)


def test_texts_without_a_token_score_0_and_a_corpus_of_them_is_refused():
    plain = {"token_pattern": r"(?u)\b\w\w+\b", "sublinear_tf": False}
    for query in ("", "...", "fox"):
        run = dict(
            method.rank(make(["red fox", "", "..."], query), method.Settings(**plain, stop_words=None), 0, INPUTS).run["q"]
        )
        assert run["d1"] == run["d2"] == 0 and (run["d0"] > 0) == (query == "fox")
    for texts, words in ((["", "..."], None), (["the", "of"], "english"), ([], None)):
        with pytest.raises(InputError, match=f"collection 'c': none of its {len(texts)} documents holds a token"):
            method.rank(make(texts, "fox"), method.Settings(**plain, stop_words=words), 0, INPUTS)


def test_cosine_follows_the_formula():
    collection = Collection(
        name="c", split="test", document_ids=["a", "b"], titles=["", ""], texts=["red fox", "red hen"], query_ids=["q"],
        queries=["fox"], qrels={"q": {"a": 1}}, candidates=None, labels={}, made=True,
    )  # fmt: skip
    settings = method.Settings(token_pattern=r"(?u)\b\w\w+\b", stop_words=None, sublinear_tf=False)
    run = dict(method.rank(collection, settings, 0, SimpleNamespace(config=SimpleNamespace(depth=10))).run["q"])
    rare = log(3 / 2) + 1  # smoothed idf of a word in one of two documents; a word in both weighs 1
    assert run["a"] == pytest.approx(rare / sqrt(1 + rare**2), rel=1e-6) and run["b"] == 0

"""BM25 against the formula written out by hand."""

from math import isfinite, log
from types import SimpleNamespace

import pytest

from harness.config import ROOT
from harness.data.collection import Collection
from harness.errors import InputError
from harness.studies.method import load

method = load(ROOT / "baselines" / "bm25")
INPUTS = SimpleNamespace(config=SimpleNamespace(depth=10))


def make(texts, query):
    names = [f"d{i}" for i in range(len(texts))]
    return Collection(
        name="c", split="test", document_ids=names, titles=[""] * len(texts), texts=texts, query_ids=["q"], queries=[query],
        qrels={"q": {"d0": 1}}, candidates=None, labels={}, made=True,
    )  # fmt: skip


def settings(**changes):
    plain = {"formula": "lucene", "k1": 1.2, "b": 0.75, "token_pattern": r"(?u)\b\w+\b", "stemmer": None, "stop_words": None}
    return method.Settings(**plain | changes)


def test_scores_follow_the_formula():
    texts = ["red fox", "red red hen house", "blue whale"]
    run = dict(method.rank(make(texts, "red fox"), settings(), 0, INPUTS).run["q"])
    mean = (2 + 4 + 2) / 3

    def weight(tf, df, length):
        return log(1 + (3 - df + 0.5) / (df + 0.5)) * tf / (tf + 1.2 * (1 - 0.75 + 0.75 * length / mean))

    assert run["d0"] == pytest.approx(weight(1, 2, 2) + weight(1, 1, 2), rel=1e-5)
    assert run["d1"] == pytest.approx(weight(2, 2, 4), rel=1e-5)
    assert run["d2"] == 0


def test_stemming_and_stop_words_change_the_ranking():
    texts = ["the foxes", "the the the the hens"]
    assert dict(method.rank(make(texts, "fox"), settings(), 0, INPUTS).run["q"])["d0"] == 0
    assert dict(method.rank(make(texts, "fox"), settings(stemmer="porter"), 0, INPUTS).run["q"])["d0"] > 0
    assert dict(method.rank(make(texts, "the"), settings(stop_words="english"), 0, INPUTS).run["q"])["d1"] == 0


def test_a_query_of_unknown_words_scores_nothing():
    assert {s for _, s in method.rank(make(["a b", "c d"], "zz yy"), settings(), 0, INPUTS).run["q"]} == {0.0}


@pytest.mark.parametrize("formula", ["robertson", "lucene", "atire", "bm25l", "bm25+"])
def test_texts_without_a_token_score_0_and_a_corpus_of_them_is_refused(formula):
    for query in ("", "...", "fox"):
        run = dict(method.rank(make(["red fox", "", "...", "hen"], query), settings(formula=formula), 0, INPUTS).run["q"])
        assert set(run) == {"d0", "d1", "d2", "d3"} and all(isfinite(score) for score in run.values())
        assert query == "fox" or set(run.values()) == {0.0}
    for texts, changes in ((["", "..."], {}), (["the", "of"], {"stop_words": "english"}), ([], {})):
        with pytest.raises(InputError, match=f"collection 'c': none of its {len(texts)} documents holds a token"):
            method.rank(make(texts, "fox"), settings(formula=formula, **changes), 0, INPUTS)

"""Ranking metrics by hand, their identities, and the names that they go by."""

import os
import re
from math import log2
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import InputError
from harness.rankings import metrics

QRELS = {"q1": {"a": 2, "b": 1, "c": 0}, "q2": {"a": 1}, "q3": {"x": 1}}
RUN = {
    "q1": [("c", 0.9), ("b", 0.8), ("z", 0.7), ("a", 0.6)],
    "q2": [("a", 0.5), ("b", 0.5), ("c", 0.4)],  # a tie: b comes before a
    "q9": [("a", 1.0)],  # not judged: no part of the score
}


def test_values_by_hand():
    found = metrics.evaluate(RUN, QRELS, ["ndcg@10", "mrr@10", "hit_rate@1", "recall@3", "precision@5", "map@10", "f1@3"])
    ideal = 2 / log2(2) + 1 / log2(3)
    expected = {
        "ndcg@10": [(1 / log2(3) + 2 / log2(5)) / ideal, 1 / log2(3), 0],
        "mrr@10": [1 / 2, 1 / 2, 0],
        "hit_rate@1": [0, 0, 0],
        "recall@3": [1 / 2, 1, 0],
        "precision@5": [2 / 5, 1 / 5, 0],
        "map@10": [(1 / 2 + 2 / 4) / 2, 1 / 2, 0],
        "f1@3": [2 * (1 / 3) * (1 / 2) / (1 / 3 + 1 / 2), 2 * (1 / 3) / (1 / 3 + 1), 0],
    }
    for metric, values in expected.items():
        assert list(found[metric]) == ["q1", "q2", "q3"]
        assert list(found[metric].values()) == pytest.approx(values, abs=1e-12), metric


def test_a_level_says_from_which_grade_on_a_document_is_relevant():
    asked = ["mrr@10-l2", "hit_rate@2-l2", "recall@3-l2", "precision@5-l2", "map@10-l2", "f1@3-l2", "mrr@10-l3", "mrr@10-l1"]
    found = metrics.evaluate({"q": RUN["q1"]}, {"q": QRELS["q1"]}, asked)  # c 0, b 1, z not judged, a 2
    assert [found[metric]["q"] for metric in asked] == [1 / 4, 0, 0, 1 / 5, 1 / 4, 0, 0, 1 / 2]
    assert metrics.evaluate({"q": RUN["q1"]}, {"q": QRELS["q1"]}, ["recall@4-l2"]) == {"recall@4-l2": {"q": 1.0}}
    assert "relevant: judged 2 or higher" in metrics.definition("mrr@10-l2")
    assert metrics.split("map@100-l3") == ("map", 100, 3) and metrics.split("map@100").level == 1
    with pytest.raises(InputError, match="'mrr@11-l2' looks beyond the 10"):
        metrics.refuse_unknown(["mrr@11-l2"], set(), 10, "here")


def test_a_level_on_a_measure_of_grades_is_refused_with_the_reason():
    with pytest.raises(InputError, match=r"e\.yaml: metrics: unknown metric 'ndcg@10-l2': .*gain of its own.* write ndcg@10$"):
        metrics.refuse_unknown(["ndcg@10-l2"], set(), 1000, "e.yaml")


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [("mrr@ten", "mrr@10"), ("mrr@0", "mrr@10"), ("mrr@5-l0", "mrr@5"), ("mmr@5-l2", "mrr@5-l2"), ("mrr@x-l2", "mrr@10-l2"),
     ("ndgc@5-l2", "ndcg@5"), ("recall@010", "recall@10"), ("recall@10-2", "recall@10"), ("map@5\n", "map@10"), ("@", ""), ("-l", ""),
     ("mrr@-l2", "mrr@10-l2"), ("mrr", "mrr@10"), ("ndcg@0-l2", ""), ("mrr@10-l", "mrr@10")],
)  # fmt: skip
def test_what_is_suggested_is_a_metric_and_never_the_very_word(wrong, meant):
    with pytest.raises(InputError) as caught:
        metrics.refuse_unknown([wrong], set(), 1000, "here")
    said = re.search("did you mean '(.*?)'", str(caught.value))
    assert f"did you mean '{meant}'" in str(caught.value) if meant else True
    assert not said or (said[1] != wrong and metrics.split(said[1]))


def test_gain_is_linear_and_the_cut_off_cuts_the_ideal_too():
    found = metrics.evaluate({"q": [("b", 1.0)]}, {"q": {"a": 3, "b": 1}}, ["ndcg@1"])
    assert found == {"ndcg@1": {"q": pytest.approx(1 / 3)}}  # 2^3 - 1 would give 1/7


def test_a_single_metric_an_empty_run_and_a_query_without_positives():
    assert metrics.evaluate({}, QRELS, ["mrr@5"]) == {"mrr@5": {"q1": 0.0, "q2": 0.0, "q3": 0.0}}
    nothing = {"q": {"a": 0, "b": -1}, "r": {}}
    found = metrics.evaluate({"q": [("a", 1.0)], "r": [("a", 1.0)]}, nothing, [f"{m}@5" for m in metrics.MEASURES])
    assert all(values == {"q": 0.0, "r": 0.0} for values in found.values())
    assert metrics.evaluate(RUN, {}, ["mrr@5"]) == {"mrr@5": {}}


def test_ties_do_not_follow_the_order_of_the_rows():
    rows = [(f"d{i}", 0.5) for i in range(20)]
    for order in (rows, rows[::-1], rows[7:] + rows[:7]):
        assert metrics.evaluate({"q": order}, {"q": {"d9": 1}}, ["mrr@20"]) == {"mrr@20": {"q": 1.0}}  # 'd9' is the greatest id


ids = st.sampled_from([f"d{i}" for i in range(12)])
rankings = st.dictionaries(ids, st.sampled_from([0.0, 0.1, 0.25, 0.5]), max_size=12).map(lambda found: list(found.items()))


@settings(deadline=None)
@given(rankings, st.dictionaries(ids, st.integers(0, 3), min_size=1), st.integers(1, 12))
def test_identities(rows, grades, k):
    names = [f"{measure}@{k}" for measure in metrics.MEASURES]
    value = {m.partition("@")[0]: by["q"] for m, by in metrics.evaluate({"q": rows}, {"q": grades}, names).items()}
    relevant = sum(grade > 0 for grade in grades.values())
    assert all(0 <= v <= 1 + 1e-12 for v in value.values())
    assert value["mrr"] <= value["hit_rate"] and value["map"] <= value["recall"] + 1e-12
    assert len({v > 0 for v in value.values()}) == 1  # all of them see a hit, or none
    assert value["precision"] * k == pytest.approx(value["recall"] * relevant)
    assert value["f1"] * (k + relevant) == pytest.approx(2 * value["precision"] * k)
    if relevant == 1:
        assert value["recall"] == value["hit_rate"] and value["map"] == pytest.approx(value["mrr"])


@settings(deadline=None)
@given(rankings, st.dictionaries(ids, st.integers(0, 3), min_size=1))
def test_a_longer_list_never_has_fewer_hits_and_the_ideal_order_scores_1(rows, grades):
    names = [f"{measure}@{k}" for measure in ("hit_rate", "recall", "mrr", "map") for k in range(1, 8)]
    found = metrics.evaluate({"q": rows}, {"q": grades}, names)
    for i in range(len(names) - 1):
        if names[i].partition("@")[0] == names[i + 1].partition("@")[0]:
            assert found[names[i]]["q"] <= found[names[i + 1]]["q"] + 1e-12
    if any(grades.values()):
        ideal = {"q": [(document, float(grade)) for document, grade in grades.items()]}
        assert metrics.evaluate(ideal, {"q": grades}, ["ndcg@5"])["ndcg@5"]["q"] == pytest.approx(1)


def test_a_definition_says_gain_ties_and_cut_off():
    told = metrics.definition("ndcg@10")
    assert all(word in told for word in ("linear gain", "cut-off 10", "judged 1 or higher", "document id", "descending"))
    assert "all pairs" in metrics.definition("mean_cosine")
    assert metrics.definition("accuracy@3") is None
    assert metrics.ranked(["ndcg@10", "isoscore", "accuracy@3", "map@100"]) == ["ndcg@10", "map@100"]


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [("ndgc@10", "ndcg@10"), ("mmr@5", "mrr@5"), ("isoscor", "isoscore"), ("acuracy@3", "accuracy@3"), ("ndcg", "ndcg@10")],
)
def test_an_unknown_metric_is_named_with_the_nearest_known(wrong, meant):
    with pytest.raises(InputError) as caught:
        metrics.refuse_unknown(["mrr@10", wrong], {"accuracy@3"}, 1000, "experiment.yaml")
    message = str(caught.value)
    assert "experiment.yaml" in message and f"'{wrong}'" in message and f"did you mean '{meant}'" in message


@pytest.mark.parametrize("wrong", ["ndcg@0", "ndcg@-1", "ndcg@ten", "NDCG@10", "ndcg@10.5", "ndcg@1e1"])
def test_a_malformed_cut_off_is_unknown(wrong):
    with pytest.raises(InputError, match="unknown metric"):
        metrics.evaluate(RUN, QRELS, [wrong])


def test_compiled_code_is_kept_where_asked_unless_the_user_says_where(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", "mine")
    metrics.keep_compiled()
    assert os.environ["NUMBA_CACHE_DIR"] == "mine"
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    metrics.keep_compiled()
    folder = Path(os.environ["NUMBA_CACHE_DIR"])
    assert folder.is_relative_to(tmp_path) and folder.stat().st_mode & 0o777 == 0o700
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null")
    metrics.keep_compiled()
    folder = Path(os.environ["NUMBA_CACHE_DIR"])
    assert folder.is_dir() and folder.stat().st_mode & 0o777 == 0o700
    folder.rmdir()
    monkeypatch.delenv("NUMBA_CACHE_DIR")


def test_known_metrics_pass_and_a_cut_off_below_the_kept_depth_does_not():
    metrics.refuse_unknown(["ndcg@10", "isoscore", "accuracy@3"], {"accuracy@3"}, 10, "here")
    with pytest.raises(InputError, match=r"'recall@11' looks beyond the 10"):
        metrics.refuse_unknown(["recall@11"], set(), 10, "here")


def test_values_are_bit_by_bit_those_of_ranx_as_a_whole():
    numbered = [metrics._numbered(RUN.get(query, []), grades) for query, grades in QRELS.items()]
    from numba.typed import List

    judged, found = (List(list(side)) for side in zip(*numbered, strict=True))
    asked = ["ndcg@10", "ndcg@2", "mrr@10", "mrr@10-l2", "hit_rate@1", "recall@3", "precision@5", "map@10", "f1@3"]
    ours = metrics.evaluate(RUN, QRELS, asked)
    from ranx import evaluate

    theirs = evaluate(judged, found, asked, return_mean=False)
    assert {name: list(values.values()) for name, values in ours.items()} == {name: list(theirs[name]) for name in asked}

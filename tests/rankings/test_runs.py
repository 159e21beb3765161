"""Run files: the same run gives the same bytes, and nothing faulty is written or read in silence."""

import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.data.collection import Collection
from harness.errors import InputError
from harness.rankings import measures, runs

DOCUMENTS = ["d1", "d10", "d2", "AB 1000", "AB%20", "é"]


def collection(candidates=None):
    n = len(DOCUMENTS)
    qrels = {"q1": {"d1": 1}, "q 2": {"d2": 1}}
    return Collection("toy", "test", DOCUMENTS, [""] * n, ["t"] * n, ["q1", "q 2"], ["a", "b"], qrels, candidates, {}, True)


def test_ties_go_to_the_greater_id_and_scores_are_compared_as_floats():
    almost = 0.3 + 1e-9  # the same float32 as 0.3
    assert [d for d, _ in runs.ordered([("d1", almost), ("d2", 0.3), ("d10", 0.3), ("d0", 0.4)])] == ["d0", "d2", "d10", "d1"]


def test_a_run_comes_back_as_float32_whatever_its_ids_hold(tmp_path):
    run = {"q1": [("AB 1000", 0.1), ("AB%20", 0.1), ("é", 1e-30)], "q 2": [("d2", -2.5)]}
    runs.write(tmp_path / "r.gz", run, collection(), "tag")
    back = runs.read(tmp_path / "r.gz", collection())
    assert [d for d, _ in back["q1"]] == ["AB%20", "AB 1000", "é"]
    assert back["q1"][0][1] == float(np.float32(0.1)) != 0.1
    assert back["q 2"] == [("d2", -2.5)]


def test_the_file_is_what_trec_eval_reads(tmp_path):
    runs.write(tmp_path / "r.gz", {"q 2": [("AB 1000", 0.1), ("d2", 0.5)]}, collection(), "mine")
    assert gzip.decompress((tmp_path / "r.gz").read_bytes()).decode() == "q%202 Q0 d2 1 0.5 mine\nq%202 Q0 AB%201000 2 0.1 mine\n"


def test_equal_runs_give_equal_bytes_in_any_order_of_rows(tmp_path):
    rows = [("d1", 0.5), ("d2", 0.5), ("d10", 0.25)]
    runs.write(tmp_path / "one.gz", {"q1": rows, "q 2": rows}, collection(), "tag")
    runs.write(tmp_path / "two.gz", {"q 2": rows[::-1], "q1": rows[::-1]}, collection(), "tag")
    one = (tmp_path / "one.gz").read_bytes()
    assert one == (tmp_path / "two.gz").read_bytes()
    assert one[3:8] == bytes(5)  # gzip's header: no flags (no file name), no time


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), max_size=len(DOCUMENTS)))
def test_every_float32_survives_the_file(tmp_path_factory, scores):
    path = tmp_path_factory.mktemp("run") / "r.gz"
    rows = list(zip(DOCUMENTS, scores, strict=False))
    runs.write(path, {"q1": rows}, collection(), "tag")
    assert dict(runs.read(path, collection()).get("q1", [])) == dict(rows)


@pytest.mark.parametrize(
    ("run", "words"),
    [
        ({"q1": [("d1", 0.1), ("d9", 0.2)]}, ["q1", "'d9'", "toy"]),
        ({"q1": [("d1", 0.1), ("d1", 0.2)]}, ["q1", "'d1' twice"]),
        ({"q1": [("d1", float("nan"))]}, ["NaN", "q1", "d1"]),
        ({"q1": [("d1", 1e300)]}, ["infinite", "q1", "d1"]),
        ({"q3": [("d1", 0.1)]}, ["'q3'", "toy"]),
    ],
)
def test_a_faulty_run_is_refused_and_leaves_no_file(tmp_path, run, words):
    with np.errstate(over="ignore"), pytest.raises(InputError) as caught:
        runs.write(tmp_path / "r.gz", run, collection(), "tag")
    assert all(word in str(caught.value) for word in ["r.gz", *words]), caught.value
    assert list(tmp_path.iterdir()) == []


def test_a_document_outside_the_candidates_is_refused(tmp_path):
    pool = {"q1": ["d1"], "q 2": ["d2"]}
    runs.write(tmp_path / "r.gz", {"q1": [("d1", 1.0)]}, collection(pool), "tag")
    with pytest.raises(InputError, match="'d2', which is not among its candidates"):
        runs.write(tmp_path / "r.gz", {"q1": [("d2", 1.0)]}, collection(pool), "tag")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("q1 Q0 d1 1 0.5\n", [":1", "5 fields"]),
        ("q1 Q0 d1 1 0.5 t\nq1 Q0 d2 2 half t\n", [":2", "'half'"]),
        ("q1 Q0 d9 1 0.5 t\n", ["'d9'"]),
        ("q1 Q0 d1 1 0.5 t\nq1 Q0 d1 2 0.4 t\n", ["'d1' twice"]),
        ("q1 Q0 d1 1 nan t\n", ["NaN"]),
        ("q7 Q0 d1 1 0.5 t\n", ["'q7'"]),
    ],
)
def test_a_malformed_file_is_refused_by_name(tmp_path, text, words):
    (tmp_path / "r.gz").write_bytes(gzip.compress(text.encode()))
    with pytest.raises(InputError) as caught:
        runs.read(tmp_path / "r.gz", collection())
    assert all(word in str(caught.value) for word in ["r.gz", *words]), caught.value


@pytest.mark.parametrize("damage", [lambda whole: whole[:-9], lambda whole: b"<html>", lambda whole: whole[:12] + b"\xff" * 20])
def test_a_damaged_or_missing_file_is_refused_by_name(tmp_path, damage):
    path = tmp_path / "r.gz"
    with pytest.raises(InputError, match="missing"):
        runs.read(path, collection())
    runs.write(path, {"q1": [("d1", 0.5), ("d2", 0.25)]}, collection(), "tag")
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(InputError, match=r"r\.gz: the run file is damaged"):
        runs.read(path, collection())


def test_queries_without_a_ranking_are_named():
    assert runs.missing({"q1": [("d1", 1.0)], "q2": []}, {"q1": {}, "q2": {}, "q3": {}}) == ["q2", "q3"]


def test_measures_come_back_exactly(tmp_path):
    rows = [("v", "c", "isoscore", None, 0.1 + 0.2), ("v", "c", "accuracy@3", "q, 1", 1.0), ("w", "c", "isoscore", None, 1e-17)]
    measures.write_measures(tmp_path / "measures.csv", rows)
    assert measures.read_measures(tmp_path / "measures.csv") == rows


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("v", "c", "m", "q", 1.0), ("v", "c", "m", "q", 2.0)], "'m' of v on c, query 'q' is given twice"),
        ([("v", "c", "m", None, float("nan"))], "'m' of v on c is nan"),
    ],
)
def test_faulty_measures_are_refused(tmp_path, rows, words):
    with pytest.raises(InputError, match=words):
        measures.write_measures(tmp_path / "measures.csv", rows)
    assert not (tmp_path / "measures.csv").exists()


@pytest.mark.parametrize(
    "text",
    [
        "variant,collection,metric,value\nv,c,m,1\n",
        "variant,collection,metric,query_id,value\nv,c,m,,one\n",
        "variant,collection,metric,query_id,value\nv,c,m\n",
    ],
)
def test_a_malformed_measures_file_is_refused_by_name(tmp_path, text):
    (tmp_path / "measures.csv").write_text(text)
    with pytest.raises(InputError, match=r"measures\.csv: malformed"):
        measures.read_measures(tmp_path / "measures.csv")

"""Queries that are documents too, as in ArguAna and Quora: their own document is left out where that is said, never in silence."""

import json
from math import log2

import pytest

from harness import config as settings
from harness.data import counts, loading
from harness.errors import InputError
from harness.rankings import metrics
from harness.rankings.ranking import without_own

PYTHON = """
def build(settings):
    names = ["d1", "d2", "d3", "d4"]
    documents = {"document_ids": names, "titles": [""] * 4, "texts": ["a b", "b a c", "c d", "e"]}
    queries = {"query_ids": ["d1", "d3", "q"], "queries": ["a b", "c d", "e"]}
    return {**documents, **queries, "qrels": {"d1": {"d2": 1}, "d3": {"d2": 1}, "q": {"d4": 1}}, "labels": {}}
"""


def define(workspace, **changes):
    """Give the small workspace's collection queries that are documents, and what its definition says of them."""
    folder = workspace.folder / "collections"
    (folder / "letters.py").write_text(PYTHON)
    written = {"title": "t", "reader": "made", "build": "letters.py", "settings": {}, "split": "test", "licence": "own"}
    (folder / "letters.yaml").write_text(json.dumps(written | changes))
    return settings.load(workspace.folder, {"fidelity": "embedded", "mirror": None})


def scores(workspace):
    """Rank and score the small study as the workflow does; return its scores and what the stages said."""
    import pandas as pd

    said = ""
    for stage in ("rank", "score"):
        code, words = workspace.stage(stage, "--study", "letters", "--group", "shared", "--seed", "0")
        assert code == 0, words
        said += words
    frame = pd.read_parquet(workspace.folder / "results" / "embedded" / "letters" / "shared" / "0" / "scores.parquet")
    frame = frame[frame.variant == "shared"]
    return {(r.metric, r.query_id): r.value for r in frame.itertuples()}, said


def test_the_own_document_is_left_out_and_another_takes_its_place(small):
    small.configure(depth=2)
    path = small.folder / "baselines" / "letters" / "experiment.yaml"
    path.write_text(path.read_text().replace("[mrr@10, hit_rate@1]", "[mrr@2, ndcg@2, recall@2]"))
    define(small, self_retrieval="excluded")
    found, said = scores(small)
    assert [found["mrr@2", q] for q in ("d1", "d3", "q")] == [1, 1, 1] and "own id" not in said
    assert [found["ndcg@2", q] for q in ("d1", "d3", "q")] == [1, 1, 1] and found["recall@2", "d3"] == 1
    define(small, self_retrieval="kept")
    found, said = scores(small)
    assert [found["ndcg@2", q] for q in ("d3", "q")] == [pytest.approx(1 / log2(3)), 1] and "own id" not in said
    assert ("own_documents", None) not in {(metric, None) for metric, _ in found}


def test_where_nothing_is_said_the_score_the_page_and_the_last_lines_say_so(small):
    from harness.pages import scoreboard
    from harness.studies import study

    config = define(small)
    found, said = scores(small)
    assert [found["mrr@10", q] for q in ("d3", "q")] == [1 / 2, 1]  # ranked as any other document
    assert "letters.yaml: collection 'letters': 2 of 3 query ids are ids of documents too (such as 'd1')" in said
    assert "2 queries rank the document of their own id, the first 'd1'" in said
    shown = scoreboard.rows(study.load(small.folder / "baselines" / "letters", study.folders(small.folder), "embedded"), config)
    assert [row["mean"] for row in shown if row["metric"] == "own_documents"] == ["2"]
    assert small.stage("fetch")[0] == 0
    for name in ("audit --output results/embedded/findings.csv", "judge --study letters", "judge --study paper"):
        stage, *options = name.split()
        assert small.stage(stage, *options)[0] == 0
    code, told = small.stage("summary")
    assert code == 0 and "caution: " in told and "write self_retrieval: excluded" in told


def test_what_is_said_is_one_of_two_words(small):
    config = define(small, self_retrieval="exclude")
    with pytest.raises(InputError, match=r"letters\.yaml: self_retrieval: Input should be 'excluded' or 'kept' .*'exclude'"):
        loading.load("letters", config)
    config = define(small, self_retrieval=True)
    with pytest.raises(InputError, match=r"letters\.yaml: self_retrieval: Input should be 'excluded' or 'kept' \(you wrote: True\)"):
        loading.load("letters", config)


def test_a_judgement_that_can_never_be_met_is_told(small):
    path = small.folder / "collections" / "letters.py"
    config = define(small, self_retrieval="excluded")
    path.write_text(PYTHON.replace('"d1": {"d2": 1}', '"d1": {"d2": 1, "d1": 1}'))
    told = counts.cautions(path, loading.load("letters", config))
    assert len(told) == 1 and "1 queries judge the document of their own id (such as 'd1') relevant" in told[0]


def test_ids_that_do_not_meet_are_not_told(small, capsys):
    loading.load("letters", settings.load(small.folder, {"fidelity": "embedded", "mirror": None}))
    assert capsys.readouterr().err == ""


def test_a_definition_of_a_metric_says_what_holds():
    assert metrics.definition("mrr@10", "excluded").endswith("the document with the query's own id is excluded, no other")
    assert metrics.definition("mrr@10", "kept").endswith("no document is excluded")
    assert "self_retrieval" in metrics.definition("mrr@10")


def test_the_cut_comes_after_the_own_document_has_gone():
    run = {"a": [("b", 0.5), ("a", 0.9), ("c", 0.7)], "x": [("a", 1.0), ("b", 0.9), ("c", 0.8)]}
    assert [[d for d, _ in rows] for rows in without_own(run, 2).values()] == [["c", "b"], ["a", "b"]]

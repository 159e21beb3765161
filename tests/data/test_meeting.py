"""Ids that do not meet: each reader names the file, the share and an id of either side; a header is no judgement."""

import json

import pytest

from harness.data import counts
from harness.data.collection import Collection
from harness.data.readers import layouts
from harness.errors import InputError


def jsonl(*names):
    return "".join(json.dumps({"_id": name, "text": "t"}) + "\n" for name in names)


def files(folder, **texts):
    found = {}
    for name, text in texts.items():
        (folder / name).write_text(text)
        found[name] = folder / name
    return found


def beir(folder, qrels, outside=None):
    found = files(folder, corpus=jsonl("D1", "D2", "D3"), queries=jsonl("7", "8"), qrels=qrels)
    names = {"corpus.jsonl": found["corpus"], "queries.jsonl": found["queries"], "qrels/test.tsv": found["qrels"]}
    return layouts.beir(names, {"split": "test", "judged_outside": outside}, folder)


def pool(folder, qrels, run="7 Q0 D1 1 2.0 t\n", outside="counted"):
    found = files(folder, passages=jsonl("D1", "D2", "D3"), queries="7\tone\n8\ttwo\n", qrels=qrels, run=run)
    return layouts.pool(found, {name: name for name in found} | {"judged_outside": outside}, folder)


def large(folder, qrels):
    return layouts.large(files(folder, queries="7\tone\n8\ttwo\n", qrels=qrels), {"qrels": "qrels", "queries": "queries"}, folder)


def table(folder, relevant):
    documents = {"file": "documents", "id": ["id"], "title": None, "text": "text", "label": None}
    queries = {"file": "queries", "text": "text", "relevant": "liked", "separator": ";", "prefix": "q"}
    found = files(folder, documents="id,text\nD1,t\nD2,t\nD3,t\n", queries=f"text,liked\none,{relevant}\n")
    return layouts.table(found, {"documents": documents, "queries": queries}, folder)


@pytest.mark.parametrize(
    ("read", "qrels", "said"),
    [
        (beir, "7\tD1\t1\n7\tX9\t1\n", "/qrels: query '7' judges 'X9', which is no document: 1 of 2 document ids (50.0%) are not in"),
        (beir, "7\tX8\t1\n7\tX9\t1\n", "/corpus, it has ids such as 'D1'"),
        (beir, "7\td1\t1\n7\td2\t1\n", "they differ in case"),
        (beir, "7.0\tD1\t1\n", "the query '7.0', which is not there: 1 of 1 query ids (100.0%) are not in"),
        (beir, "7.0\tD1\t1\n", "it has ids such as '7'; they differ in case, blanks, quotes, leading zeros or '.0' alone"),
        (beir, "007\tD1\t1\n", "they differ in case, blanks, quotes, leading zeros"),
        (beir, "7\tD1\t1\n9\tD2\t1\n", "the query '9', which is not there: 1 of 2 query ids (50.0%) are not in"),
        (large, "9 0 D1 1\n", "/qrels: the qrels name the query '9', which is not there: 1 of 1 query ids (100.0%)"),
        (pool, "9 0 D1 1\n", "/queries, it has ids such as '7'"),
        (pool, "8 0 D1 1\n", "/run, it has ids such as '7'"),
        (pool, "7 0 X1 1\n", "/qrels: query '7' judges 'X1', which is no document: 1 of 1 document ids (100.0%)"),
        (table, "D1; 4", "/queries: query 'q1' judges '4', which is no document: 1 of 2 document ids (50.0%)"),
    ],
)  # fmt: skip
def test_ids_that_do_not_meet_are_told_with_file_share_and_examples(tmp_path, read, qrels, said):
    with pytest.raises(InputError) as caught:
        read(tmp_path, qrels)
    assert said in str(caught.value)


def test_candidates_without_a_text_are_told_by_the_runs_name(tmp_path):
    with pytest.raises(
        InputError, match=r"/run: query '7' has the candidate 'X', which is no document: 1 of 2 .*/passages, it has"
    ):
        pool(tmp_path, "7 0 D1 1\n", "7 Q0 D1 1 2.0 t\n7 Q0 X 2 1.0 t\n")


def test_judgements_outside_are_counted_where_that_is_said_unless_all_are(tmp_path):
    assert beir(tmp_path, "7\tD1\t1\n7\tX9\t1\n", "counted")["qrels"] == {"7": {"D1": 1, "X9": 1}}
    assert pool(tmp_path, "7 0 D1 1\n7 0 X 1\n")["qrels"] == {"7": {"D1": 1, "X": 1}}
    with pytest.raises(InputError, match="1 of 1 document ids"):
        beir(tmp_path, "7\tX9\t1\n", "counted")


@pytest.mark.parametrize("head", ["query-id{}corpus-id{}score", "qid{}docid{}relevance", "Query{}Doc ID{}Label", ""])
def test_a_header_is_no_judgement_in_any_reader(tmp_path, head):
    line = head.format("\t", "\t") + "\n"
    assert beir(tmp_path, line + "7\tD1\t1\n")["qrels"] == {"7": {"D1": 1}}
    four = head.replace(" ", "").format(" iter ", " ") + "\n"
    for read in (pool, large):
        assert read(tmp_path, four + "7 0 D1 1\n")["qrels"] == {"7": {"D1": 1}}


@pytest.mark.parametrize("grade", ["1.0", "nan", "1e0", "", "x1", "-"])
def test_a_first_judgement_with_a_bad_grade_is_no_header(tmp_path, grade):
    with pytest.raises(InputError, match="qrels:1: the grade"):
        beir(tmp_path, f"7\tD1\t{grade}\n8\tD2\t1\n")


@pytest.mark.parametrize(
    ("documents", "queries", "qrels", "said"),
    [
        ([1, 2], ["q"], {"q": {1: 1}}, "the document id 1 is of the type 'int'; ids are text"),
        (["1", "2"], ["q"], {"q": {1: 1}}, "the document id 1 is of the type 'int'"),
        (["1"], [5], {5: {"1": 1}}, "the query id 5 is of the type 'int'"),
        (
            ["1", "2"],
            ["q"],
            {"q": {"01": 1, "2": 1}},
            "1 of 2 document ids (50.0%) are not in the documents, it has ids such as '1'",
        ),
        (["1"], ["q"], {"Q": {"1": 1}}, "the qrels name the query 'Q', which is not there: 1 of 1 query ids (100.0%)"),
    ],
)
def test_a_collection_by_any_route_is_told_too(tmp_path, documents, queries, qrels, said):
    blank = [""] * len(documents)
    built = Collection("c", "test", documents, blank, blank, queries, ["t"] * len(queries), qrels, None, {}, False)
    with pytest.raises(InputError) as caught:
        counts.check(tmp_path / "c.yaml", {}, built)
    assert said in str(caught.value) and str(caught.value).startswith(f"{tmp_path / 'c.yaml'}: collection 'c': ")

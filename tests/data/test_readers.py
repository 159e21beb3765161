"""Readers: each layout from small files, and every malformed line named by file and line."""

import gzip
import json

import pytest

from harness import config
from harness.data import loading
from harness.data.readers import content, layouts
from harness.errors import InputError
from harness.text import read_yaml

COURSES = (
    "Faculty,Code,Title,Description,All\r\n"
    'ELG,1000,"Circuits, basic ","He said ""volt""","circuits, ""volt""\r\nsecond line"\r\n'
    "MCG,2000,Gears,Of wheels,gears of wheels\r\n"
)
STATEMENTS = "Text,Liked\r\ni like circuits,ELG 1000\r\nundecided,\r\ngears and circuits,MCG 2000; ELG 1000;\r\n"
TABLE = {
    "split": "test",
    "documents": {"file": "c.csv", "id": ["Faculty", "Code"], "title": None, "text": "All", "label": "Faculty"},
    "queries": {"file": "s.csv", "text": "Text", "relevant": "Liked", "separator": ";", "prefix": "test"},
}


def write(folder, **texts):
    files = {}
    for name, text in texts.items():
        path = folder / name.replace("_", ".")
        path.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
        files[path.name] = path
    return files


def table(tmp_path, courses=COURSES, statements=STATEMENTS, **documents):
    settings = TABLE | {"documents": TABLE["documents"] | documents}
    return layouts.table(write(tmp_path, c_csv=courses, s_csv=statements), settings, tmp_path)


def test_a_table_is_read_with_quotes_line_ends_and_several_labels(tmp_path):
    read = table(tmp_path)
    assert read["document_ids"] == ["ELG 1000", "MCG 2000"] and read["titles"] == ["", ""]
    assert read["texts"] == ['circuits, "volt"\r\nsecond line', "gears of wheels"]
    assert read["queries"] == ["i like circuits", "gears and circuits"]  # the one without a label is not evaluated
    assert read["qrels"] == {"test1": {"ELG 1000": 1}, "test3": {"MCG 2000": 1, "ELG 1000": 1}}
    assert read["labels"] == {"Faculty": {"ELG 1000": "ELG", "MCG 2000": "MCG"}}


def test_a_table_may_index_titles_alone_or_a_text_without_them(tmp_path):
    assert table(tmp_path, title="Title", text=None)["titles"] == ["Circuits, basic", "Gears"]
    assert table(tmp_path, title="Title", text=None)["texts"] == ["", ""]
    read = table(tmp_path, text="Description", label=None)
    assert read["texts"] == ['He said "volt"', "Of wheels"] and read["labels"] == {}


@pytest.mark.parametrize(
    ("courses", "words"),
    [
        (COURSES + "ELG,3000,short\r\n", r"c\.csv:5: a row without exactly 5 fields"),
        (COURSES + "a,b,c,d,e,f\r\n", r"c\.csv:5: a row without exactly 5 fields"),
        (COURSES + 'a,b,c,d,"open\r\n', r"c\.csv:5: malformed CSV: unexpected end"),
        (COURSES.replace("Code", "code", 1), r"c\.csv: no column 'Code' \(columns: Faculty, code"),
        ("", r"c\.csv: no column 'Faculty'"),
    ],
)
def test_a_bad_table_is_named_by_file_and_line(tmp_path, courses, words):
    with pytest.raises(InputError, match=words):
        table(tmp_path, courses)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{bad", r"x\.jsonl:2: not JSON"),
        ('{"_id": "a"}', r"x\.jsonl:2: the key 'text' is missing"),
        ('{"_id": 5, "text": "t"}', r"x\.jsonl:2: '_id' is no string \(it is 5\)"),
        ('"_id text"', r"x\.jsonl:2: not a JSON object"),
        ("[1]", r"x\.jsonl:2: not a JSON object"),
    ],
)
@pytest.mark.parametrize("name", ["x_jsonl", "x_jsonl_gz"])
def test_a_bad_json_line_is_named(tmp_path, line, words, name):
    files = write(tmp_path, **{name: '{"_id": "a", "text": "t"}\n' + line + "\n"})
    with pytest.raises(InputError, match=words.replace(":2", r"(\.gz)?:2")):
        list(content.json_lines(next(iter(files.values())), "_id", "text"))


def beir(tmp_path, qrels):
    documents = '{"_id": "d1", "title": null, "text": "a\u2028b"}\n{"_id": "d2", "text": "c"}\n'
    files = write(tmp_path, corpus_jsonl=documents, queries_jsonl='{"_id": "q1", "text": "x"}\n', test_tsv=qrels)
    files["qrels/test.tsv"] = files.pop("test.tsv")
    return layouts.beir(files, {"split": "test"}, tmp_path)


def test_beir_is_read_whatever_line_separators_its_texts_hold(tmp_path):
    read = beir(tmp_path, "query-id\tcorpus-id\tscore\r\nq1\td2\t1\r\n")
    assert read["texts"] == ["a\u2028b", "c"] and read["titles"] == ["", ""] and read["qrels"] == {"q1": {"d2": 1}}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("q1 d1\n", r"test\.tsv:3: 1 fields, but 3 are expected"),
        ("q1\td1\tx\n", r"test\.tsv:3: the grade 'x' is no whole number"),
        ("q1\td2\t0\n", r"test\.tsv:3: query 'q1' judges 'd2' a second time"),
    ],
)
def test_a_bad_judgement_is_named_by_file_and_line(tmp_path, line, words):
    with pytest.raises(InputError, match=words):
        beir(tmp_path, "query-id\tcorpus-id\tscore\nq1\td2\t1\n" + line)


def test_a_query_of_a_separated_file_may_hold_other_line_separators(tmp_path):
    files = write(tmp_path, q_tsv="1\tone\u2028two\r\n\n2\tthree\n")
    assert [parts for _, parts in content.fields(files["q.tsv"], "\t", 2)] == [["1", "one\u2028two"], ["2", "three"]]


def test_a_gzip_cut_short_or_not_gzip_or_not_utf8_is_refused(tmp_path):
    path = tmp_path / "x.gz"
    whole = gzip.compress(b"some text " * 100)
    for bad in (whole[:-9], b"no gzip", whole[:15] + b"\xff\xff\xff" + whole[18:]):
        path.write_bytes(bad)
        with pytest.raises(InputError, match=r"x\.gz: not a whole gzip file"):
            list(content.lines(path))
    path.write_bytes(gzip.compress(b"\xe9"))
    with pytest.raises(InputError, match=r"x\.gz:1: not UTF-8 at byte 0"):
        list(content.lines(path))


def test_a_passage_given_twice_is_refused():
    with pytest.raises(InputError, match="passage 'p1' is given twice"):
        layouts.pooled({"1": "q"}, {"1": {"p1": 1}}, {"1": ["p1"]}, [("p1", "a"), ("p1", "b")])


def test_a_folder_gives_its_files_with_the_labels_of_those_present(tmp_path):
    labels = "file,hours,tas\na.md,3,Ann\nb.md,EMPTY,Bob\ngone.md,1,Cid\n"
    files = write(tmp_path, labels_csv=labels, b_md="bee\n", a_md="ay\n")
    settings = {"labels": "labels.csv", "key": "file", "columns": ["hours", "tas"], "split": "test"}
    read = layouts.folder(files, settings, tmp_path)
    assert read["document_ids"] == ["b.md", "a.md"] and read["texts"] == ["bee\n", "ay\n"] and read["qrels"] == {}
    assert read["labels"] == {"hours": {"b.md": "EMPTY", "a.md": "3"}, "tas": {"b.md": "Bob", "a.md": "Ann"}}
    files |= write(tmp_path, c_md="sea")
    with pytest.raises(InputError, match="no row for the file 'c.md'"):
        layouts.folder(files, settings, tmp_path)
    write(tmp_path, labels_csv=labels + "a.md,4,Ann\n")
    with pytest.raises(InputError, match="'a.md' has two rows"):
        layouts.folder(files, settings, tmp_path)


def test_a_made_collection_is_built_by_the_file_beside_its_definition(tmp_path):
    (tmp_path / "m.py").write_text("def build(settings):\n    return {'texts': ['x'] * settings['n']}\n")
    assert layouts.made({}, {"build": "m.py", "settings": {"n": 2}}, tmp_path) == {"texts": ["x", "x"]}
    with pytest.raises(InputError, match=r"gone\.py: the file that should build"):
        layouts.made({}, {"build": "gone.py", "settings": {}}, tmp_path)


def test_a_study_may_read_its_own_files_and_other_collections(tmp_path):
    (tmp_path / "o.py").write_text(
        "def build(settings, files, collections):\n    return [settings, sorted(files), collections]\n"
    )
    read = layouts.own({"f": tmp_path}, {"build": "o.py", "settings": {"n": 2}, "from": {"c": 1}}, tmp_path)
    assert read == [{"n": 2}, ["f"], {"c": 1}]


def made(name, **changes):
    path = loading.find(config.ROOT)[name]
    raw = json.loads(json.dumps(read_yaml(path)))
    return layouts.made({}, {"build": raw["build"], "settings": raw["settings"] | changes}, path.parent)


@pytest.mark.parametrize(("name", "count"), [("made_claims", "documents"), ("made_courses", "courses")])
def test_the_projects_own_collections_follow_their_seed(name, count):
    assert made(name) == made(name) and made(name) != made(name, seed=1)
    assert len(made(name, **{count: 300})["document_ids"]) == 300


def test_the_made_catalogue_grows_past_two_thousand_courses_of_seven_faculties():
    read = made("made_courses", courses=2500)
    assert len(set(read["document_ids"])) == 2500 and len(set(read["labels"]["Faculty"].values())) == 7
    assert len(set(read["titles"])) == 2500


def test_shared_words_help_in_the_made_claims_but_do_not_suffice():
    read = made("made_claims")
    words = [set(f"{title} {text}".replace(".", "").split()) for title, text in zip(read["titles"], read["texts"], strict=True)]
    best = 0
    for query, text in zip(read["query_ids"], read["queries"], strict=True):
        shared = [len(set(text.split()) & document) for document in words]
        best += read["document_ids"][shared.index(max(shared))] in read["qrels"][query]
    assert 0.3 < best / len(read["query_ids"]) < 0.9


BOM = b"\xef\xbb\xbf"
QRELS, ASKED = b"q1 0 p1 1\nq1 0 p2 0\n", b"q1\twhat\n"


def large(folder, qrels=QRELS, queries=ASKED):
    files = write(folder, qrels="", queries="")
    for name, text in (("qrels", qrels), ("queries", queries)):
        files[name].write_bytes(text)
    return layouts.large(files, {"qrels": "qrels", "queries": "queries"}, folder)


def test_a_byte_order_mark_changes_nothing(tmp_path):
    assert large(tmp_path, BOM + QRELS, BOM + ASKED) == large(tmp_path)
    run = tmp_path / "run"
    run.write_bytes(BOM + b"q1 Q0 p1 1 2.0 t\nq2 Q0 p1 1 2.0 t\n")
    assert layouts.run_of(run) == {"q1": ["p1"], "q2": ["p1"]}
    path = tmp_path / "c.csv"
    path.write_bytes(BOM + b"a,b\n1,2\n")
    assert content.rows(path, "a", "b") == [{"a": "1", "b": "2"}]


def test_judged_queries_of_a_large_collection_must_have_their_text(tmp_path):
    with pytest.raises(
        InputError, match=r"qrels: the qrels name the query 'q2'.*1 of 2 query ids \(50\.0%\) are not in .*queries"
    ):
        large(tmp_path, QRELS + b"q2 0 p1 1\n")
    assert large(tmp_path, b"q1 0 p1 0\n")["qrels"] == {"q1": {"p1": 0}}  # judged, and nothing found relevant


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_first_line_that_is_a_judgement_is_kept(tmp_path, ending):
    first = ending.join(["q1\tp1\t1", "q2\tp2\t1", ""])
    headed = "query-id\tcorpus-id\tscore" + ending + first
    read = []
    for text in (first, headed):
        files = write(tmp_path, corpus_jsonl='{"_id": "p1", "text": "t"}\n{"_id": "p2", "text": "t"}\n',
                      queries_jsonl='{"_id": "q1", "text": "t"}\n{"_id": "q2", "text": "t"}\n')  # fmt: skip
        path = tmp_path / "test.tsv"
        path.write_bytes(text.encode())
        read.append(layouts.beir({**files, "qrels/test.tsv": path}, {"split": "test"}, tmp_path))
    assert read[0] == read[1] and read[0]["qrels"] == {"q1": {"p1": 1}, "q2": {"p2": 1}}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"_id": "a", "_id": "b", "text": "t"}', "the key '_id' is given twice"),
        ('{"_id": "a", "text": "t", "x": NaN}', "NaN is no number"),
        ('{"_id": "a", "text": "\\ud800"}', "'text' holds half a character"),
        ('{"_id": "a", "text": "t", "x": ' + "9" * 5000 + "}", "not JSON"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_json_that_hides_a_mistake_is_refused(tmp_path, line, said):
    path = tmp_path / "x.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(InputError, match=said) as caught:
        list(content.json_lines(path, "_id", "text"))
    assert str(caught.value).startswith(f"{path}:1: ") and len(str(caught.value)) < 400


@pytest.mark.parametrize("grade", ["1.0", "nan", "1_0", "", "1e3", "12345678"])
def test_a_grade_is_a_whole_number(grade):
    with pytest.raises(InputError, match="is no whole number"):
        content.judge({}, "f:1", "q", "d", grade)


def test_columns_and_ids_stand_once(tmp_path):
    path = tmp_path / "x"
    path.write_text("a,b,a\n1,2,3\n")
    with pytest.raises(InputError, match="the column 'a' stands twice"):
        content.rows(path, "a")
    path.write_text("q1\tone\nq1\tother\n")
    with pytest.raises(InputError, match="x:2: the id 'q1' is given twice"):
        content.texts_by_id(path)


def test_a_long_cell_is_read_and_a_row_is_named_by_its_first_line(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text('a,b\n1,"' + "word " * 40_000 + '"\n2,"two\nlines"\n3\n')
    with pytest.raises(InputError, match=r"x\.csv:5: a row without exactly 2 fields"):
        content.rows(path)
    path.write_text('a,b\n1,"' + "word " * 40_000 + '"\n')
    assert len(content.rows(path)[0]["b"]) == 200_000


def test_what_no_text_file_is_costs_neither_time_nor_memory(tmp_path):
    import os

    path = tmp_path / "bomb.gz"
    with gzip.open(path, "wb", compresslevel=9) as packed:
        for _ in range(20):
            packed.write(b"\n" * 1_000_000)
    with pytest.raises(InputError, match="unpack to more than 100 times as many"):
        list(content.lines(path))
    (tmp_path / "long").write_bytes(b"x" * 17_000_000)
    with pytest.raises(InputError, match="a line of more than 16000000 bytes"):
        list(content.lines(tmp_path / "long"))
    (tmp_path / "nul").write_bytes(b"a\nb\0\n")
    with pytest.raises(InputError, match="nul:2: a NUL character"):
        list(content.lines(tmp_path / "nul"))
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(InputError, match="not a file"):
            list(content.lines(path))

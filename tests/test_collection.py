"""Collections: checked before use, and the same by every route."""

import gzip
import hashlib
import json
import os
import zipfile
from pathlib import Path

import pytest

from harness import collection, config
from harness.collection import Collection
from harness.errors import InputError
from harness.readers import layouts, public

MIRROR = os.environ.get("WORKBENCH_MIRROR")
DOCUMENTS = [{"_id": "d1", "title": "T", "text": "one"}, {"_id": "d2", "title": "", "text": "two \u03bb"}]
QUERIES = [{"_id": "q1", "text": "eins"}, {"_id": "q2", "text": "unjudged"}]
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\n"


def jsonl(rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.fixture
def root(tmp_path):
    (tmp_path / "config.yaml").write_text((config.ROOT / "config.yaml").read_text())
    (tmp_path / "collections").mkdir()
    mirror = tmp_path / "mirror" / "tiny"
    (mirror / "qrels").mkdir(parents=True)
    (mirror / "corpus.jsonl.gz").write_bytes(gzip.compress(jsonl(DOCUMENTS).encode()))
    (mirror / "queries.jsonl").write_text(jsonl(QUERIES))
    (mirror / "qrels" / "test.tsv").write_text(QRELS)
    define(tmp_path)
    return tmp_path


def define(root, **changes):
    mirror = root / "mirror" / "tiny"
    files = {name: {"bytes": None, "sha256": None} for name in ("corpus.jsonl.gz", "queries.jsonl", "qrels/test.tsv")}
    assert mirror.exists()
    written = {"title": "t", "reader": "beir", "split": "test", "licence": "l", "origin": "o", "get": "g",
               "sources": {"mirror": "tiny"}, "files": files, "counts": {"documents": 2, "queries": 1, "qrels": 2}}  # fmt: skip
    (root / "collections" / "tiny.yaml").write_text(json.dumps(written | changes))


def load(root):
    return collection.load("tiny", config.load(root, {"fidelity": "substitute", "mirror": str(root / "mirror")}))


def test_queries_come_from_the_qrels(root):
    loaded = load(root)
    assert (
        loaded.query_ids == ["q1"] and loaded.qrels == {"q1": {"d1": 2, "d2": 0}} and loaded.document_texts == ["T one", "two λ"]
    )


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("queries.jsonl", jsonl([*QUERIES, QUERIES[0]]), "query id 'q1' is given twice"),
        ("queries.jsonl", jsonl(QUERIES) + "{bad\n", r"queries\.jsonl:3"),
        ("queries.jsonl", jsonl([{"_id": "q1"}]), r"queries\.jsonl:1: the key 'text' is missing"),
        ("queries.jsonl", jsonl(QUERIES[1:]), "is empty"),
        ("qrels/test.tsv", QRELS + "q1\td9\t1\n", "'q1' judges 'd9'"),
        ("qrels/test.tsv", QRELS + "q1 d1\n", r"test\.tsv:4: 1 fields"),
        ("qrels/test.tsv", QRELS + "q1\td1\tx\n", "grade 'x'"),
        ("qrels/test.tsv", QRELS[:-8], "1 qrels, but 2 are pinned"),
        ("corpus.jsonl.gz", "not gzip", "not a whole gzip"),
    ],
)
def test_bad_content_names_the_file_and_what(root, file, content, words):
    (root / "mirror" / "tiny" / file).write_text(content)
    with pytest.raises(InputError, match=words):
        load(root)


def test_a_gzip_cut_short_is_refused(root):
    path = root / "mirror" / "tiny" / "corpus.jsonl.gz"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(InputError, match="corpus.jsonl.gz: not a whole gzip"):
        load(root)


def test_duplicate_documents_counts_and_digest(root):
    define(root, counts={"documents": 3})
    with pytest.raises(InputError, match="2 documents, but 3 are pinned"):
        load(root)
    define(root, digest="0" * 64)
    with pytest.raises(InputError, match="digest"):
        load(root)
    define(root)
    rows = jsonl([DOCUMENTS[0], DOCUMENTS[0]])
    (root / "mirror" / "tiny" / "corpus.jsonl.gz").write_bytes(gzip.compress(rows.encode()))
    with pytest.raises(InputError, match="document id 'd1' is given twice"):
        load(root)


def test_an_unknown_key_or_reader_is_named(root):
    define(root, redear="x")
    with pytest.raises(InputError, match="'redear'.*did you mean 'reader'"):
        load(root)
    define(root, reader="bier")
    with pytest.raises(InputError, match="'bier'.*did you mean 'beir'"):
        load(root)


def archive(home, name, documents, queries, qrels):
    """Lay files out as ir_datasets expects a BEIR set."""
    path = home / "beir" / name / "source.zip"
    path.parent.mkdir(parents=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(f"{name}/corpus.jsonl", documents)
        packed.writestr(f"{name}/queries.jsonl", queries)
        packed.writestr(f"{name}/qrels/test.tsv", qrels)
    return path


def by_ir_datasets(home, name, monkeypatch):
    """Read a set through ir_datasets in a fresh process: it reads its home at import."""
    import subprocess
    import sys

    code = f"""
import json, ir_datasets
from harness.collection import Collection
from harness.readers import public
content = public.content(ir_datasets.load("beir/{name}/test"))
c = Collection(**content, name="x", split="test", candidates=None, labels={{}}, made=False)
print(c.digest)
"""
    environment = {**os.environ, "IR_DATASETS_HOME": str(home), "PYTHONPATH": str(config.ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


def test_the_public_route_gives_the_same_digest(root, tmp_path, monkeypatch):
    archive(tmp_path / "home", "scifact", jsonl(DOCUMENTS), jsonl(QUERIES), QRELS)
    assert by_ir_datasets(tmp_path / "home", "scifact", monkeypatch) == load(root).digest


@pytest.mark.skipif(not MIRROR, reason="no mirror: set WORKBENCH_MIRROR")
@pytest.mark.parametrize("name", ["scifact", "nfcorpus"])
def test_the_public_route_gives_the_same_digest_on_real_data(name, tmp_path, monkeypatch):
    folder = Path(MIRROR) / name
    texts = [gzip.decompress((folder / f"{part}.jsonl.gz").read_bytes()) for part in ("corpus", "queries")]
    archive(tmp_path, name, *texts, (folder / "qrels" / "test.tsv").read_bytes())
    settings = config.load(overrides={"fidelity": "substitute", "mirror": MIRROR})
    assert by_ir_datasets(tmp_path, name, monkeypatch) == collection.load(name, settings).digest


def test_an_altered_archive_is_refused(tmp_path):
    path = archive(tmp_path, "scifact", "", "", "")
    raw = path.read_bytes()
    pinned = {"bytes": len(raw), "md5": hashlib.md5(raw).hexdigest()}
    public.verify(path, pinned)
    path.write_bytes(raw[:-1])
    with pytest.raises(InputError, match="truncated or altered"):
        public.verify(path, pinned)


def test_the_digest_sees_every_part_and_no_order():
    base = {"name": "c", "split": "s", "document_ids": ["a", "b"], "titles": ["", "t"], "texts": ["x", "y"], "query_ids": ["q"],
            "queries": ["z"], "qrels": {"q": {"a": 1}}, "candidates": None, "labels": {}, "made": False}  # fmt: skip
    swapped = base | {"document_ids": ["b", "a"], "titles": ["t", ""], "texts": ["y", "x"]}
    assert Collection(**base).digest == Collection(**swapped).digest
    for change in ({"titles": ["u", "t"]}, {"texts": ["x", "z"]}, {"queries": ["w"]}, {"qrels": {"q": {"a": 2}}}, {"labels": {"l": {"a": "1"}}},
                   {"candidates": {"q": ["a"]}}):  # fmt: skip
        assert Collection(**base | change).digest != Collection(**base).digest


def test_a_pool_keeps_judgements_outside_it(tmp_path):
    (tmp_path / "q").write_text("1\thow\n2\tnot judged\n")
    (tmp_path / "j").write_text("1 0 p1 3\n1 0 p9 1\n")
    (tmp_path / "r").write_text("1 Q0 p1 1 9.5 t\n1 Q0 p2 2 9.1 t\n2 Q0 p3 1 1 t\n")
    (tmp_path / "p").write_text(jsonl([{"_id": p, "text": p} for p in ("p1", "p2", "p3")]))
    settings = {"queries": "q", "qrels": "j", "run": "r", "passages": "p", "split": "test"}
    content = layouts.pool({name: tmp_path / name for name in "qjrp"}, settings, tmp_path)
    assert content["qrels"] == {"1": {"p1": 3, "p9": 1}} and content["candidates"] == {"1": ["p1", "p2"]}
    assert content["document_ids"] == ["p1", "p2"] and content["query_ids"] == ["1"]


@pytest.mark.parametrize("name", sorted(collection.find(config.ROOT)))
def test_every_collection_that_is_at_hand_is_as_pinned(name):
    settings = config.load(overrides={"fidelity": "substitute", "mirror": MIRROR, "download": False})
    try:
        loaded = collection.load(name, settings)
    except InputError as error:
        if (MIRROR is None and "is missing; tried" in str(error)) or "put the archive" in str(error):
            pytest.skip("not at hand")
        raise
    assert loaded.document_ids

"""Collections: checked before use, and the same by every route."""

import gzip
import hashlib
import json
import os
import tarfile
import zipfile
from pathlib import Path

import pytest
import yaml

from harness import config, fetch
from harness.data import asset, counts, loading
from harness.data.collection import Collection
from harness.data.readers import public
from harness.errors import InputError
from harness.studies.fidelity import materials

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
    return tmp_path


def define(root, name="tiny", **changes):
    """Write a definition that pins the mirror's files as they are now."""
    mirror = root / "mirror" / name
    pins = {}
    for path in sorted(path for path in mirror.rglob("*") if path.is_file()):
        raw = path.read_bytes()
        pins[str(path.relative_to(mirror))] = {"bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
    written = {"title": "t", "reader": "beir", "split": "test", "licence": "l", "origin": "o", "get": "g",
               "sources": {"mirror": name}, "files": pins, "counts": {"documents": 2, "queries": 1, "qrels": 2}}  # fmt: skip
    written = {key: value for key, value in (written | changes).items() if value is not None}
    (root / "collections" / f"{name}.yaml").write_text(json.dumps(written))


def load(root, name="tiny", **more):
    settings = {"fidelity": "substitute", "mirror": str(root / "mirror"), "download": False} | more
    return loading.load(name, config.load(root, settings))


def test_queries_come_from_the_qrels(root):
    define(root)
    loaded = load(root)
    assert loaded.query_ids == ["q1"] and loaded.qrels == {"q1": {"d1": 2, "d2": 0}}
    assert loaded.document_texts == ["T one", "two λ"] and not loaded.made


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("queries.jsonl", jsonl([*QUERIES, QUERIES[0]]), "query id 'q1' is given twice"),
        (
            "queries.jsonl",
            jsonl(QUERIES[1:]),
            r"test\.tsv: the qrels name the query 'q1'.*1 of 1 query ids \(100\.0%\).*such as 'q2'",
        ),
        ("queries.jsonl", "", r"test\.tsv: the qrels name the query 'q1'.*queries\.jsonl, it has none"),
        ("qrels/test.tsv", QRELS + "q1\td9\t1\n", "'q1' judges 'd9', which is no document"),
        ("qrels/test.tsv", QRELS + "q9\td1\t1\n", "name the query 'q9', which is not there"),
        ("qrels/test.tsv", QRELS[:-8], "1 qrels, but 2 are pinned"),
        ("corpus.jsonl.gz", "", r"test\.tsv: query 'q1' judges 'd1'.*2 of 2 document ids.*corpus\.jsonl\.gz, it has none"),
    ],
)
def test_bad_content_names_the_collection_and_what(root, file, content, words):
    path = root / "mirror" / "tiny" / file
    path.write_bytes(gzip.compress(content.encode()) if file.endswith(".gz") else content.encode())
    define(root)
    with pytest.raises(InputError, match=words):
        load(root)


def test_a_query_without_a_judgement_is_refused():
    lone = Collection("c", "s", ["d"], [""], ["t"], ["q", "r"], ["x", "y"], {"q": {"d": 1}}, None, {}, False)
    with pytest.raises(InputError, match="the query 'r' has no judgement"):
        counts.check(Path("c.yaml"), {}, lone)


def test_duplicate_documents_counts_and_digest(root):
    define(root, counts={"documents": 3})
    with pytest.raises(InputError, match="2 documents, but 3 are pinned"):
        load(root)
    define(root, digest="0" * 64)
    with pytest.raises(InputError, match=r"content digest is [0-9a-f]{64}, but 0{64} is pinned"):
        load(root)
    rows = jsonl([*DOCUMENTS, DOCUMENTS[0]])
    (root / "mirror" / "tiny" / "corpus.jsonl.gz").write_bytes(gzip.compress(rows.encode()))
    define(root)
    with pytest.raises(InputError, match="document id 'd1' is given twice"):
        load(root)


def test_a_pinned_file_that_changed_is_refused_before_it_is_read(root):
    define(root)
    (root / "mirror" / "tiny" / "queries.jsonl").write_text(jsonl(QUERIES).replace("eins", "zwei"))
    with pytest.raises(InputError, match=r"queries\.jsonl: altered"):
        load(root)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"redear": "x"}, r"unknown key 'redear' \(did you mean 'reader'"),
        ({"reader": "bier"}, "'bier'.*did you mean 'beir'"),
        ({"split": None}, r"tiny\.yaml: the key 'split' is missing"),
        ({"reader": "table"}, r"tiny\.yaml: settings or files: the key 'documents' is missing"),
        ({"sources": {"miror": "tiny"}}, r"tiny\.yaml: unknown key 'sources.miror'"),
    ],
)
def test_a_wrong_definition_names_file_and_key(root, changes, words):
    define(root, **changes)
    with pytest.raises(InputError, match=words):
        load(root)


def test_a_name_may_stand_once_in_all_folders(root):
    define(root)
    other = root / "replications" / "s" / "collections"
    other.mkdir(parents=True)
    (other / "tiny.yaml").write_text("{}")
    with pytest.raises(InputError, match="'tiny' is also defined in"):
        load(root)


def write_pool(root, name="pool", run="1 Q0 p1 1 9.5 t\n1 Q0 p2 2 9.1 t\n2 Q0 p3 1 1 t\n", **changes):
    """A re-ranking pool: p9 is judged outside it, query 2 is not judged, p2 has a text with MS MARCO's damage."""
    folder = root / "mirror" / name
    folder.mkdir(exist_ok=True)
    texts = {"p1": "one", "p2": "donâ\x80\x99t  dÃ\xa0\xa0 do\x85", "p3": "three"}
    (folder / "q").write_text("1\thow\n2\tnot judged\n")
    (folder / "j").write_text("1 0 p1 3\n1 0 p9 1\n")
    (folder / "r").write_text(run)
    (folder / "p").write_text(jsonl([{"_id": key, "text": text} for key, text in texts.items()]))
    settings = {"queries": "q", "qrels": "j", "run": "r", "passages": "p"}
    counts = {"documents": 2, "queries": 1, "qrels": 2, "outside": 1}
    define(root, name, **({"reader": "pool", "settings": settings, "counts": counts, "judged_outside": "counted"} | changes))


def test_a_pool_keeps_judgements_outside_it_only_where_that_is_said(root):
    write_pool(root)
    loaded = load(root, "pool")
    assert loaded.qrels == {"1": {"p1": 3, "p9": 1}} and loaded.candidates == {"1": ["p1", "p2"]}
    assert loaded.document_ids == ["p1", "p2"] and loaded.query_ids == ["1"]
    assert loaded.texts[1] == "donâ\x80\x99t dÃ\xa0\xa0 do\x85"  # what the damage left is no white space
    write_pool(root, judged_outside=None)
    with pytest.raises(InputError, match="query '1' judges 'p9', which is no document"):
        load(root, "pool")


@pytest.mark.parametrize(
    ("run", "words"),
    [
        ("1 Q0 p1 1 9 t\n1 Q0 p8 2 8 t\n", "has the candidate 'p8', which is no document"),
        (
            "2 Q0 p1 1 9 t\n",
            r"j: the qrels name the query '1', which is not there: 1 of 1 query ids .* are not in .*/r, .* such as '2'",
        ),
        ("1 Q0 p1 1 9 t\n1 Q0 p1 2 8 t\n", r"r:2: query '1' lists 'p1' a second time"),
    ],
)
def test_a_pool_whose_run_does_not_fit_is_refused(root, run, words):
    write_pool(root, run=run)
    with pytest.raises(InputError, match=words):
        load(root, "pool")


def archive(home, name, documents, queries, qrels):
    """Lay files out as ir_datasets expects a BEIR set; return the route to it."""
    path = home / "beir" / name / "source.zip"
    path.parent.mkdir(parents=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(f"{name}/corpus.jsonl", documents)
        packed.writestr(f"{name}/queries.jsonl", queries)
        packed.writestr(f"{name}/qrels/test.tsv", qrels)
    return route(f"beir/{name}/test", home, path)


def route(name, home, path):
    raw = path.read_bytes()
    pinned = {"bytes": len(raw), "md5": hashlib.md5(raw).hexdigest()}
    return {"id": name, "archive": str(path.relative_to(home))} | pinned


def hide(root, name):
    """Take a collection's files out of the mirror."""
    (root / "mirror" / name).rename(root / f"hidden_{name}")


def test_the_public_route_gives_the_same_digest_for_two_sets_in_one_process(root, tmp_path, monkeypatch):
    monkeypatch.setenv("IR_DATASETS_HOME", str(tmp_path / "home"))
    mirror = root / "mirror"
    for name, query in (("scifact", "eins"), ("nfcorpus", "zwei")):
        documents = [document | {"metadata": {"url": ""}} for document in DOCUMENTS]
        queries = jsonl([{"_id": "q1", "text": query, "metadata": {"url": ""}}])
        (mirror / name / "qrels").mkdir(parents=True)
        (mirror / name / "corpus.jsonl").write_text(jsonl(documents))
        (mirror / name / "queries.jsonl").write_text(queries)
        (mirror / name / "qrels" / "test.tsv").write_text(QRELS)
        define(root, name, ir_datasets=archive(tmp_path / "home", name, jsonl(documents), queries, QRELS))
        expected = load(root, name).digest
        hide(root, name)
        assert load(root, name).digest == expected and load(root, name).queries == [query]
    settings = config.load(root, {"fidelity": "substitute", "mirror": str(mirror), "download": False})
    assert fetch.fetch(["collection nfcorpus"], settings)["collection nfcorpus"]["source"] == "ir_datasets"


def test_an_altered_or_absent_archive_is_refused_by_name(root, tmp_path, monkeypatch):
    monkeypatch.setenv("IR_DATASETS_HOME", str(tmp_path / "home"))
    define(root, ir_datasets=archive(tmp_path / "home", "scifact", jsonl(DOCUMENTS), jsonl(QUERIES), QRELS))
    hide(root, "tiny")
    path = tmp_path / "home" / "beir" / "scifact" / "source.zip"
    with pytest.raises(InputError, match=r"are missing; tried"):  # made materials alone at embedded
        load(root, fidelity="embedded")
    whole = path.read_bytes()
    pinned = json.loads((root / "collections" / "tiny.yaml").read_text())["ir_datasets"]
    kept = root / "results" / "cache" / "ir_datasets" / pinned["md5"] / pinned["archive"]
    for bad in (whole[:-1], whole[:-1] + b"x"):
        path.write_bytes(bad)
        with pytest.raises(InputError, match=f"{path}: truncated or altered"):
            load(root)
        assert not kept.exists()
    kept.parent.mkdir(parents=True)
    kept.write_bytes(whole[:-1])
    with pytest.raises(InputError, match=f"{kept}: truncated or altered"):
        load(root)
    assert [found.name for found in kept.parent.iterdir()] == ["source.zip"]  # nothing was derived from it
    kept.unlink()
    path.unlink()
    with pytest.raises(
        InputError, match=r"corpus.jsonl.gz, .* are missing; tried: .*put the archive of ir_datasets' beir/scifact/test at"
    ):
        load(root)


def marco(home, queries, qrels, passages, year):
    """Lay files out as ir_datasets expects MS MARCO passages and one year's queries; return the route to it."""
    folder = home / "msmarco-passage"
    (folder / f"trec-dl-{year}").mkdir(parents=True)
    (folder / "collection.tsv").write_text("".join(f"{name}\t{text}\n" for name, text in passages), newline="\n")
    with tarfile.open(folder / "collectionandqueries.tar.gz", "w:gz") as packed:
        packed.add(folder / "collection.tsv", "./collection.tsv")
    (folder / "collection.tsv").unlink()
    where = folder / f"trec-dl-{year}"
    (where / "qrels").write_text(qrels)
    (where / "queries.tsv").write_text(queries)
    (where / "queries.tsv.gz").write_bytes(gzip.compress(queries.encode()))
    found = route(f"msmarco-passage/trec-dl-{year}/judged", home, folder / "collectionandqueries.tar.gz")
    return found | {"passages": "collection.tsv"}


def in_own_home(root, made, home):
    """Move a laid-out home to where the workbench keeps it: queries and qrels lie beside the archive."""
    kept = root / "results" / "cache" / "ir_datasets" / made["md5"]
    kept.parent.mkdir(parents=True, exist_ok=True)
    home.rename(kept)


@pytest.mark.parametrize("year", [2019, 2020])
def test_the_public_route_gives_the_same_digest_for_a_pool(root, tmp_path, year):
    passages = [("p0", "zero"), ("p1", "one"), ("p2", "donâ\x80\x99t dÃ\xa0\xa0 do\x85"), ("p3", "three")]
    made = marco(tmp_path / "home", "1\thow\n2\tnot judged\n", "1 0 p1 3\n1 0 p9 1\n", passages, year)
    in_own_home(root, made, tmp_path / "home")
    write_pool(root, ir_datasets=made)
    expected = load(root, "pool").digest
    for file in "qjp":
        (root / "mirror" / "pool" / file).unlink()
    assert load(root, "pool").digest == expected
    (root / "mirror" / "pool" / "r").unlink()
    with pytest.raises(InputError, match="pool: j, p, q, r are missing"):
        load(root, "pool")


def write_triples(root, tmp_path, rows, take):
    """Lay out MS MARCO's passage triples as ir_datasets keeps them, and define a collection of them."""
    passages = [("p0", "zero"), ("p1", "one"), ("p2", "donâ\x80\x99t"), ("p3", "three")]
    made = marco(tmp_path / "home", "", "", passages, 2019)
    folder = tmp_path / "home" / "msmarco-passage" / "train"
    folder.mkdir()
    (folder / "qidpidtriples.train.full.2.tsv.gz").write_bytes(gzip.compress("".join(f"{row}\n" for row in rows).encode()))
    (folder / "queries.tsv").write_text("1\thow\n2\twhy\n3\twho\n")
    in_own_home(root, made, tmp_path / "home")
    made = {**made, "id": "msmarco-passage/train/triples-v2", "take": take}
    entry = {"title": "t", "reader": "triples", "split": "train", "licence": "l", "origin": "o", "ir_datasets": made}
    (root / "collections" / "triples.yaml").write_text(json.dumps({**entry, "counts": {"triples": take}}))


def test_passage_triples_come_by_the_public_route(root, tmp_path):
    write_triples(root, tmp_path, ["2\tp2\tp0", "2\tp2\tp1", "1\tp3\tp0", "3\tp1\tp0"], 2)
    found = load(root, "triples")
    assert [tuple(triple) for triple in found.triples] == [("2", "p2", "p0"), ("1", "p3", "p0")]
    assert found.queries == ["why", "how"] and dict(zip(found.document_ids, found.texts, strict=True))["p2"] == "donâ\x80\x99t"


@pytest.mark.parametrize(
    ("rows", "take", "words"),
    [
        (
            ["1\tp3\tp0"],
            2,
            "ir_datasets could not read msmarco-passage/train/triples-v2: ValueError: triples of 1 queries, but take: 2",
        ),
        (["1\tp9\tp0"], 1, "there is no text of the passage 'p9'"),
        (["7\tp1\tp0"], 1, "there is no text of the query '7'"),
    ],
)
def test_faulty_passage_triples_are_named(root, tmp_path, rows, take, words):
    write_triples(root, tmp_path, rows, take)
    with pytest.raises(InputError, match=words):
        load(root, "triples")


@pytest.mark.skipif(not MIRROR, reason="no mirror: set WORKBENCH_MIRROR")
@pytest.mark.parametrize("name", ["scifact", "nfcorpus", "dl19", "dl20"])
def test_the_public_route_gives_the_pinned_digest_on_real_data(name, root, tmp_path):
    raw = yaml.safe_load((config.ROOT / "collections" / f"{name}.yaml").read_text())
    folder, home = Path(MIRROR) / raw["sources"]["mirror"], tmp_path / "home"
    if raw["reader"] == "beir":
        texts = [gzip.decompress((folder / f"{part}.jsonl.gz").read_bytes()) for part in ("corpus", "queries")]
        made = archive(home, name, *texts, (folder / "qrels" / "test.tsv").read_bytes())
    else:
        lines = gzip.decompress((folder / "passages_v1.jsonl.gz").read_bytes()).decode().rstrip("\n").split("\n")
        flat = [(p["_id"], p["text"].replace("\n", " ").replace("\t", " ")) for p in map(json.loads, lines)]
        queries, qrels = ((folder / raw["settings"][part]).read_text() for part in ("queries", "qrels"))
        made = marco(home, queries, qrels, flat, f"20{name[2:]}")
        kept = root / "mirror" / raw["sources"]["mirror"] / raw["settings"]["run"]
        kept.parent.mkdir(parents=True)
        kept.write_bytes((folder / raw["settings"]["run"]).read_bytes())
    assert raw["ir_datasets"].keys() == made.keys() and raw["ir_datasets"]["id"] == made["id"]
    in_own_home(root, made, home)
    (root / "collections" / f"{name}.yaml").write_text(json.dumps(raw | {"ir_datasets": made}))
    assert load(root, name).digest == raw["digest"]  # and its counts are checked


def test_the_archives_own_passages_are_read_as_shipped(tmp_path):
    made = marco(tmp_path, "", "", [("p1", "donâ\x80\x99t"), ("p2", "two\u2028lines")], 2019)
    assert dict(public.shipped(tmp_path / made["archive"], "collection.tsv")) == {"p1": "donâ\x80\x99t", "p2": "two\u2028lines"}
    with pytest.raises(InputError, match="holds no other.tsv"):
        list(public.shipped(tmp_path / made["archive"], "other.tsv"))


def test_the_digest_sees_every_part_and_no_order():
    base = {"name": "c", "split": "s", "document_ids": ["a", "b"], "titles": ["", "t"], "texts": ["x", "y"], "query_ids": ["q"],
            "queries": ["z"], "qrels": {"q": {"a": 1}}, "candidates": None, "labels": {}, "made": False}  # fmt: skip
    swapped = base | {"document_ids": ["b", "a"], "titles": ["t", ""], "texts": ["y", "x"]}
    assert Collection(**base).digest == Collection(**swapped).digest
    for change in ({"titles": ["u", "t"]}, {"texts": ["x", "z"]}, {"queries": ["w"]}, {"qrels": {"q": {"a": 2}}}, {"labels": {"l": {"a": "1"}}},
                   {"candidates": {"q": ["a"]}}):  # fmt: skip
        assert Collection(**base | change).digest != Collection(**base).digest


@pytest.mark.parametrize("name", sorted(loading.find(config.ROOT)))
def test_every_definition_pins_counts_digest_licence_and_origin(name):
    raw = yaml.safe_load(loading.find(config.ROOT)[name].read_text())
    by_revision = bool(asset.REVISION.search((raw.get("sources") or {}).get("download") or ""))  # then the digest may wait
    by_archive = len((raw.get("ir_datasets") or {}).get("md5", "")) == 32 and not raw.get("files")
    assert {"queries", "qrels"} <= raw["counts"].keys() and (by_revision or by_archive or len(raw["digest"]) == 64)
    assert raw["title"] and raw["licence"] and raw["origin"] and raw["split"]
    if raw["reader"] != "made" and not raw.get("from") and not by_revision and not by_archive:
        pinned = asset.read_asset(Path(name), raw)
        assert pinned.get and all(file.bytes and file.sha256 for file in pinned.files.values())


@pytest.mark.parametrize("name", sorted(loading.find(config.ROOT)))
def test_every_collection_that_is_at_hand_is_as_pinned(name, monkeypatch):
    monkeypatch.setenv("IR_DATASETS_HOME", "/nowhere")
    settings = config.load(overrides={"fidelity": "substitute", "mirror": MIRROR, "download": False})
    try:
        loaded = loading.load(name, settings)
    except InputError as error:
        download_alone = "allow downloads" in str(error) or "by ir_datasets alone" in str(error)
        if download_alone or (MIRROR is None and "missing; tried" in str(error)):
            pytest.skip("not at hand")
        raise
    assert loaded.document_ids


PUT_TOGETHER = """
def build(settings, files, collections):
    [(name, c)] = collections.items()
    return {"document_ids": c.document_ids, "titles": c.titles, "texts": [f"{name}: {text}" for text in c.texts],
            "query_ids": c.query_ids, "queries": c.queries, "qrels": c.qrels}
"""


def put_together(root, name, source, **more):
    (root / "collections" / "put.py").write_text(PUT_TOGETHER)
    raw = {"title": "t", "reader": "own", "build": "put.py", "split": "test", "from": [source], **more}
    (root / "collections" / f"{name}.yaml").write_text(json.dumps(raw))


def test_a_collection_put_together_from_another_inherits_its_standing(root):
    define(root, identity="the tiny set")
    put_together(root, "both", "tiny")
    loaded = load(root, "both")
    assert loaded.texts == ["tiny: one", "tiny: two λ"] and not loaded.made
    assert materials(root).identity == {("collections", "tiny"): "the tiny set"}  # what is put together from it is another thing
    put_together(root, "lost", "tony")
    with pytest.raises(InputError, match=r"lost\.yaml: from: no 'tony' \(did you mean"):
        load(root, "lost")


def test_a_collection_put_together_from_a_made_one_is_made(root):
    (root / "collections" / "m.py").write_text(
        "def build(settings):\n"
        "    return {'document_ids': ['d'], 'titles': [''], 'texts': ['x'], 'query_ids': ['q'], 'queries': ['y'], 'qrels': {'q': {'d': 1}}}\n"
    )
    (root / "collections" / "made.yaml").write_text(
        '{"title": "t", "reader": "made", "build": "m.py", "split": "test", "settings": {}}'
    )
    put_together(root, "both", "made")
    assert load(root, "both").made and materials(root).made == {("collections", "made"), ("collections", "both")}


def test_where_a_collection_put_together_came_from(root):
    define(root)
    put_together(root, "both", "tiny")
    settings = config.load(root, {"fidelity": "substitute", "mirror": str(root / "mirror"), "download": False})
    assert fetch.fetch(["collection both"], settings)["collection both"]["source"] == "mirror"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"digest": 0}, ["digest", "you wrote: 0", "in quotes"]),
        ({"digest": "abc", "counts": {"documents": -1, "querys": 3}}, ["digest", "counts.documents", "counts.querys"]),
        ({"build": "../letters.py"}, ["build", "../letters.py"]),
        ({"build": "sub/letters.py"}, ["build", "sub/letters.py"]),
        ({"identity": 7}, ["identity", "7"]),
        ({"files": {"a": {"bytes": -1, "sha256": "xyz"}}}, ["files.a.bytes", "files.a.sha256"]),
        ({"passages": {"file": "a", "member": "b", "count": 2, "parts": 3}}, ["3 parts", "2 passages"]),
        ({"from": "letters"}, ["from", "list"]),
    ],
)
def test_everything_wrong_with_a_definition_is_said_at_once(small, changes, words):
    path = small.folder / "collections/letters.yaml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), **changes}))
    with pytest.raises(InputError) as told:
        loading.load("letters", config.load(small.folder))
    assert all(word in str(told.value) for word in ["letters.yaml", *words]), told.value


def test_clusters_are_named_for_every_query_or_for_none(small):
    path = small.folder / "collections/letters.py"
    code = path.read_text()
    path.write_text(code + '\n\nwhole = build\n\n\ndef build(settings):\n    return {**whole(settings), "labels": {"cluster": {"q1": "a"}}}\n')
    with pytest.raises(InputError, match=r"letters.yaml.*2 of 3 queries are in no cluster, the first 'q2'"):
        loading.load("letters", config.load(small.folder))

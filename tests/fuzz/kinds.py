"""The files that the harness reads, each with a valid example, the function that reads it, and what is wrong of it alone."""

import csv
import dataclasses
import gzip
import hashlib
import io
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from harness import config, score
from harness.audits import finding
from harness.config import ROOT, Config
from harness.data import counts, loading
from harness.data.collection import Collection
from harness.data.readers.layouts import LAYOUTS
from harness.errors import InputError
from harness.ledger import reading
from harness.pages import verdict_rows
from harness.rankings import measures, metrics, runs, scores
from harness.regression import environment, reference
from harness.studies import method, models, plan, prints, study
from harness.studies.jobs import find_job, job_folder
from harness.text import read_json, write_sealed
from harness.vectors import kept
from harness.vectors.cache import Cache
from tests.fuzz import mutators
from tests.fuzz.mutators import ANY_WORDS, AS_WRITTEN, FREE, REFUSED, SAME, WORDS, Case, Schema, named


@dataclass(frozen=True)
class Kind:
    """One kind of file: where it lies in the workspace, what reads it, and its malformed inputs."""

    name: str
    path: str
    read: Callable[[Path], Any]
    cases: Callable[[bytes], list[Case]]
    missing: str = REFUSED
    named: tuple[str, ...] = ()  # other words by which a message may say which file it means
    sealed: bool = False  # seal whatever is written, as somebody would who wants it to be believed


def loaded(root: Path, **changes: Any) -> Config:
    return config.load(root, {"mirror": str(root / "mirror"), **changes})


# The workspace -----------------------------------------------------------------------------------------------------------

CORPUS = [
    {"_id": "d1", "title": "One", "text": "the first text"},
    {"_id": "d2", "title": "", "text": "the second text"},
    {"_id": "d3", "title": "Drei", "text": "ein dritter, längerer Text"},
]
QUERIES = [{"_id": "q1", "text": "first"}, {"_id": "q2", "text": "dritter"}]
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td2\t0\nq2\td3\t2\n"
RUN = "q1 Q0 d1 1 0.5 shared\nq1 Q0 d2 2 0.25 shared\nq2 Q0 d3 1 0.5 shared\nq3 Q0 d1 1 1.5 shared\n"
COURSES = 'id,title,text,topic\nc1,One,the first,a\nc2,Two,"the second, longer",b\nc3,Three,the third,a\n'
ASKED = "question,answers\nwhich is first?,c1\nwhich is longer?,c2; c3\n"
TOPICS = "file,topic\na.txt,x\nb.txt,y\n"
POOL_RUN = "q1 Q0 p1 1 0.5 bm25\nq1 Q0 p2 2 0.25 bm25\nq2 Q0 p2 1 0.5 bm25\n"
POOL_QRELS = "q1 0 p1 1\nq2 0 p2 1\n"
POOL_QUERIES = "q1\tfirst\nq2\tsecond\n"
POOL_PASSAGES = '{"_id": "p1", "text": "one"}\n{"_id": "p2", "text": "two"}\n'
TRIPLES = "q1\tp1\tp2\nq2\tp2\tp1\n"
PASSAGE_LINES = "p1\tone\np2\ttwo\np3\tthree\n"
TABLE = {
    "documents": {"file": "courses.csv", "id": ["id"], "title": "title", "text": "text", "label": "topic"},
    "queries": {"file": "asked.csv", "text": "question", "relevant": "answers", "separator": ";", "prefix": "q"},
}


def json_lines(rows: list[dict[str, str]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def pin(content: bytes) -> dict[str, Any]:
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


BEIR_FILES = {"corpus.jsonl": json_lines(CORPUS), "queries.jsonl": json_lines(QUERIES), "qrels/test.tsv": QRELS.encode()}
BEIR = {
    "title": "three documents",
    "reader": "beir",
    "split": "test",
    "licence": "none",
    "origin": "the tests",
    "get": "it is here",
    "sources": {"mirror": "three"},
    "files": {name: pin(content) for name, content in BEIR_FILES.items()},
    "counts": {"documents": 3, "queries": 2, "qrels": 3},
}
WEIGHTS = {"config.json": b"{}", "model.safetensors": b"weights"}
PINNED = {
    "licence": "none",
    "origin": "the tests",
    "get": "it is here",
    "sources": {"mirror": "tiny"},
    "files": {name: pin(content) for name, content in WEIGHTS.items()},
}
BUILT = {"title": "a built model", "licence": "none", "build": "built.py", "collection": "letters", "settings": {"width": 4}}
FOUND = [
    finding.Finding("arithmetic", "inconsistent", "paper", ("paper:future",), ("paper:words",), "a < b", "1 + 1 = 3", 0.0),
    finding.Finding("bounds", "not run", "paper", ("paper:above_one",), (), "out of range", "", None),
]
TEXTS = ["one", "two", "three"]
PARTS = {"weights": "none"}


def make(root: Path) -> None:
    """Make the workspace that all kinds are read in."""
    shutil.copytree(ROOT / "tests" / "workspace", root, dirs_exist_ok=True)
    shutil.copy(ROOT / "config.yaml", root)
    write = lambda path, content: (  # noqa: E731
        (root / path).parent.mkdir(parents=True, exist_ok=True),
        (root / path).write_bytes(content if isinstance(content, bytes) else content.encode()),
    )
    for name, content in BEIR_FILES.items():
        write(f"mirror/three/{name}", content)
        write(f"mirror/three/{name}.gz", gzip.compress(content, mtime=0))
    for name, content in WEIGHTS.items():
        write(f"mirror/tiny/{name}", content)
    for name, content in {
        "courses.csv": COURSES, "asked.csv": ASKED, "topics.csv": TOPICS, "a.txt": "text a\n", "b.txt": "text b\n",
        "pool.trec": POOL_RUN, "pool.qrels": POOL_QRELS, "pool.tsv": POOL_QUERIES, "pool.jsonl": POOL_PASSAGES,
        "triples.tsv": TRIPLES, "passages.tsv": PASSAGE_LINES,
    }.items():  # fmt: skip
        write(f"mirror/other/{name}", content)
    write("collections/three.yaml", yaml.safe_dump(BEIR, sort_keys=False))
    write("models/tiny.yaml", yaml.safe_dump(PINNED, sort_keys=False))
    write("models/built.yaml", yaml.safe_dump(BUILT, sort_keys=False))
    write("models/built.py", "def build(settings, collection, folder):\n    pass\n")
    write(
        "replications/paper/reference/embedded.csv",
        "variant,seed,collection,metric,value,moves\nshared,0,letters,mrr@10,0.75,\nshared,0,letters,hit_rate@1,0.5,1e-07\n",
    )
    write("replications/paper/reference/embedded.yaml", yaml.safe_dump({"environment": environment.environment()}))
    made = loaded(root)
    chosen, job = find_job(made, "paper", "shared", "0")
    folder = job_folder(made, job)
    write(f"{folder}/scores.parquet", b"")
    score.write(folder / "scores.parquet", score_rows(), prints.of(chosen, job, made)["score"])
    rank = folder / "rank"
    collection = loading.load("letters", made)
    runs.write(
        rank / "shared.letters.trec.gz",
        {"q1": [("d1", 0.5), ("d2", 0.25)], "q2": [("d3", 0.5)], "q3": [("d1", 1.5)]},
        collection,
        "shared",
    )
    measures.write_measures(rank / "measures.csv", [("shared", "letters", "iso", None, 0.5), ("shared", "letters", "len", "q1", 2.0)])
    measures.write_failed(rank / "failed.csv", [("other", "letters", "it broke, twice")])
    measures.write_ill_posed(rank / "ill_posed.csv", [("other", "letters", "iso", "0.01")])
    prints.mark(rank, prints.of(chosen, job, made)["rank"])
    finding.save(FOUND, made.folder / "findings.csv")
    write_sealed(
        made.folder / "paper" / "comparisons.json", json.dumps([{"title": "a", "cells": [1, 2]}, {"title": "b", "cells": []}])
    )
    head = io.StringIO()
    csv.writer(head, lineterminator="\n").writerows([verdict_rows.COLUMNS, ["x"] * len(verdict_rows.COLUMNS)])
    write_sealed(made.folder / "paper" / "verdicts.csv", head.getvalue())
    cache = Cache(root / "shards", PARTS)
    cache.add(TEXTS, np.arange(1, 13, dtype=np.float32).reshape(3, 4))
    kept.write(rank / "vectors" / "shared.letters.safetensors", ["d1", "d2"], np.ones((2, 3), dtype=np.float32))
    shutil.copy(rank / "vectors" / "shared.letters.safetensors", root / "kept.safetensors")
    shutil.rmtree(rank / "vectors")


def score_rows() -> list[tuple[Any, ...]]:
    start = ("paper", "shared", 0, "letters", "mrr@10")
    end = (None, "embedded", "none", "none")
    values = [(None, 0.75), ("q1", 1.0), ("q2", 1.0), ("q3", 0.25)]
    return [(*start, query, value, *end) for query, value in values]


# Readers -----------------------------------------------------------------------------------------------------------------


def read_config(root: Path) -> Any:
    found = config.load(root)
    study.select(found)
    return found


def read_experiment(root: Path) -> Any:
    """As the Snakefile does, for one study."""
    made = loaded(root, studies="paper")
    chosen = study.select(made)
    planned = plan.jobs(chosen, made)
    if chosen[0].experiment is None:
        return chosen
    for one in planned:  # as the jobs do
        prints.of(chosen[0], one, made)
        for variant in one.variants:
            module = method.load(root / "baselines" / variant.method)
            method.settings_of(module, variant.settings, chosen[0].folder / "experiment.yaml", variant.name)
    metrics.refuse_unknown(chosen[0].experiment.metrics, set(), made.depth, f"{chosen[0].folder}/experiment.yaml")
    return [chosen, plan.encode_jobs(chosen, made), planned]


def layout(
    name: str, files: dict[str, str], settings: dict[str, Any], expected: dict[str, int], **more: Any
) -> Callable[[Path], Any]:
    """Return what reads a collection of a layout whose files nobody pinned, and counts it."""

    def read(root: Path) -> Any:
        content = LAYOUTS[name]({key: root / "mirror" / path for key, path in files.items()}, {"split": "test", **settings}, root)
        found = Collection(**{"candidates": None, "labels": {}, **content}, name=name, split="test", made=False)
        counts.check(root / "collections" / f"{name}.yaml", {"counts": expected, **more}, found)
        return found

    return read


def read_passages(root: Path) -> Any:
    from harness.data.passages import Passages

    found = Passages(root / "mirror/other/passages.tsv", None, 3, 2, "none")
    return [row for part in range(2) for row in found.rows(part)]


def place(root: Path) -> Path:
    return root / "results/embedded/paper/shared/0"


def read_run(root: Path) -> Any:
    return runs.read(place(root) / "rank" / "shared.letters.trec.gz", loading.load("letters", loaded(root)))


def read_scores(root: Path) -> Any:
    """As the judge stage does: every score, whole and by query."""
    made = loaded(root, studies="paper")
    chosen = study.select(made)[0]
    frame = scores.of(chosen, made)
    if frame is None:
        raise InputError("scores.parquet: none")
    table = scores.Table(frame, set())
    return [{f.name: getattr(one, f.name) for f in dataclasses.fields(one)} for one in table.values()], reference.today(
        chosen, made
    )


def read_print(root: Path) -> Any:
    made = loaded(root)
    chosen, job = find_job(made, "paper", "shared", "0")
    return prints.verify(job_folder(made, job) / "rank", prints.of(chosen, job, made)["rank"])


def read_reference(root: Path) -> Any:
    path = root / "replications/paper/reference/embedded.csv"
    return reference.read_reference(path), reference.read_moves(path)


def read_cache(root: Path) -> Any:
    cache = Cache(root / "shards", PARTS)
    if absent := cache.missing(TEXTS):  # its texts are encoded again, which needs the encoder
        raise InputError(f"shards: {len(absent)} texts are to be encoded again")
    return cache.get(TEXTS)


def read_kept(root: Path) -> Any:
    found = kept.read(root / "kept.safetensors")
    if found is None:
        raise InputError("kept.safetensors: none")
    return found


def shard_path(root: Path) -> str:
    return next(str(path.relative_to(root)) for path in (root / "shards").glob("*/*.safetensors"))


# What may stand where --------------------------------------------------------------------------------------------------

ROW = "tables.0.rows.*"
BEYOND = {"minus one", "a fraction"}  # of the ends of a range that stay ends
CLAIMS = Schema(
    accepts={
        "title": WORDS,
        "documents.P.title": ANY_WORDS,
        "documents.P.locator": ANY_WORDS,
        "metrics.*.definition": ANY_WORDS,
        "metrics.*.quantity": ANY_WORDS,
        "metrics.*.score": ANY_WORDS | {"nothing"},
        "metrics.*.range": {"nothing"},
        "metrics.*.range.0": BEYOND,
        "metrics.*.range.1": {"a fraction"},
        "metrics.*.step": {"nothing"},
        "tables": {"nothing", "an empty list"},
        "claims": {"nothing", "an empty list"},
        "tables.0.n": {"nothing"},
        "tables.0.columns.*": {"nothing", "an empty mapping"},
        f"{ROW}.margin": {"nothing"},
        f"{ROW}.margin.value": {"a fraction"},
        f"{ROW}.margin.reason": ANY_WORDS,
        f"{ROW}.metric": {"nothing", "no words"},
        "claims.*.id": {"a word", "a digit in quotes"},
        "claims.*.printed": {"a digit in quotes"},
        "claims.2.printed": ANY_WORDS,  # the one of words
        "claims.2.untested": ANY_WORDS | {"nothing"},
        "claims.*.place": ANY_WORDS,
        "claims.*.metric": {"nothing", "no words"},
        # That there is such a variant and collection is seen when the claim is joined to its scores.
        "claims.*.variant": ANY_WORDS | {"nothing"},
        "claims.*.collection": ANY_WORDS | {"nothing"},
        "tables.0.collection": ANY_WORDS | {"nothing"},
        "tables.0.columns.*.variant": ANY_WORDS | {"nothing"},
        "tables.0.id": {"a word", "a digit in quotes"},
        "tables.0.place": ANY_WORDS,
        f"{ROW}.printed.*": {"nothing", "a digit in quotes"},
    },
    optional=(
        "tables", "claims", "metrics.*.score", "metrics.*.range", "metrics.*.orientation", "metrics.*.step", "tables.0.place",
        "tables.0.n", "tables.0.collection", "tables.0.columns.*.variant", ROW, f"{ROW}.metric", f"{ROW}.margin", f"{ROW}.unit",
        "claims.*.metric", "claims.*.variant", "claims.*.collection", "claims.2.untested", "metrics.*.step",
        # A table's id follows from its place; its cells are measured and take the source's own materials, unless it says otherwise;
        # with one document, that one is meant.
        "tables.0.id", "tables.0.status", "tables.0.decidable_at", "tables.0.document", "claims.*.document",
    ),
    names=("documents", "metrics", "tables.*.columns", "tables.*.rows"),
    masked=("tables", "claims", "tables.0.id", "tables.0.decidable_at", "tables.0.place", "tables.0.columns.*", f"{ROW}.margin", f"{ROW}.metric"),
)  # fmt: skip
FIDELITIES_OF = "collections.letters.*"
EXPERIMENT = Schema(
    accepts={
        "variants": {"an empty mapping"},
        "not_run": {"an empty mapping"},
        "not_run.lost": WORDS,
        "collections.letters.embedded": {"nothing"},
        "collections.letters.substitute": {"nothing", "a word", "a digit in quotes"},
        "collections.letters.original": {"nothing", "a word", "a digit in quotes"},
        "variants.shared.weight": {"zero", "minus one", "a fraction", "a digit in quotes"},
        "seeds.0": set(),
    },
    optional=(FIDELITIES_OF, "variants", "variants.shared", "not_run", "not_run.lost"),
    names=("collections", "variants", "not_run", "variants.shared"),
    masked=("variants", "not_run", "collections.letters", "not_run.lost", "variants.shared.weight", FIDELITIES_OF),
    free=("collections.letters", "variants.shared.weight", "metrics.*"),
)
PLACES = {"a word", "a digit in quotes", "leaves the folder", "absolute", "shell", "HTML"}
CONFIG = Schema(
    accepts={
        "mirror": {"nothing", "no words"},
        "results": PLACES,
        "cache": PLACES,
        "download": set(),
        "judgement.power": {"a fraction"},
        "judgement.noise": {"zero", "a fraction", "a digit in quotes"},
        "judgement.seed": {"zero", "a digit in quotes"},
        "check.*": {"a fraction", "a digit in quotes"},
        "cache_limit": {"a fraction"},
        **{key: {"a digit in quotes"} for key in ("depth", "encode.*", "train.heads", "perturb", "judgement.fewest_seeds", "judgement.pooled_from")},
    },
    masked=("judgement.*", "check.*", "depth", "encode.*", "train.heads", "perturb", "mirror"),
    free=("download",),
)  # fmt: skip
PINNED_WORDS = {"licence": ANY_WORDS, "origin": ANY_WORDS, "get": ANY_WORDS}
ABOUT = ("title", "licence", "origin", "get")
MADE = Schema(
    accepts={"counts": {"nothing", "an empty mapping"}, "split": WORDS | {"a blank"}, "settings": {"nothing", "a mapping"}},
    optional=("title", "settings", "licence", "counts", "counts.*"),
    names=("settings",),
    masked=("counts", "settings"),
    free=("title", "licence", "build"),
)
COLLECTION = Schema(
    accepts={**PINNED_WORDS, "counts": {"nothing", "an empty mapping"}, "files.*.bytes": {"nothing"}},
    optional=("title", "counts", "counts.*"),
    names=("files",),
    masked=(*ABOUT, "counts"),
    free=("title", *(f"files.{name}.bytes" for name in BEIR_FILES), "files.*.*"),
)
MODEL = Schema(
    accepts=PINNED_WORDS,
    optional=("files.*",),
    names=("files",),
    masked=ABOUT,
    free=("files.*.*", "files.config.json.**", "files.model.safetensors.**"),
)
RECIPE = Schema(
    accepts={"title": ANY_WORDS, "licence": ANY_WORDS, "settings": {"an empty mapping", "a mapping"}},
    optional=("settings.width",),
    names=("settings",),
    free=("settings.width",),
)


def of_lines(valid: bytes) -> list[Case]:
    return [*mutators.encodings(valid, True), *mutators.wholly_other(valid), *mutators.line_cases(valid)]


def pinned_lines(valid: bytes) -> list[Case]:
    """Lines of a file that its digest alone holds: what is lost or doubled between two whole lines cannot be seen."""
    return [
        dataclasses.replace(case, expect=FREE) if case.group == "lines" or case.name in ("twice", "a NUL at the end") else case
        for case in of_lines(valid)
    ]


def of_yaml(schema: Schema) -> Callable[[bytes], list[Case]]:
    return lambda valid: [
        *mutators.encodings(valid, True),
        *mutators.wholly_other(valid),
        *mutators.yaml_cases(valid, schema),
    ]


def corpus(valid: bytes) -> list[Case]:
    _, rest = valid.split(b"\n", 1)
    line = lambda text: text.encode() + b"\n" + rest  # noqa: E731
    own = [
        ("no id", line('{"title": "One", "text": "the first text"}'), REFUSED),
        ("an id of a number", line('{"_id": 1, "title": "One", "text": "the first text"}'), REFUSED),
        ("an id of nothing", line('{"_id": null, "title": "One", "text": "the first text"}'), REFUSED),
        ("an empty id", line('{"_id": "", "title": "One", "text": "the first text"}'), REFUSED),
        ("another id", line('{"_id": "d9", "title": "One", "text": "the first text"}'), REFUSED),
        ("the id of another", line('{"_id": "d2", "title": "One", "text": "the first text"}'), REFUSED),
        ("an id with a line end", line('{"_id": "d1\\n", "title": "One", "text": "the first text"}'), REFUSED),
        ("no text", line('{"_id": "d1", "title": "One"}'), REFUSED),
        ("a text of nothing", line('{"_id": "d1", "title": "One", "text": null}'), REFUSED),
        ("a text that is a list", line('{"_id": "d1", "title": "One", "text": ["the first text"]}'), REFUSED),
        ("a title that is a number", line('{"_id": "d1", "title": 1, "text": "the first text"}'), REFUSED),
        ("a title that is a list", line('{"_id": "d1", "title": ["One"], "text": "the first text"}'), REFUSED),
        ("a key twice", line('{"_id": "d1", "_id": "d1", "title": "One", "text": "the first text"}'), REFUSED),
        ("a NaN", line('{"_id": "d1", "title": "One", "text": "the first text", "metadata": NaN}'), REFUSED),
        ("an infinity", line('{"_id": "d1", "title": "One", "text": "the first text", "metadata": -Infinity}'), REFUSED),
        (
            "five thousand digits",
            line('{"_id": "d1", "title": "One", "text": "the first text", "n": ' + "9" * 5000 + "}"),
            REFUSED,
        ),
        ("half a character", line('{"_id": "d1", "title": "One", "text": "\\ud800"}'), REFUSED),
        ("half a character in a title", line('{"_id": "d1", "title": "\\ud800", "text": "the first text"}'), REFUSED),
        ("deep", line('{"_id": "d1", "title": "One", "text": "t", "n": ' + "[" * 100_000 + "}"), REFUSED),
        ("single quotes", line("{'_id': 'd1', 'title': 'One', 'text': 'the first text'}"), REFUSED),
        ("a comma too many", line('{"_id": "d1", "title": "One", "text": "the first text",}'), REFUSED),
        ("two objects in a line", line('{"_id": "d1", "text": "a"} {"_id": "d8", "text": "b"}'), REFUSED),
        ("a list", line('["d1", "One", "the first text"]'), REFUSED),
        ("one JSON list of all", b"[" + b",".join(valid.split(b"\n")[:-1]) + b"]\n", REFUSED),
        ("more keys", line('{"_id": "d1", "title": "One", "text": "the first text", "metadata": {"url": "x"}}'), SAME),
        ("keys in another order", line('{"text": "the first text", "title": "One", "_id": "d1"}'), SAME),
        ("other blanks", line('{ "_id":"d1" ,"title":"One","text":"the first text" }'), SAME),
        ("escaped letters", line('{"_id": "\\u0064\\u0031", "title": "One", "text": "the first text"}'), SAME),
    ]
    words = ["<script>alert(1)</script>", "\\input{/etc/passwd}", "a\u2028b\x0bc\x85d", "$(touch PWNED)", "\u202eabc", ""]
    texts = [
        Case(
            "text", repr(word), mutators.holding(line(json.dumps({"_id": "d1", "title": "One", "text": word}))), AS_WRITTEN, word
        )
        for word in words
    ]
    return [*of_lines(valid), *named("JSON lines", own), *texts]


def queries(valid: bytes) -> list[Case]:
    _, rest = valid.split(b"\n", 1)
    line = lambda text: text.encode() + b"\n" + rest  # noqa: E731
    own = [
        ("no text", line('{"_id": "q1"}'), REFUSED),
        ("another id", line('{"_id": "q9", "text": "first"}'), REFUSED),
        ("the id of another", line('{"_id": "q2", "text": "first"}'), REFUSED),
        ("one that nobody judged", valid + b'{"_id": "q9", "text": "more"}\n', SAME),
        ("one more that is broken", valid + b'{"_id": "q9", "text": 1}\n', REFUSED),
    ]
    return [*of_lines(valid), *named("JSON lines", own)]


def qrels(valid: bytes) -> list[Case]:
    one = lambda old, new: valid.replace(old, new)  # noqa: E731
    grades = ["1.0", "1.5", "nan", "inf", "", " ", "one", "1e3", "0x1", "١", "99999999999", "1_0", "--1", "true"]
    own = [(f"the grade '{grade}'", one(b"q1\td1\t1", f"q1\td1\t{grade}".encode()), REFUSED) for grade in grades]
    own += [
        ("without header", valid.split(b"\n", 1)[1], SAME),
        ("another header", one(b"query-id\tcorpus-id\tscore", b"a\tb\tc"), SAME),
        ("a header of four", one(b"corpus-id\t", b"corpus-id\tmore\t"), REFUSED),
        ("a grade with a sign", one(b"q1\td1\t1", b"q1\td1\t+1"), SAME),
        ("blanks for tabs", one(b"\t", b" "), REFUSED),
        ("commas for tabs", one(b"\t", b","), REFUSED),
        ("columns of TREC", one(b"q1\td1", b"q1\t0\td1"), REFUSED),
        ("another document", one(b"q1\td1", b"q1\td9"), REFUSED),
        ("another query", one(b"q1\td1", b"q9\td1"), REFUSED),
        ("an empty document", one(b"q1\td1", b"q1\t"), REFUSED),
        ("a blank in an id", one(b"q1\td1", b"q1 \td1"), REFUSED),
        ("a judgement twice, otherwise", valid + b"q1\td1\t0\n", REFUSED),
        ("a header in the middle", valid + b"query-id\tcorpus-id\tscore\n", REFUSED),
    ]
    cases = [case for case in of_lines(valid) if case.name not in ("without line 1", "line 1 twice")]
    return [*cases, *named("qrels", own)]


def packed(kind: Callable[[bytes], list[Case]]) -> Callable[[bytes], list[Case]]:
    """A packed file: whole or refused; what is wrong inside is refused as well."""

    def cases(valid: bytes) -> list[Case]:
        inside = gzip.decompress(valid)
        own = [
            ("not packed", inside, REFUSED),
            ("packed twice", gzip.compress(valid), REFUSED),
            ("with a tail", valid + b"tail", REFUSED),
            ("in two members", gzip.compress(inside[:20]) + gzip.compress(inside[20:]), SAME),
            ("packed otherwise", gzip.compress(inside, 1, mtime=9), SAME),
            ("with another checksum", valid[:-8] + b"\0\0\0\0" + valid[-4:], REFUSED),
        ]
        texts = [case for case in kind(inside) if case.group in ("lines", "run", "encoding")]
        again = [dataclasses.replace(case, put=_packing(case.put)) for case in texts if case.name not in ("packed", "empty")]
        return [*named("gzip", own), *mutators.cuts(valid, 12), *mutators.wholly_other(valid), *again]

    return cases


def _packing(put: Callable[[Path], None]) -> Callable[[Path], None]:
    def then(path: Path) -> None:
        put(path)
        path.write_bytes(gzip.compress(path.read_bytes(), mtime=0))

    return then


def run(valid: bytes) -> list[Case]:
    """Inside of a run file. Which documents a run ranks is its own affair; what it ranks must be there, once, with a number."""
    rows = valid.decode().splitlines(keepends=True)
    one = lambda old, new: valid.replace(old.encode(), new.encode())  # noqa: E731
    own = [
        (f"the score '{word}'", one("d1 1 0.5", f"d1 1 {word}"), REFUSED)
        for word in ("nan", "inf", "-inf", "1e999", "one", "0,5", "0x1p3")
    ]
    own += [
        ("five fields", one("q1 Q0 d1 1 0.5 shared", "q1 Q0 d1 1 0.5"), REFUSED),
        ("seven fields", one("q1 Q0 d1", "q1 Q0 d1 d1"), REFUSED),
        ("an unknown document", one("q1 Q0 d1", "q1 Q0 d9"), REFUSED),
        ("an unknown query", one("q1 Q0 d1", "q9 Q0 d1"), REFUSED),
        ("a document twice", one("q1 Q0 d2", "q1 Q0 d1"), REFUSED),
        ("a line twice", "".join([*rows, rows[0]]).encode(), REFUSED),
        ("half a percent code", one("q1 Q0 d1", "q1 Q0 d%"), REFUSED),
        ("a percent code of no letter", one("q1 Q0 d1", "q1 Q0 d%ff"), REFUSED),
        ("lines in another order", "".join(reversed(rows)).encode(), FREE),
        ("tabs", one(" ", "\t"), SAME),
        ("another tag", one("shared", "zzz"), SAME),
    ]
    encoded = [case for case in mutators.encodings(valid, False) if case.name != "twice"]
    return [*encoded, *named("run", own)]


def table(number: str | None = None, optional: str = "", twice: str = REFUSED) -> Callable[[bytes], list[Case]]:
    """A CSV file that a stage or a person wrote: header, then rows of as many fields; `number` is a value that must be one."""

    def cases(valid: bytes) -> list[Case]:
        head, rest = valid.split(b"\n", 1)
        names = head.split(b",")
        row = rest.split(b"\n", 1)[0]
        other = lambda words: b",".join(words) + b"\n" + rest  # noqa: E731
        own = [
            (
                f"without the column {name.decode()}",
                other([b"zzz" if one == name else one for one in names]),
                FREE if name == optional.encode() else REFUSED,
            )
            for name in names
        ]
        own += [
            ("a column twice", b"".join(line + b"," + line.split(b",")[0] + b"\n" for line in valid.splitlines()), REFUSED),
            ("no header", rest, REFUSED),
            ("semicolons", valid.replace(b",", b";"), REFUSED),
            ("tabs", valid.replace(b",", b"\t"), REFUSED),
            ("a row too short", head + b"\n" + row.rsplit(b",", 1)[0] + b"\n" + rest.split(b"\n", 1)[1], REFUSED),
            ("a row too long", head + b"\n" + row + b",zzz\n" + rest.split(b"\n", 1)[1], REFUSED),
            ("a quote left open", head + b"\n" + b'"' + rest, REFUSED),
            ("a row twice", head + b"\n" + row + b"\n" + rest, twice),
        ]
        if number:
            words = ("nan", "inf", "-inf", "1e999", "", "one", "0,5", "True", "1_0")
            own += [(f"the number '{word}'", valid.replace(number.encode(), word.encode(), 1), REFUSED) for word in words]
        return [*mutators.encodings(valid, False), *mutators.wholly_other(valid), *named("table", own)]

    return cases


def sealed(valid: bytes) -> list[Case]:
    """What bears a seal is read whole or not at all."""
    unchanged = {"no last line end"} if not valid.endswith(b"\n") else set()
    unchanged |= {"Windows line ends"} if b"\n" not in valid else set()
    cases = [case for case in mutators.encodings(valid, False) if case.name not in unchanged]
    return [
        *[dataclasses.replace(case, expect=SAME if case.name == "byte order mark" else REFUSED) for case in cases],
        *mutators.wholly_other(valid),
        *mutators.cuts(valid, 12),
        *mutators.flips(valid, 24),
    ]  # fmt: skip


def whole(valid: bytes) -> list[Case]:
    """A binary file with a checksum: read whole or not at all."""
    return [
        *mutators.wholly_other(valid),
        *mutators.cuts(valid, 16),
        *mutators.flips(valid, 32),
        *named("bytes", [("with a tail", valid + b"tail", REFUSED)]),
    ]


def parquet(valid: bytes) -> list[Case]:
    """scores.parquet: columns, types and rows as the score stage writes them, or refused by name."""
    import pyarrow
    from pyarrow import parquet as files

    def content(made: Any) -> bytes:
        out = io.BytesIO()
        files.write_table(made, out)
        return out.getvalue()

    def with_column(name: str, values: list[Any]) -> bytes:
        columns = {one: good.column(one) for one in good.column_names} | {name: pyarrow.array(values)}
        return content(pyarrow.table(columns, metadata=good.schema.metadata))

    good = files.read_table(io.BytesIO(valid))
    rows = good.num_rows
    own = [(f"without {name}", content(good.drop_columns([name])), REFUSED) for name in good.column_names]
    own += [
        ("no rows", content(good.slice(0, 0)), FREE),
        ("rows twice", content(pyarrow.concat_tables([good, good])), REFUSED),
        ("without the whole", content(good.slice(1)), REFUSED),
        ("without a fingerprint", content(good.replace_schema_metadata({})), REFUSED),
        ("with another fingerprint", content(good.replace_schema_metadata({"fingerprint": "0" * 16})), REFUSED),
        ("a fingerprint of no text", content(good.replace_schema_metadata({b"fingerprint": b"\xff\xfe"})), REFUSED),
        ("values of words", with_column("value", ["one"] * rows), REFUSED),
        ("values of nothing", with_column("value", [None] * rows), REFUSED),
        ("a NaN", with_column("value", [0.5, float("nan"), 0.5, 0.5]), FREE),
        ("infinite", with_column("value", [float("inf"), 0.5, 0.5, 0.5]), FREE),
        ("seeds of words", with_column("seed", ["zero"] * rows), REFUSED),
        ("seeds of nothing", with_column("seed", [None] * rows), REFUSED),
        ("fractions of seeds", with_column("seed", [0.5] * rows), REFUSED),
        ("another seed", with_column("seed", [7] * rows), REFUSED),
        ("another study", with_column("study", ["letters"] * rows), REFUSED),
        ("another variant", with_column("variant", ["zzz"] * rows), REFUSED),
        ("variants of nothing", with_column("variant", [None] * rows), REFUSED),
        ("another collection", with_column("collection", ["zzz"] * rows), REFUSED),
        ("a fidelity that is none", with_column("evaluation", ["zzz"] * rows), REFUSED),
        ("metrics of numbers", with_column("metric", [1] * rows), REFUSED),
        ("a column more", with_column("zzz", [1] * rows), SAME),
        ("rows in another order", content(good.take([3, 1, 0, 2])), SAME),
    ]
    return [*mutators.wholly_other(valid), *mutators.cuts(valid, 24), *named("parquet", own)]


def safetensors(valid: bytes) -> list[Case]:
    """A shard: digests and vectors under a checksum."""
    from safetensors.numpy import save

    length = int.from_bytes(valid[:8], "little")
    names = np.frombuffer(b"".join(hashlib.sha256(text.encode()).digest() for text in TEXTS), dtype=np.uint8).reshape(3, 32)
    order = sorted(range(3))
    vectors = np.arange(1, 13, dtype=np.float32).reshape(3, 4)[order]
    made = lambda metadata=None, **tensors: save(tensors, metadata)  # noqa: E731
    own = [
        ("a header without end", (2**62).to_bytes(8, "little") + valid[8:], REFUSED),
        ("a header of nothing", (0).to_bytes(8, "little") + valid[8:], REFUSED),
        ("a header too long by one", (length + 1).to_bytes(8, "little") + valid[8:], REFUSED),
        ("no metadata", made(digests=names, vectors=vectors), REFUSED),
        ("no vectors", made({"sha256": "0"}, digests=names), REFUSED),
        ("no digests", made({"sha256": "0"}, vectors=vectors), REFUSED),
        ("a wrong checksum", made({"sha256": "0" * 64}, digests=names, vectors=vectors), REFUSED),
        (
            "of other types",
            made({"sha256": "0" * 64}, digests=names.astype(np.int64), vectors=vectors.astype(np.float16)),
            REFUSED,
        ),
    ]
    return [*whole(valid), *named("shard", own)]


def kept_vectors(valid: bytes) -> list[Case]:
    from safetensors.numpy import save

    vectors = np.ones((2, 3), dtype=np.float32)
    made = lambda metadata=None, **tensors: save(tensors, metadata)  # noqa: E731
    own = [
        ("no metadata", made(vectors=vectors), REFUSED),
        ("no documents", made({"zzz": "1"}, vectors=vectors), REFUSED),
        ("documents that are no JSON", made({"documents": "["}, vectors=vectors), REFUSED),
        ("documents that are no list", made({"documents": "1"}, vectors=vectors), REFUSED),
        ("fewer documents", made({"documents": '["d1"]'}, vectors=vectors), REFUSED),
        ("no vectors", made({"documents": '["d1", "d2"]'}, zzz=vectors), REFUSED),
    ]
    return [*mutators.wholly_other(valid), *mutators.cuts(valid, 16), *named("vectors", own)]


def fingerprint(valid: bytes) -> list[Case]:
    told = json.loads(valid)
    files = told["files"]
    first = min(files)
    dumped = lambda value: json.dumps(value).encode()  # noqa: E731
    own = [
        ("another fingerprint", dumped({**told, "fingerprint": "0" * 16}), REFUSED),
        ("a fingerprint of a number", dumped({**told, "fingerprint": 1}), REFUSED),
        ("no fingerprint", dumped({"files": files}), REFUSED),
        ("no files", dumped({"fingerprint": told["fingerprint"]}), REFUSED),
        ("a file less", dumped({**told, "files": {key: value for key, value in files.items() if key != first}}), REFUSED),
        ("a file more", dumped({**told, "files": {**files, "zzz": "0"}}), REFUSED),
        ("another digest", dumped({**told, "files": {**files, first: "0" * 64}}), REFUSED),
        ("digests of numbers", dumped({**told, "files": dict.fromkeys(files, 1)}), REFUSED),
        ("a list of files", dumped({**told, "files": list(files)}), REFUSED),
        ("files of nothing", dumped({**told, "files": None}), REFUSED),
        ("written otherwise", dumped(told), SAME),
    ]
    encoded = [case for case in mutators.encodings(valid, False) if case.name != "twice"]
    cuts = [case for case in mutators.cuts(valid, 12) if case.name != f"after {len(valid) - 1} bytes"]
    return [*encoded, *mutators.wholly_other(valid), *cuts, *named("fingerprint", own)]


def environment_cases(valid: bytes) -> list[Case]:
    own = [
        ("no environment", b"zzz: 1\n", REFUSED),
        ("an environment of nothing", b"environment:\n", REFUSED),
        ("an environment that is a list", b"environment: [1]\n", REFUSED),
        ("a version of another kind", valid.replace(b"python: ", b"python: [1] # "), FREE),
    ]
    return [
        *mutators.encodings(valid, True),
        *mutators.wholly_other(valid),
        *named("environment", own),
        *mutators.yaml_text(valid),
    ]


KINDS: list[Kind] = [
    Kind("claims.yaml", "replications/paper/claims.yaml", lambda root: reading.load(root / "replications/paper"), of_yaml(CLAIMS)),
    Kind("experiment.yaml", "replications/paper/experiment.yaml", read_experiment, of_yaml(EXPERIMENT), FREE),
    Kind("config.yaml", "config.yaml", read_config, of_yaml(CONFIG), named=("mirror: ", "studies: ")),
    Kind("made collection.yaml", "collections/letters.yaml", lambda root: loading.load("letters", loaded(root)), of_yaml(MADE), named=("collections: no 'letters'", "the file that should build")),
    Kind("collection.yaml", "collections/three.yaml", lambda root: loading.load("three", loaded(root)), of_yaml(COLLECTION), named=("collections: no 'three'", "three: ", "no file named like", "mirror/three")),
    Kind("model.yaml", "models/tiny.yaml", lambda root: models.model_folder("tiny", loaded(root)), of_yaml(MODEL), named=("models: no 'tiny'", "mirror/tiny")),
    Kind("built model.yaml", "models/built.yaml", lambda root: [models.digest("built", root) and None, models.read(root / "models/built.yaml")], of_yaml(RECIPE)),
]  # fmt: skip

THREE = {name: f"three/{name}" for name in BEIR_FILES}
COUNTED = {"documents": 3, "queries": 2, "qrels": 3}
POOLED = {"run": "pool.trec", "qrels": "pool.qrels", "queries": "pool.tsv", "passages": "pool.jsonl"}
TRAINED = {"triples": "triples.tsv", "queries": "pool.tsv", "passages": ["pool.jsonl"], "negatives": "*", "take": 2}
OTHER = {name: f"other/{name}" for name in ("courses.csv", "asked.csv", "topics.csv", "a.txt", "b.txt", "pool.trec", "pool.qrels", "pool.tsv", "pool.jsonl", "triples.tsv")}  # fmt: skip


def several(names: list[str]) -> dict[str, str]:
    return {name: OTHER[name] for name in names}


beir = layout("beir", THREE, {}, COUNTED)
beir_packed = layout("beir", {f"{name}.gz": f"{path}.gz" for name, path in THREE.items()}, {}, COUNTED)
of_table = layout("table", several(["courses.csv", "asked.csv"]), TABLE, {"documents": 3, "queries": 2, "qrels": 3})
pool = layout("pool", several(list(POOLED.values())), POOLED, {"documents": 2, "queries": 2, "qrels": 2})
of_folder = layout(
    "folder",
    several(["topics.csv", "a.txt", "b.txt"]),
    {"labels": "topics.csv", "key": "file", "columns": ["topic"]},
    {"documents": 2},
    queries="none",
)
triples = layout("triples", several(["triples.tsv", "pool.tsv", "pool.jsonl"]), TRAINED, {"triples": 2}, judged_outside="counted")
rank = "results/embedded/paper/shared/0/rank"
KINDS += [
    Kind("corpus.jsonl", "mirror/three/corpus.jsonl", beir, corpus, named=("collections/beir.yaml", "there is no text of", "triple ")),
    Kind("queries.jsonl", "mirror/three/queries.jsonl", beir, queries, named=("collections/beir.yaml", "there is no text of", "triple ")),
    Kind("qrels.tsv", "mirror/three/qrels/test.tsv", beir, qrels, named=("collections/beir.yaml", "there is no text of", "triple ")),
    Kind("corpus.jsonl.gz", "mirror/three/corpus.jsonl.gz", beir_packed, packed(corpus), named=("collections/beir.yaml", "there is no text of", "triple ")),
    Kind("documents.csv", "mirror/other/courses.csv", of_table, table(), named=("collections/table.yaml", "there is no text of", "triple ")),
    Kind("queries.csv", "mirror/other/asked.csv", of_table, table(), named=("collections/table.yaml", "there is no text of", "triple ")),
    Kind("labels.csv", "mirror/other/topics.csv", of_folder, table(), named=("collections/folder.yaml", "there is no text of", "triple ")),
    Kind("pool.trec", "mirror/other/pool.trec", pool, pinned_lines, named=("collections/pool.yaml", "there is no text of", "triple ", "the passage ")),
    Kind("pool.qrels", "mirror/other/pool.qrels", pool, of_lines, named=("collections/pool.yaml", "there is no text of", "triple ", "the passage ")),
    Kind("queries.tsv", "mirror/other/pool.tsv", pool, pinned_lines, named=("collections/pool.yaml", "there is no text of", "triple ", "the passage ")),
    Kind("triples.tsv", "mirror/other/triples.tsv", triples, pinned_lines, named=("collections/triples.yaml", "there is no text of", "triple ")),
    Kind("passages.tsv", "mirror/other/passages.tsv", read_passages, pinned_lines),
    Kind("run.trec.gz", f"{rank}/shared.letters.trec.gz", read_run, packed(run)),
    Kind("measures.csv", f"{rank}/measures.csv", lambda root: measures.read_measures(root / rank / "measures.csv"), table("0.5")),
    Kind("failed.csv", f"{rank}/failed.csv", lambda root: measures.read_failed(root / rank / "failed.csv"), table(), FREE),
    Kind("ill_posed.csv", f"{rank}/ill_posed.csv", lambda root: measures.read_ill_posed(root / rank / "ill_posed.csv"), table(), FREE),
    Kind("scores.parquet", "results/embedded/paper/shared/0/scores.parquet", read_scores, parquet, named=("paper/shared/0: made",)),
    Kind(".fingerprint", f"{rank}/.fingerprint", read_print, fingerprint, named=("paper/shared/0/rank",)),
    Kind("findings.csv", "results/embedded/findings.csv", lambda root: finding.load(root / "results/embedded/findings.csv"), sealed),
    Kind("findings.csv, sealed anew", "results/embedded/findings.csv", lambda root: finding.load(root / "results/embedded/findings.csv"), table(twice=FREE), sealed=True),
    Kind("verdicts.csv", "results/embedded/paper/verdicts.csv", lambda root: verdict_rows.read(root / "results/embedded/paper/verdicts.csv"), sealed),
    Kind("comparisons.json", "results/embedded/paper/comparisons.json", lambda root: read_json(root / "results/embedded/paper/comparisons.json", "compare"), sealed),
    Kind("shard.safetensors", "*.safetensors", read_cache, safetensors, named=("shards",)),
    Kind("kept.safetensors", "kept.safetensors", read_kept, kept_vectors),
    Kind("reference.csv", "replications/paper/reference/embedded.csv", read_reference, table("0.75", "moves")),
    Kind("reference.yaml", "replications/paper/reference/embedded.yaml", lambda root: environment.moved(root / "replications/paper/reference/embedded.csv"), environment_cases, FREE),
]  # fmt: skip

"""Large collections: exact search in chunks against brute force, and the stages on a small one cut into parts."""

import gzip
import hashlib
import io
import json
import tarfile

import numpy as np
import pandas as pd
import pytest
import yaml

from harness import config
from harness.data import loading
from harness.data.passages import Passages
from harness.errors import InputError
from harness.vectors import stream

MODEL = {"model": "minilm", "pooling": "mean", "max_length": 32, "dtype": "float32", "normalise": True}
TEXTS = [f"{colour} {thing}" for colour in ("red", "blue", "green") for thing in ("apple", "car", "house", "bird", "shirt")]


def brute(queries, names, vectors, depth, scorer):
    run = {}
    for i, query in enumerate(queries.astype(np.float64)):
        wide = vectors.astype(np.float64)
        scores = wide @ query if scorer == "inner" else -np.sqrt(np.square(wide - query).sum(axis=1))
        pairs = sorted(zip(scores.astype(np.float32).tolist(), names, strict=True), reverse=True)[:depth]
        run[str(i)] = [(name, score) for score, name in pairs]
    return run


@pytest.mark.parametrize("scorer", ["inner", "euclidean"])
@pytest.mark.parametrize("sizes", [[40], [7, 1, 30, 2], [40, 0]])
def test_search_in_chunks_equals_brute_force_with_ties(scorer, sizes):
    rng = np.random.default_rng(3)
    vectors = rng.integers(-2, 3, size=(40, 4)).astype(np.float32)  # few values: most scores tie
    names = [f"d{i}" for i in rng.permutation(40)]
    queries = rng.integers(-2, 3, size=(6, 4)).astype(np.float32)
    for depth in (1, 5, 39, 100):
        best, start = stream.Best(queries, depth, scorer), 0
        for size in sizes:
            best.add(names[start : start + size], vectors[start : start + size])
            start += size
        found = best.run([str(i) for i in range(6)])
        expected = brute(queries, names, vectors, depth, scorer)
        assert {q: [n for n, _ in rows] for q, rows in found.items()} == {q: [n for n, _ in rows] for q, rows in expected.items()}


def test_a_nan_is_named():
    best = stream.Best(np.ones((1, 2), np.float32), 3, "inner")
    with pytest.raises(InputError, match="NaN score for the document 'b'"):
        best.add(["a", "b"], np.array([[1, 1], [np.nan, 0]], np.float32))


def archive(path, lines):
    content = "".join(lines).encode()
    if path.name.endswith(".tar.gz"):
        with tarfile.open(path, "w:gz") as packed:
            entry = tarfile.TarInfo("inside/passages.tsv")
            entry.size = len(content)
            packed.addfile(entry, io.BytesIO(content))
    else:
        path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


@pytest.mark.parametrize("name", ["p.tsv", "p.tsv.gz", "p.tar.gz"])
def test_parts_hold_every_passage_once(tmp_path, name):
    archive(tmp_path / name, [f"{i}\t{text}\r\n" for i, text in enumerate(TEXTS)])
    passages = Passages(tmp_path / name, "passages.tsv" if "tar" in name else None, len(TEXTS), 4, "x")
    assert [row for part in range(4) for row in passages.rows(part)] == [(str(i), text) for i, text in enumerate(TEXTS)]


def test_a_short_file_and_a_line_without_a_tab_are_named(tmp_path):
    archive(tmp_path / "p.tsv", ["1\ta\n", "no tab\n"])
    with pytest.raises(InputError, match=r"p.tsv:2: no tab"):
        list(Passages(tmp_path / "p.tsv", None, 2, 1, "x").rows(0))
    archive(tmp_path / "p.tsv", ["1\ta\n"])
    with pytest.raises(InputError, match="1 passages, but 2 are pinned"):
        list(Passages(tmp_path / "p.tsv", None, 2, 1, "x").rows(0))


@pytest.fixture
def small(workspace):
    """A collection of 15 passages in 3 parts, and the same read whole."""
    workspace.take("models/minilm.yaml", "baselines/minilm/method.py")
    folder, mirror = workspace.folder, workspace.folder / "mirror" / "tiny"
    mirror.mkdir(parents=True)
    (folder / "collections").mkdir()
    archive(mirror / "p.tsv.gz", [f"d{i}\t{text}\n" for i, text in enumerate(TEXTS)])
    (mirror / "q.tsv").write_text("q1\ta red bird\nq2\tsome blue shirt\nq3\tunjudged\n")
    (mirror / "qrels.txt").write_text("q1 0 d3 1\nq2 0 d9 1\n")
    rows = [json.dumps({"_id": f"d{i}", "text": text}) for i, text in enumerate(TEXTS)]
    (mirror / "p.jsonl").write_text("\n".join(rows))
    (mirror / "run.txt").write_text("".join(f"{q} Q0 d{i} {i + 1} 1 x\n" for q in ("q1", "q2") for i in range(len(TEXTS))))
    pins = {}
    for path in mirror.iterdir():
        pins[path.name] = {"bytes": path.stat().st_size, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    pins["p.tsv.gz"] |= {
        "sha256": None,
        "md5": hashlib.md5((mirror / "p.tsv.gz").read_bytes(), usedforsecurity=False).hexdigest(),
    }
    common = {"title": "t", "split": "test", "licence": "l", "origin": "o", "get": "g", "sources": {"mirror": "tiny"}}
    files = {name: pins[name] for name in ("q.tsv", "qrels.txt", "p.tsv.gz")}
    passages = {"file": "p.tsv.gz", "member": None, "count": 15, "parts": 3}
    settings = {"queries": "q.tsv", "qrels": "qrels.txt"}
    counts = {"documents": 15, "queries": 2, "qrels": 2}
    define(
        folder,
        "parted",
        {**common, "reader": "large", "settings": settings, "files": files, "passages": passages, "counts": counts},
    )
    settings |= {"run": "run.txt", "passages": "p.jsonl"}
    files = {name: pins[name] for name in ("q.tsv", "qrels.txt", "p.jsonl", "run.txt")}
    define(folder, "whole", {**common, "reader": "pool", "settings": settings, "files": files})
    (folder / "baselines/minilm/claims.yaml").write_text("{title: t, documents: {}, metrics: {}}")
    encoder = {**MODEL, "query_prompt": "", "document_prompt": ""}
    experiment = {"seeds": [0], "metrics": ["mrr@10"], "models": {"minilm": {"embedded": "minilm"}}, "depth": 10,
                  "collections": {name: {"embedded": name} for name in ("parted", "whole")},
                  "variants": {"mean": {"encoder": encoder}}}  # fmt: skip
    (folder / "baselines/minilm/experiment.yaml").write_text(yaml.safe_dump(experiment))
    return workspace


def define(folder, name, written):
    (folder / "collections" / f"{name}.yaml").write_text(yaml.safe_dump(written))


def test_a_collection_in_parts_ranks_as_the_same_collection_whole(small):
    mirror = f"mirror={small.folder / 'mirror'}"
    code, said = small.snakemake("--config", mirror)
    assert code == 0, said
    assert all(f"minilm-32-float32.parted.{part}" in said for part in range(3))
    folder = small.folder / "results/embedded/minilm/mean/0/rank"
    rows = {name: gzip.decompress((folder / f"mean.{name}.trec.gz").read_bytes()).decode() for name in ("parted", "whole")}
    order = {name: [line.split()[:3:2] for line in text.splitlines()] for name, text in rows.items()}
    assert order["parted"] == order["whole"] and len(order["parted"]) == 20
    frame = pd.read_parquet(folder.parent / "scores.parquet")
    assert frame[(frame.metric == "mrr@10") & frame.query_id.isna()].value.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"parts": 16}, "passages.parts: 16 parts cannot be cut from 15"),
        ({"part": 3}, "unknown key 'passages.part'"),
    ],
)
def test_faulty_parts_are_named(small, change, words):
    path = small.folder / "collections" / "parted.yaml"
    written = yaml.safe_load(path.read_text())
    written["passages"] |= change
    path.write_text(yaml.safe_dump(written))
    with pytest.raises(InputError, match=words):
        loading.load("parted", config.load(small.folder, {"mirror": str(small.folder / "mirror")}))

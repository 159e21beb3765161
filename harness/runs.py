"""Run files in TREC layout, and the measures that come with them."""

from __future__ import annotations

import csv
import gzip
import io
import math
from pathlib import Path

import numpy as np

from harness.collection import Collection
from harness.errors import InputError
from harness.text import replacing, write_text

Run = dict[str, list[tuple[str, float]]]
Measure = tuple[str, str, str, str | None, float]  # variant, collection role, metric, query id or None, value


def write(path: Path, run: Run, collection: Collection, tag: str) -> None:
    """Write a run, best first, ties by document id descending; the same run gives the same bytes."""
    lines = []
    for query in collection.query_ids:
        rows = run.get(query, [])
        _refuse_faulty(path, collection, query, rows)
        for rank, (document, score) in enumerate(sorted(rows, key=_order, reverse=True), start=1):
            lines.append(f"{query} Q0 {document.replace(' ', '_')} {rank} {np.float32(score)!s} {tag}\n")
    with replacing(path) as temporary, temporary.open("wb") as opened:
        with gzip.GzipFile(filename="", fileobj=opened, mode="wb", mtime=0) as packed:
            packed.write("".join(lines).encode())


def _order(row: tuple[str, float]) -> tuple[np.float32, str]:
    return np.float32(row[1]), row[0]


def _refuse_faulty(path: Path, collection: Collection, query: str, rows: list[tuple[str, float]]) -> None:
    known = collection.documents
    seen: set[str] = set()
    for document, score in rows:
        if document not in known:
            raise InputError(f"{path.name}: query '{query}' ranks '{document}', which {collection.name} does not hold")
        if document in seen:
            raise InputError(f"{path.name}: query '{query}' ranks '{document}' twice")
        if math.isnan(score):
            raise InputError(f"{path.name}: NaN score for query '{query}', document '{document}'")
        seen.add(document)


def read(path: Path, collection: Collection) -> Run:
    """Read a run file; raise InputError for a malformed line (file:line) or a document that is not there."""
    names = {document.replace(" ", "_"): document for document in collection.document_ids}
    run: Run = {}
    with gzip.open(path, "rt", encoding="utf-8") as opened:
        for number, line in enumerate(opened, start=1):
            parts = line.split()
            if len(parts) != 6:
                raise InputError(f"{path}:{number}: {len(parts)} fields, but a TREC run has 6")
            query, _, document, _, score, _ = parts
            if document not in names:
                raise InputError(f"{path}:{number}: '{document}' is no document of {collection.name}")
            run.setdefault(query, []).append((names[document], float(score)))
    return run


def write_measures(path: Path, rows: list[Measure]) -> None:
    """Write the measures that are not computed from a ranking; one row each, or InputError."""
    keys = [row[:4] for row in rows]
    if twice := next((key for key in keys if keys.count(key) > 1), None) if len(set(keys)) != len(keys) else None:
        raise InputError(f"{path.name}: the measure {twice} is given twice")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["variant", "collection", "metric", "query_id", "value"])
    writer.writerows([variant, role, metric, query or "", repr(float(value))] for variant, role, metric, query, value in rows)
    write_text(path, text.getvalue())


def read_measures(path: Path) -> list[Measure]:
    """Read what `write_measures` wrote."""
    with path.open(encoding="utf-8", newline="") as opened:
        rows = csv.DictReader(opened)
        return [(r["variant"], r["collection"], r["metric"], r["query_id"] or None, float(r["value"])) for r in rows]

"""Run files in TREC layout."""

from __future__ import annotations

import gzip
import math
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import IO, TypeVar
from urllib.parse import quote, unquote

import numpy as np

from harness.data.collection import Collection
from harness.data.readers.content import lines
from harness.errors import InputError
from harness.text import replacing

Run = dict[str, list[tuple[str, float]]]  # query id → [(document id, score)], best first
Item = TypeVar("Item")


def ordered(rows: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """Round scores to float32 and sort as trec_eval does: score, then document id, both descending.

    trec_eval keeps a score as a C float, so two scores that differ beyond it are a tie there, and must be one here.
    """
    scores: list[float] = np.array([score for _, score in rows], dtype=np.float32).tolist()
    pairs = sorted(zip(scores, (document for document, _ in rows), strict=True), reverse=True)
    return [(document, score) for score, document in pairs]


def missing(run: Run, qrels: dict[str, dict[str, int]]) -> list[str]:
    """Return the judged queries for which the run ranks nothing; each scores 0."""
    return [query for query in qrels if not run.get(query)]


def own(run: Run) -> list[str]:
    """Return the queries whose ranking holds the document of their own id."""
    return [query for query, rows in run.items() if any(document == query for document, _ in rows)]


def write(path: Path, run: Run, collection: Collection, tag: str) -> None:
    """Write a run, queries in the collection's order, best document first; the same run gives the same bytes.

    Raise InputError for a query or document that the collection lacks, a duplicate, or a score that is not finite.
    """
    for query in run.keys() - set(collection.query_ids):
        raise InputError(f"{path.name}: the run ranks for the query '{query}', which {collection.name} does not hold")
    with replacing(path) as temporary, temporary.open("wb") as opened, _gzip(opened) as packed:
        for query in collection.query_ids:
            rows = ordered(run.get(query, []))
            _refuse_faulty(path.name, collection, query, rows)
            packed.write("".join(_lines(query, rows, tag)).encode())


def _gzip(opened: IO[bytes]) -> gzip.GzipFile:
    """No name and no time in the header: they would make equal runs differ."""
    return gzip.GzipFile(filename="", fileobj=opened, mode="wb", compresslevel=6, mtime=0)


def _lines(query: str, rows: list[tuple[str, float]], tag: str) -> Iterator[str]:
    for rank, (document, score) in enumerate(rows, start=1):
        yield f"{_packed(query)} Q0 {_packed(document)} {rank} {np.float32(score)!s} {tag}\n"


@lru_cache(maxsize=1 << 16)
def _packed(name: str) -> str:
    """Percent-code white space in an id: a line of six fields cannot hold it. '%20' sorts before letters, as ' ' does."""
    return re.sub(r"[%\s]", lambda found: quote(found[0], safe=""), name)


def _refuse_faulty(where: str, collection: Collection, query: str, rows: list[tuple[str, float]]) -> None:
    """Say what is wrong with one query's ranking, if anything is."""
    pool = frozenset((collection.candidates or {}).get(query, []))
    seen: set[str] = set()
    for document, score in rows:
        if document not in collection.documents and not collection.passages:  # a large one's ids are not in memory
            raise InputError(f"{where}: query '{query}' ranks '{document}', which {collection.name} does not hold")
        if collection.candidates is not None and document not in pool:
            raise InputError(f"{where}: query '{query}' ranks '{document}', which is not among its candidates")
        if document in seen:
            raise InputError(f"{where}: query '{query}' ranks '{document}' twice")
        if not math.isfinite(score):
            kind = "NaN" if math.isnan(score) else "infinite"
            raise InputError(f"{where}: {kind} score for query '{query}', document '{document}'")
        seen.add(document)


def read(path: Path, collection: Collection, ours: bool = True) -> Run:
    """Read a run file, ordered; raise InputError for a damaged file, a malformed line or a faulty ranking.

    `ours`: the rank stage wrote it, and percent-coded the white space in ids; a run that a source released is not ours to remake.
    """
    run: Run = {}
    for number, line in whole(path, "the run file is damaged", lines) if ours else lines(path):
        query, document, score = _fields(f"{path}:{number}", line, unquote if ours else str)
        run.setdefault(query, []).append((document, score))
    if not run and not ours:
        raise InputError(f"{path}: the run ranks nothing")
    known = set(collection.query_ids)
    for query, listed in run.items():
        if query not in known:
            raise InputError(f"{path}: the run ranks for the query '{query}', which {collection.name} does not hold")
        _refuse_faulty(str(path), collection, query, listed)
    return {query: ordered(listed) for query, listed in run.items()}


def whole(path: Path, damaged: str, read: Callable[[Path], Iterable[Item]]) -> Iterator[Item]:
    """Yield what a reader finds in a file of the rank stage; add to what it finds wrong what to do about it."""
    if not path.exists():
        raise InputError(f"{path}: the file is missing; run the rank stage again")
    if path.is_file() and not path.stat().st_size:
        raise InputError(f"{path}: {damaged} (it is empty); remove its folder and run the rank stage again")
    try:
        yield from read(path)
    except InputError as error:
        what = str(error).removeprefix(f"{path}:").strip()
        raise InputError(f"{path}: {damaged} ({what}); remove its folder and run the rank stage again") from None


def top(path: Path, depth: int) -> dict[str, list[str]]:
    """Return query id → its first `depth` documents of a run that `write` wrote, best first."""
    found: dict[str, list[str]] = {}
    for _, line in lines(path):
        query, _, document, rank, _ = line.split(" ", 4)
        if int(rank) <= depth:
            found.setdefault(unquote(query), []).append(unquote(document))
    return found


def _fields(where: str, line: str, decoded: Callable[[str], str]) -> tuple[str, str, float]:
    parts = line.split()
    if len(parts) != 6:
        raise InputError(f"{where}: {len(parts)} fields, but a line of a TREC run has 6")
    try:
        return decoded(parts[0]), decoded(parts[2]), float(parts[4])
    except ValueError:
        raise InputError(f"{where}: the score '{parts[4]}' is no number") from None

"""What a collection must be: counts and digest as pinned, every id once, nothing judged that is not there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from harness.data.collection import Collection
from harness.data.readers.meeting import refuse_strangers
from harness.errors import InputError, brief


def counts(c: Collection) -> dict[str, int]:
    """Return the numbers of documents, queries and qrels, and for a pool the qrels of documents outside it."""
    documents = c.passages.count if c.passages else len(c.document_ids)
    found = {"documents": documents, "queries": len(c.query_ids), "qrels": sum(map(len, c.qrels.values()))}
    if c.candidates is not None:
        found["outside"] = sum(document not in c.documents for judged in c.qrels.values() for document in judged)
    return found | {kind: len(rows) for kind, rows in (("triples", c.triples), ("pairs", c.pairs)) if rows}


def check(path: Path, raw: dict[str, Any], collection: Collection) -> None:
    """Refuse an empty collection, an id given twice, a judgement of nothing, and counts or a digest not as pinned."""
    c, where = collection, f"{path}: collection '{collection.name}'"
    if not (c.document_ids or c.passages) or not (c.query_ids or raw.get("queries") == "none"):
        raise InputError(f"{where} is empty: {len(c.document_ids)} documents, {len(c.query_ids)} queries")
    for kind, ids in (("document", c.document_ids), ("query", c.query_ids)):
        _refuse_numbers(where, kind, ids)
        if len(set(ids)) != len(ids):
            twice = next(name for name, count in Counter(ids).items() if count > 1)
            raise InputError(f"{where}: the {kind} id '{twice}' is given twice")
    _refuse_numbers(where, "query", c.qrels)
    _refuse_numbers(where, "document", (document for judged in c.qrels.values() for document in judged))
    unasked = "the qrels name the query '{}', which is not there"
    refuse_strangers(lambda name: f"{where}: {unasked.format(name)}", "query", c.qrels, c.query_ids, "the queries")
    if bare := [query for query in c.query_ids if query not in c.qrels]:
        raise InputError(f"{where}: the query '{bare[0]}' has no judgement")
    if (
        raw.get("judged_outside") != "counted" and not c.passages
    ):  # a pool's qrels judge passages outside it, and the ideal ranking needs them
        _named(where, c, c.qrels, "judges")
    if c.candidates is not None:
        _named(where, c, c.candidates, "has the candidate")
        if bare := [query for query in c.query_ids if not c.candidates.get(query)]:
            raise InputError(f"{where}: query '{bare[0]}' has no candidates")
    clusters = c.labels.get("cluster", {})
    if clusters and (bare := [query for query in c.query_ids if not clusters.get(query)]):
        raise InputError(f"{where}: {len(bare)} of {len(c.query_ids)} queries are in no cluster, the first '{bare[0]}'; name one for each, or none")
    _trainable(where, c)
    for kind, expected in (raw.get("counts") or {}).items():
        if (actual := counts(c).get(kind)) != expected:
            raise InputError(f"{where}: {actual} {kind}, but {expected} are pinned under counts")
    if raw.get("digest") and raw["digest"] != c.digest:
        raise InputError(f"{where}: its content digest is {c.digest}, but {raw['digest']} is pinned")


def cautions(path: Path, c: Collection) -> list[str]:
    """Return what may be meant, but that nothing says so: queries that are documents too, as in ArguAna and Quora."""
    if c.self_retrieval == "kept":
        return []
    where = f"{path}: collection '{c.name}'"
    if c.self_retrieval == "excluded":
        own = [query for query, judged in c.qrels.items() if judged.get(query, 0) > 0]
        told = f"{where}: {len(own)} queries judge the document of their own id (such as '{own[0]}') relevant" if own else ""
        return [f"{told}, which self_retrieval: excluded keeps out of their rankings"] if own else []
    met = sorted(c.documents.intersection(c.query_ids))
    if not met:
        return []
    return [
        f"{where}: {len(met)} of {len(c.query_ids)} query ids are ids of documents too (such as '{met[0]}'), and a query's own "
        "document is ranked as any other; write self_retrieval: excluded to leave it out, as BEIR and MTEB do for ArguAna and "
        "Quora, or self_retrieval: kept"
    ]


def _trainable(where: str, c: Collection) -> None:
    """Refuse a triple or a pair that names a text which is not there."""
    queries = set(c.query_ids)
    for number, (query, *documents) in enumerate(c.triples, start=1):
        if query not in queries:
            raise InputError(f"{where}: triple {number} names the query '{query}', which is not there")
        for document in documents:
            if document not in c.documents:
                raise InputError(f"{where}: triple {number} (query '{query}') names '{document}', which is no document")
    for number, (one, other, _) in enumerate(c.pairs, start=1):
        for document in (one, other):
            if document not in c.documents:
                raise InputError(f"{where}: pair {number} names '{document}', which is no document")


def _named(where: str, c: Collection, named: Mapping[str, Iterable[str]], verb: str) -> None:
    by = {document: query for query, documents in named.items() for document in documents}
    start = f"query '{{}}' {verb} '{{}}', which is no document"
    known = c.document_ids if len(by.keys() - c.documents) else by  # the whole list is gone through for messages alone
    refuse_strangers(lambda name: f"{where}: {start.format(by[name], name)}", "document", by, known, "the documents")


def _refuse_numbers(where: str, kind: str, ids: Iterable[object]) -> None:
    """Refuse an id that is no text: 5 and '5' would be two ids."""
    for name in ids:
        if not isinstance(name, str):
            raise InputError(
                f"{where}: the {kind} id {brief(name)} is of the type '{type(name).__name__}'; ids are text: write str(...)"
            )

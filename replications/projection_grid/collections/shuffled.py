"""Triples whose passages were dealt to other queries: they mean nothing, and what is trained on them has learned nothing of relevance."""

from __future__ import annotations

from dataclasses import asdict
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.data.collection import Collection


def build(settings: dict[str, Any], files: dict[str, Any], collections: dict[str, Collection]) -> dict[str, Any]:
    """Return the one collection of `from` with the passages of its triples dealt anew to the queries, by `seed`."""
    (source,) = collections.values()
    dealt = list(range(len(source.triples)))
    Random(settings["seed"]).shuffle(dealt)
    triples = [(query, *source.triples[row][1:]) for (query, _, _), row in zip(source.triples, dealt, strict=True)]
    qrels: dict[str, dict[str, int]] = {}
    for query, positive, _ in triples:
        qrels.setdefault(query, {})[positive] = 1
    content = {key: value for key, value in asdict(source).items() if key in ("document_ids", "titles", "texts", "query_ids", "queries")}
    return {**content, "qrels": qrels, "triples": triples}

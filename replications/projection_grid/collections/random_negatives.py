"""Triples whose negatives were drawn at random: a query and its own positive, against a passage that nobody looked for."""

from __future__ import annotations

from dataclasses import asdict
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.data.collection import Collection


def build(settings: dict[str, Any], files: dict[str, Any], collections: dict[str, Collection]) -> dict[str, Any]:
    """Return the one collection of `from` with each triple's negative drawn by `seed` from all of its passages but the query's positives."""
    (source,) = collections.values()
    random, passages = Random(settings["seed"]), sorted(source.document_ids)
    triples = [(query, positive, _other(random, passages, source.qrels[query])) for query, positive, _ in source.triples]
    return {**{key: value for key, value in asdict(source).items() if key in KEPT}, "triples": triples}


KEPT = ("document_ids", "titles", "texts", "query_ids", "queries", "qrels")


def _other(random: Random, passages: list[str], relevant: dict[str, int]) -> str:
    while (drawn := random.choice(passages)) in relevant:
        pass
    return drawn

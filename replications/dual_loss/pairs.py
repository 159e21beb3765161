"""Sentence pairs as a collection, and the split that keeps linked pairs on one side."""

from __future__ import annotations

import hashlib
from typing import Any

from harness.data.collection import Collection

Pair = tuple[str, str, float]


def content(rows: list[Pair]) -> dict[str, Any]:
    """Return a collection's content: sentences as documents, pairs over their ids.

    The label `group` names the sentences that hang together: those of one pair, or of pairs that share a sentence. `cluster`
    is the same for a pair, by its id: what is resampled as one.
    """
    ids: dict[str, str] = {}
    for one, other, _ in rows:
        for sentence in (one, other):
            ids.setdefault(sentence, f"s{len(ids):05d}")
    pairs = [(ids[one], ids[other], label) for one, other, label in rows]
    found = {"document_ids": list(ids.values()), "titles": [""] * len(ids), "texts": list(ids), "query_ids": [], "queries": []}
    group = groups(pairs)
    cluster = {pair_id(i): group[one] for i, (one, _, _) in enumerate(pairs)}
    return {**found, "qrels": {}, "labels": {"group": group, "cluster": cluster}, "pairs": pairs}


def pair_id(place: int) -> str:
    """Return the id of a pair by its place among all pairs of its collection."""
    return f"p{place:05d}"


def groups(pairs: list[Pair]) -> dict[str, str]:
    """Return sentence id → first sentence id of its connected group (union-find, path halving)."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        parent.setdefault(name, name)
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for one, other, _ in pairs:
        first, second = sorted((root(one), root(other)))
        parent[second] = first
    return {name: root(name) for name in parent}


def split(collection: Collection, held_out: float) -> tuple[list[Pair], list[Pair]]:
    """Return the pairs to train on and those held out, as sentences; whole groups, drawn by a digest of their name.

    The split hangs on neither seed nor order: every variant with the same share holds out the same pairs.
    """
    text = dict(zip(collection.document_ids, collection.texts, strict=True))
    out = set(held(collection, held_out))
    sides: tuple[list[Pair], list[Pair]] = ([], [])
    for place, (one, other, label) in enumerate(collection.pairs):
        sides[place in out].append((text[one], text[other], label))
    return sides


def held(collection: Collection, held_out: float) -> list[int]:
    """Return the places of the pairs that `split` holds out, ascending."""
    text = dict(zip(collection.document_ids, collection.texts, strict=True))

    def drawn(sentence: str) -> float:
        return int(hashlib.sha256(text[collection.labels["group"][sentence]].encode()).hexdigest()[:8], 16) / 16**8

    return [place for place, (one, _, _) in enumerate(collection.pairs) if drawn(one) < held_out]

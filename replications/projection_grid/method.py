"""Projection heads on a frozen encoder: trained on cached features, ranked by negative Euclidean distance."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from harness.data.collection import Collection
from harness.errors import InputError
from harness.rankings.ranking import rank_all
from harness.studies.inputs import Inputs
from harness.studies.method import Failed, Ranked
from harness.vectors.cache import Vectors

from . import geometry, store, tuning
from .recipe import Settings


def fit_group(members: list[tuple[Settings, Inputs]], seed: int, folder: Path) -> None:
    """Train every head of the group that is not in the store yet, many at once; `folder` gets one note a variant."""
    for settings, inputs in members:
        if settings.tune:
            tuning.fit(settings, settings.tune, inputs, seed, folder / inputs.variant.name)
    with_head = [(settings, inputs) for settings, inputs in members if settings.has_head and not settings.tune]
    heads = store.trained(with_head, seed)
    for (_, inputs), path in zip(with_head, heads, strict=True):
        store.note(folder, inputs.variant.name, path)


def rank(collection: Collection, settings: Settings, seed: int, inputs: Inputs) -> Ranked:
    """Rank by negative Euclidean distance of the head's outputs (released code: scripts/evaluate_beir.py).

    Measured besides: alignment and uniformity. Raise Failed where the head's training broke off.
    """
    if settings.tune:
        where, texts = inputs.fitted / inputs.variant.name, [*collection.queries, *collection.document_texts]
        outputs = tuning.encode(settings, settings.tune, where, texts)
        return _ranked(collection, outputs[len(collection.queries) :], outputs[: len(collection.queries)], inputs)
    queries = inputs.queries(collection.queries)
    if collection.passages:
        if not (settings.has_head or settings.head == "raw"):
            raise Failed(f"{settings.head} needs all documents of {collection.name} at once")
        move = store.load(inputs, settings.checkpoint) if settings.has_head else _as_it_is
        return Ranked(inputs.search(collection, move(queries), "euclidean", move))
    documents = inputs.documents(collection.document_texts)
    move = _move(settings, documents, inputs)
    return _ranked(collection, move(documents), move(queries), inputs)


def _ranked(collection: Collection, documents: Vectors, queries: Vectors, inputs: Inputs) -> Ranked:
    if not (np.isfinite(documents).all() and np.isfinite(queries).all()):
        raise Failed(f"the head of {inputs.variant.name} gives values that are not finite")
    # float64 sums, then float32 scores: documents with the same text tie exactly, whatever the BLAS does.
    wide, asked = documents.astype(np.float64), queries.astype(np.float64)
    lengths = np.square(wide).sum(axis=1)[None, :] + np.square(asked).sum(axis=1)[:, None]
    scores = -np.sqrt(np.maximum(lengths - 2 * (asked @ wide.T), 0))  # (queries, documents)
    run = rank_all(collection, inputs.config.depth, lambda query, chosen: scores[query, chosen])
    return Ranked(run, vectors=documents, measures=_measures(collection, documents, queries))


def _as_it_is(vectors: Vectors) -> Vectors:
    return vectors


def _move(settings: Settings, documents: Vectors, inputs: Inputs) -> geometry.Move:
    """Return what the head does to vectors."""
    if settings.has_head:
        return store.load(inputs, settings.checkpoint)
    training_free = {"raw": lambda _: _as_it_is, "centred": geometry.centring, "whitened": geometry.whitening}
    return training_free[settings.head](documents)


def _measures(collection: Collection, documents: Vectors, queries: Vectors) -> list[tuple[str, str | None, float]]:
    place = {name: i for i, name in enumerate(collection.document_ids)}
    pairs = [
        (i, place[document])
        for i, query in enumerate(collection.query_ids)
        for document, grade in collection.qrels[query].items()
        if grade > 0 and document in place
    ]
    if not pairs:
        raise InputError(f"{collection.name}: no judged document is among its documents; alignment needs one")
    asked, relevant = (np.array(column) for column in zip(*pairs, strict=True))
    near = geometry.alignment(queries[asked], documents[relevant])
    return [("alignment", None, near), ("uniformity", None, geometry.uniformity(documents))]

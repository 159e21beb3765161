"""From scores to ranked lists, ties broken as trec_eval does: score, then document id, both descending."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from harness.data.collection import Collection
from harness.errors import InputError


def rank_all(
    collection: Collection, depth: int, scores: Callable[[int, NDArray[np.intp]], NDArray[np.floating]]
) -> dict[str, list[tuple[str, float]]]:
    """Rank each query's candidates (all documents where there are none) and cut at `depth`.

    `scores(query, documents)` gives one float for each of the document positions; raise InputError on a NaN.
    """
    position = {name: i for i, name in enumerate(collection.document_ids)}
    everything = np.arange(len(position))
    by_id = np.argsort(np.argsort(np.array(collection.document_ids, dtype=object)))  # rank of each id, ascending
    run: dict[str, list[tuple[str, float]]] = {}
    for query, name in enumerate(collection.query_ids):
        pool = collection.candidates and collection.candidates[name]
        documents = np.array([position[d] for d in pool]) if pool else everything
        values = np.asarray(scores(query, documents), dtype=np.float32)
        if np.isnan(values).any():
            raise InputError(f"{collection.name}: NaN score for query '{name}'")
        kept = np.arange(len(values))
        if depth < len(values):  # those that tie with the last one stay: the ids decide between them
            kept = np.flatnonzero(values >= np.partition(values, -depth)[-depth])
        best = kept[np.lexsort((-by_id[documents[kept]], -values[kept]))][:depth]
        run[name] = [(collection.document_ids[documents[i]], float(values[i])) for i in best]
    return run

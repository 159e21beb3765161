"""From scores to ranked lists, ties broken as trec_eval does: score, then document id, both descending."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from harness.data.collection import Collection
from harness.errors import InputError
from harness.rankings.runs import Run, ordered


def without_own(run: Run, depth: int) -> Run:
    """Leave the document with a query's own id out of that query's ranking, as BEIR's and MTEB's `ignore_identical_ids` do.

    What is left is cut at `depth`: it must have been ranked to one document more.
    """
    return {query: ordered([row for row in rows if row[0] != query])[:depth] for query, rows in run.items()}


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

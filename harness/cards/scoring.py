"""From vectors to the printed metrics, under every convention that a reading names."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from harness.cards.axes import Reading, of
from harness.data.collection import Collection
from harness.rankings import metrics
from harness.vectors.cache import Vectors
from harness.vectors.encoder import normalised

Scores = NDArray[np.float32]
Order = dict[str, list[str]]  # query → documents, best first


def similarities(queries: Vectors, documents: Vectors, kind: str) -> Scores:
    """Return (queries, documents) float32 scores, higher is nearer; texts that are alike tie exactly, whatever the BLAS does."""
    if kind == "cosine":
        queries, documents = normalised(queries), normalised(documents)
    wide, asked = documents.astype(np.float64), queries.astype(np.float64)
    found = asked @ wide.T
    if kind == "euclidean":
        found = -(np.square(asked).sum(1)[:, None] + np.square(wide).sum(1)[None] - 2 * found)
    return np.asarray(found, dtype=np.float32)


def orders(scores: Scores, collection: Collection, reading: Reading, depth: int) -> Order:
    """Rank each query's documents under a reading's rule for ties and for a query's own document; cut at `depth`."""
    names = np.array(collection.document_ids, dtype=object)
    ascending = np.argsort(np.argsort(names))  # rank of each id
    ties, own = of(reading, "ties"), of(reading, "own")
    excluded = own == "excluded" or (own == "as defined" and collection.self_retrieval == "excluded")
    place = {name: i for i, name in enumerate(collection.document_ids)}
    found: Order = {}
    for row, query in enumerate(collection.query_ids):
        pool = collection.candidates and collection.candidates[query]
        chosen = np.array([place[name] for name in pool]) if pool else np.arange(len(names))
        if excluded and query in place:
            chosen = chosen[chosen != place[query]]
        values, kept = scores[row][chosen], np.arange(len(chosen))
        if depth < len(values):
            kept = np.flatnonzero(values >= np.partition(values, -depth)[-depth])
        second = {
            "trec_eval": lambda at: -ascending[at],
            "ascending": lambda at: ascending[at],
            "file": lambda at: at,
            "relevant first": _relevant_first(collection, query),
        }[ties](chosen[kept])
        best = kept[np.lexsort((second, -values[kept]))][:depth]
        found[query] = [str(name) for name in names[chosen[best]]]
    return found


def _relevant_first(collection: Collection, query: str) -> Callable[[NDArray[np.intp]], NDArray[np.intp]]:
    grades = collection.qrels[query]
    return lambda at: np.array([-grades.get(collection.document_ids[i], 0) for i in at], dtype=np.intp)


def values(order: Order, collection: Collection, wanted: list[str], reading: Reading) -> list[float | None]:
    """Return the mean of each of the metrics `wanted` under a reading's metric conventions; None for one that it does not have."""
    run = {query: [(name, float(-rank)) for rank, name in enumerate(found)] for query, found in order.items()}
    qrels = collection.qrels
    if of(reading, "queries") != "judged":
        qrels = {query: judged for query, judged in qrels.items() if any(grade > 0 for grade in judged.values())}
    graded = {query: {name: 2 ** max(grade, 0) - 1 for name, grade in judged.items()} for query, judged in qrels.items()}
    read = [_named(name, reading) for name in wanted]
    plain = sorted({name for name in read if name and not (_gain(name) and of(reading, "gain") == "exponential")})
    raised = sorted({name for name in read if name} - set(plain))
    found = metrics.evaluate(run, qrels, plain) | metrics.evaluate(run, graded, raised)
    return [float(np.mean(list(found[name].values()))) if name else None for name in read]


def _gain(name: str) -> bool:
    parts = metrics.split(name)
    return parts is not None and parts.measure in metrics.GRADED


def _named(name: str, reading: Reading) -> str | None:
    """Return the metric under another cut-off or level, None where the reading's change does not touch it and would only repeat it."""
    parts = metrics.split(name)
    assert parts
    cutoff = of(reading, "cutoff")
    level = int(of(reading, "level"))
    measure = f"{parts.measure}@{parts.cutoff if cutoff == 'printed' else cutoff}"
    return measure if level == 1 or parts.measure in metrics.GRADED else f"{measure}-l{level}"

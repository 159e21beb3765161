"""Exact search over documents that come in chunks: memory grows with queries times depth, not with the documents."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from harness.errors import InputError

ROWS = 16384  # documents scored at a time; bounds the memory, measures nothing
Scorer = str  # 'inner' (product) or 'euclidean' (negative distance)


class Best:
    """The best `depth` documents of each query over all chunks so far, ties broken as trec_eval does.

    `queries` is (queries, d). Products are summed in float64 and kept as float32, so that equal documents tie exactly,
    in whatever chunks they come.
    """

    def __init__(self, queries: NDArray[np.floating], depth: int, scorer: Scorer) -> None:
        self.queries, self.depth, self.scorer = queries.astype(np.float64), depth, scorer
        self.squares = np.square(self.queries).sum(axis=1)
        self.scores = [np.empty(0, dtype=np.float32) for _ in queries]
        self.names: list[NDArray[np.object_]] = [np.empty(0, dtype=object) for _ in queries]
        self.least = np.full(len(queries), -np.inf, dtype=np.float32)  # what a document must reach, once `depth` are there

    def add(self, names: Sequence[str], vectors: NDArray[np.floating]) -> None:
        """Take in documents, (n, d) with one name each; raise InputError for a value that is not finite."""
        for start in range(0, len(names), ROWS):
            rows = vectors[start : start + ROWS].astype(np.float64)
            self._add(np.array(names[start : start + ROWS], dtype=object), rows)

    def _add(self, names: NDArray[np.object_], rows: NDArray[np.float64]) -> None:
        scores = self._score(rows)
        if np.isnan(scores).any():
            raise InputError(f"NaN score for the document '{names[int(np.argmax(np.isnan(scores).any(axis=0)))]}'")
        for query in np.flatnonzero((scores >= self.least[:, None]).any(axis=1)).tolist():
            kept = np.flatnonzero(scores[query] >= self.least[query])
            if len(kept) > self.depth:  # those that tie with the last one stay: the names decide between them
                kept = kept[scores[query, kept] >= np.partition(scores[query, kept], -self.depth)[-self.depth]]
            self._merge(query, scores[query, kept], names[kept])

    def _score(self, rows: NDArray[np.float64]) -> NDArray[np.float32]:
        products = self.queries @ rows.T
        if self.scorer == "euclidean":
            lengths = np.square(rows).sum(axis=1)
            products = -np.sqrt(np.maximum(lengths[None, :] - 2 * products + self.squares[:, None], 0))
        return products.astype(np.float32)

    def _merge(self, query: int, scores: NDArray[np.float32], names: NDArray[np.object_]) -> None:
        scores = np.concatenate([self.scores[query], scores])
        names = np.concatenate([self.names[query], names])
        best = np.lexsort((names.astype(str), scores))[::-1][: self.depth]
        self.scores[query], self.names[query] = scores[best], names[best]
        if len(best) == self.depth:
            self.least[query] = self.scores[query][-1]

    def run(self, query_ids: Sequence[str]) -> dict[str, list[tuple[str, float]]]:
        """Return the ranking of each query, best first."""
        found = zip(query_ids, self.names, self.scores, strict=True)
        return {query: list(zip(names.tolist(), map(float, scores), strict=True)) for query, names, scores in found}

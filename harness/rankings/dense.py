"""Ranking by the inner product of frozen vectors: the method of every encoder that is used as it is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harness.data.collection import Collection
from harness.rankings.ranking import rank_all
from harness.studies.inputs import Inputs
from harness.studies.method import Ranked
from harness.studies.method import Settings as Empty


class Settings(Empty):
    """A frozen encoder has no settings besides its `encoder` block."""


def rank(collection: Collection, settings: Settings, seed: int, inputs: Inputs) -> Ranked:
    """Rank documents by inner product (cosine where the encoder normalises); the seed is not used."""
    queries = inputs.queries(collection.queries)
    if collection.passages:
        return Ranked(inputs.search(collection, queries, "inner", lambda vectors: vectors))
    documents = inputs.documents(collection.document_texts)
    # float64 sums, then float32 scores: documents with the same text tie exactly, whatever the BLAS does.
    wide = documents.astype(np.float64)

    def scores(query: int, chosen: NDArray[np.intp]) -> NDArray[np.floating]:
        rows = wide if len(chosen) == len(wide) else wide[chosen]
        return np.asarray(rows @ queries[query].astype(np.float64))

    return Ranked(rank_all(collection, inputs.config.depth, scores), vectors=documents)

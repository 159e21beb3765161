"""Random ranking: what no information at all would score."""

from __future__ import annotations

from math import comb

import numpy as np

from harness.data.collection import Collection
from harness.rankings.ranking import rank_all
from harness.studies.inputs import Inputs
from harness.studies.method import Ranked
from harness.studies.method import Settings as Base


class Settings(Base):
    """`cutoff`: the rank at which the expected hit rate is worked out."""

    cutoff: int


def rank(collection: Collection, settings: Settings, seed: int, inputs: Inputs) -> Ranked:
    """Give every document a uniform score drawn from `seed`, and say what a random ranking expects."""
    generator = np.random.default_rng(seed)
    run = rank_all(collection, inputs.config.depth, lambda _, documents: generator.random(len(documents)))
    expected = [(f"expected_hit_rate@{settings.cutoff}", q, v) for q, v in expected_hits(collection, settings.cutoff).items()]
    return Ranked(run, measures=[*expected])


def expected_hits(collection: Collection, cutoff: int) -> dict[str, float]:
    """For each query, the chance that a random top `cutoff` holds a relevant document: 1 - C(n-r, k) / C(n, k)."""
    chances = {}
    known = set(collection.document_ids)
    for query in collection.query_ids:
        pool = set(collection.candidates[query]) if collection.candidates else known
        relevant = sum(grade > 0 and document in pool for document, grade in collection.qrels[query].items())
        drawn = min(cutoff, len(pool))
        chances[query] = 1 - comb(len(pool) - relevant, drawn) / comb(len(pool), drawn)
    return chances

"""Counts shared words, times a weight."""

import numpy as np

from harness.rankings.ranking import rank_all
from harness.studies.method import Ranked
from harness.studies.method import Settings as Base


class Settings(Base):
    """`weight`: what one shared word counts."""

    weight: float


def rank(collection, settings, seed, inputs):
    """Rank by shared words."""
    words = [set(text.split()) for text in collection.texts]

    def scores(query, documents):
        asked = set(collection.queries[query].split())
        return np.array([settings.weight * len(words[d] & asked) for d in documents])

    return Ranked(rank_all(collection, inputs.config.depth, scores))

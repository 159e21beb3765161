"""The longest title that stands word for word in the query: how far look-up alone goes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harness.data.collection import Collection
from harness.rankings.ranking import rank_all
from harness.studies.inputs import Inputs
from harness.studies.method import Ranked
from harness.studies.method import Settings as Base


class Settings(Base):
    """`lower`: compare without regard to case."""

    lower: bool


def rank(collection: Collection, settings: Settings, seed: int, inputs: Inputs) -> Ranked:
    """Score a document by the characters of its title if the query contains it, else 0; the seed is not used."""
    titles = [_plain(title, settings) for title in collection.titles]
    lengths = np.array([len(title) for title in titles])

    def scores(query: int, documents: NDArray[np.intp]) -> NDArray[np.floating]:
        text = _plain(collection.queries[query], settings)
        return np.array([lengths[d] if titles[d] and titles[d] in text else 0 for d in documents], dtype=np.float32)

    return Ranked(rank_all(collection, inputs.config.depth, scores))


def _plain(text: str, settings: Settings) -> str:
    return " ".join((text.lower() if settings.lower else text).split())

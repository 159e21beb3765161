"""TF-IDF cosine by scikit-learn: the simplest weighting that a lexical baseline can have."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from harness.data.collection import Collection
from harness.errors import InputError
from harness.rankings.ranking import rank_all
from harness.studies.inputs import Inputs
from harness.studies.method import Ranked
from harness.studies.method import Settings as Base


class Settings(Base):
    """What scikit-learn's vectoriser would else take from its defaults."""

    token_pattern: str
    stop_words: Literal["english"] | None
    sublinear_tf: bool


def rank(collection: Collection, settings: Settings, seed: int, inputs: Inputs) -> Ranked:
    """Rank documents by the cosine of TF-IDF vectors (smoothed idf, unit length); the seed is not used.

    Raise InputError where no document holds a token.
    """
    weigher = TfidfVectorizer(
        token_pattern=settings.token_pattern, stop_words=settings.stop_words, sublinear_tf=settings.sublinear_tf
    )
    tokens = weigher.build_analyzer()
    if not any(map(tokens, collection.document_texts)):
        raise InputError(
            f"collection '{collection.name}': none of its {len(collection.texts)} documents holds a token (token_pattern: "
            f"{settings.token_pattern}, stop_words: {settings.stop_words}): tfidf has nothing to rank by"
        )
    documents = weigher.fit_transform(collection.document_texts)
    queries = weigher.transform(collection.queries)

    def scores(query: int, chosen: NDArray[np.intp]) -> NDArray[np.floating]:
        return np.asarray((documents @ queries[query].T).toarray()).ravel()[chosen]

    return Ranked(rank_all(collection, inputs.config.depth, scores))

"""BM25 (Robertson & Zaragoza 2009) by bm25s, whose methods follow Kamphuis et al. 2020."""

from __future__ import annotations

from typing import Literal

import bm25s
import numpy as np
from numpy.typing import NDArray

from harness.data.collection import Collection
from harness.errors import InputError
from harness.rankings.ranking import rank_all
from harness.studies.inputs import Inputs
from harness.studies.method import Ranked
from harness.studies.method import Settings as Base


class Settings(Base):
    """Everything that makes two BM25s differ."""

    formula: Literal["robertson", "lucene", "atire", "bm25l", "bm25+"]
    k1: float
    b: float
    token_pattern: str
    stemmer: Literal["porter", "english"] | None
    stop_words: Literal["english"] | None


def rank(collection: Collection, settings: Settings, seed: int, inputs: Inputs) -> Ranked:
    """Rank documents (title and text together) by BM25; the seed is not used. Raise InputError where no document holds a token."""
    documents = _tokens(collection.document_texts, settings)
    if not any(documents):
        raise InputError(
            f"collection '{collection.name}': none of its {len(documents)} documents holds a token (token_pattern: "
            f"{settings.token_pattern}, stop_words: {settings.stop_words}): bm25 has nothing to rank by"
        )
    index = bm25s.BM25(method=settings.formula, k1=settings.k1, b=settings.b)
    index.index(documents, show_progress=False)
    queries = _tokens(collection.queries, settings)

    def scores(query: int, documents: NDArray[np.intp]) -> NDArray[np.floating]:
        known = [token for token in queries[query] if token in index.vocab_dict]
        if not known:  # a query of unknown words scores every document alike
            return np.zeros(len(documents))
        found: NDArray[np.floating] = index.get_scores(known)[documents]
        return found

    return Ranked(rank_all(collection, inputs.config.depth, scores))


def _tokens(texts: list[str], settings: Settings) -> list[list[str]]:
    import Stemmer

    stemmer = Stemmer.Stemmer(settings.stemmer) if settings.stemmer else None
    tokens: list[list[str]] = bm25s.tokenize(
        texts,
        lower=True,
        token_pattern=settings.token_pattern,
        stopwords=settings.stop_words or [],
        stemmer=stemmer,
        return_ids=False,
        show_progress=False,
    )
    return tokens

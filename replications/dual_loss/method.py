"""Questions to syllabi: chunks ranked by a sentence encoder, as it is or trained on pairs of sentences, or by BM25."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from harness.data.collection import Collection
from harness.errors import InputError
from harness.rankings.ranking import rank_all
from harness.studies import trained
from harness.studies.inputs import Inputs
from harness.studies.method import Ranked, load
from harness.studies.method import Settings as Base
from harness.studies.study import folders
from harness.vectors.encoder import FrozenEncoder, normalised

from . import calibration, measures
from .pairs import held, pair_id, split
from .recipe import Recipe

Vectors = NDArray[np.float32]
VERSION = 2  # raise it when a change of training, mining or splitting changes what is trained


class Settings(Base):
    """`scorer`: trained (on `recipe`), frozen (the encoder as it is) or lexical (BM25 with the settings of `lexical`).

    `top`: chunks that are read. `bins`: of the expected calibration error. `held_out`: as in `Recipe`, for the pairs on which
    calibration is measured. `max_length`: tokens of a text when a trained model encodes.
    """

    scorer: Literal["trained", "frozen", "lexical"]
    recipe: Recipe | None
    lexical: dict[str, str | float | None] | None
    top: int
    bins: int
    held_out: float
    max_length: int


def fit(settings: Settings, seed: int, inputs: Inputs, folder: Path) -> None:
    """Train one variant unless it is kept already; `<folder>/<variant>` is its sentence-transformers folder."""
    if settings.scorer != "trained":
        return
    from . import negatives, training

    if settings.recipe is None:
        raise InputError(f"variants.{inputs.variant.name}: recipe: null, but the scorer is trained")
    pairs = [pair for collection in inputs.training() for pair in split(collection, settings.recipe.held_out)[0]]
    kept = trained.place(inputs.config, inputs.base, VERSION, [pairs, settings.recipe.model_dump(mode="json"), seed])
    if not kept.is_dir():
        mined = negatives.mine(inputs.base, pairs, settings.recipe) if settings.recipe.negatives == "mined" else {}
        training.train(inputs.base, pairs, mined, settings.recipe, seed, kept)
    trained.link(folder, inputs.variant.name, kept)


def rank(collection: Collection, settings: Settings, seed: int, inputs: Inputs) -> Ranked:
    """Rank the chunks of each query's syllabus by cosine; measure accuracy, role confusion or calibration on the way.

    What is measured depends on the collection: chunks with `states`, probes as triples, or pairs.
    """
    if settings.scorer == "lexical":
        ranked = _lexical(collection, settings, seed, inputs)
        return Ranked(ranked.run, None, _measured(collection, ranked.run, settings))
    if collection.pairs:
        _, out = split(collection, settings.held_out)
        one, other = (_vectors([pair[side] for pair in out], settings, inputs) for side in (0, 1))
        cosines = np.einsum("ij,ij->i", one.astype(np.float64), other.astype(np.float64))
        names = [pair_id(place) for place in held(collection, settings.held_out)]
        return Ranked({}, None, calibration.measure(cosines, np.array([label for *_, label in out]), settings.bins, names))
    documents = _vectors(collection.document_texts, settings, inputs).astype(np.float64)
    queries = _vectors(collection.queries, settings, inputs, "query").astype(np.float64)
    run = rank_all(collection, inputs.config.depth, lambda query, chosen: np.asarray(documents[chosen] @ queries[query]))
    return Ranked(run, None, _measured(collection, run, settings))


def _measured(collection: Collection, run: measures.Run, settings: Settings) -> list[measures.Measure]:
    if collection.triples:
        return measures.confusion(collection, run)
    return measures.of_chunks(collection, run, settings.top)


def _vectors(texts: list[str], settings: Settings, inputs: Inputs, kind: str = "document") -> Vectors:
    """Return unit vectors, (texts, d): from the cache for a frozen encoder, else from the fitted model."""
    if settings.scorer == "frozen":
        return normalised(inputs.queries(texts) if kind == "query" else inputs.documents(texts))
    folder = inputs.fitted / inputs.variant.name
    unique = sorted(set(texts))
    found = _opened(folder, settings.max_length, inputs.config.encode.threads).encode(unique, ["mean"])["mean"]
    place = {text: i for i, text in enumerate(unique)}
    return normalised(found[[place[text] for text in texts]])


@lru_cache(maxsize=1)
def _opened(folder: Path, max_length: int, threads: int) -> FrozenEncoder:
    return FrozenEncoder(folder, max_length, "float32", threads)


def _lexical(collection: Collection, settings: Settings, seed: int, inputs: Inputs) -> Ranked:
    bm25 = load(folders(inputs.config)["bm25"])
    ranked: Ranked = bm25.rank(collection, bm25.Settings.model_validate(settings.lexical), seed, inputs)
    return ranked

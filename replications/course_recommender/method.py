"""Courses for a student's statement: an encoder trained so that courses of one faculty lie together, or as it is."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.collection import Collection
from harness.errors import InputError
from harness.inputs import Inputs
from harness.method import Failed, Ranked
from harness.ranking import rank_all

from . import courses, measures
from .recipe import Settings

__all__ = ["Settings", "fit", "rank"]


def fit(settings: Settings, seed: int, inputs: Inputs, folder: Path) -> None:
    """Train one variant unless it is there; a training that breaks off leaves `<variant>.failed` and no model."""
    if settings.recipe is None:
        return
    from . import synonyms, training

    target, broken = folder / inputs.variant.name, folder / f"{inputs.variant.name}.failed"
    if target.is_dir() or broken.is_file():
        return
    found = inputs.training()
    if len(found) != 1:
        raise InputError(f"variants.{inputs.variant.name}: train_on: one collection is expected, {len(found)} are given")
    try:
        training.train(inputs.base, courses.read(found[0], settings.recipe, seed), settings, seed, target)
    except (training.Diverged, synonyms.Missing) as reason:
        broken.write_text(str(reason), encoding="utf-8")


def rank(collection: Collection, settings: Settings, seed: int, inputs: Inputs) -> Ranked:
    """Rank courses by cosine; measured besides: the released metrics, and hits by stratum. Raise Failed for a broken training."""
    folder = inputs.base
    if settings.recipe:
        folder, broken = inputs.fitted / inputs.variant.name, inputs.fitted / f"{inputs.variant.name}.failed"
        if broken.is_file():
            raise Failed(broken.read_text(encoding="utf-8"))
    fresh = settings if settings.recipe is None else None
    vectors = _vectors(folder, fresh, seed, tuple(collection.document_texts), settings.batch)
    wide = vectors.astype(np.float64)
    queries = _vectors(folder, fresh, seed, tuple(collection.queries), settings.batch).astype(np.float64)
    run = rank_all(collection, inputs.config.depth, lambda query, chosen: np.asarray(wide[chosen] @ queries[query]))
    measured = measures.released(run, collection.qrels) + measures.hits(run, collection.qrels, measures.strata(collection))
    measured += measures.transposed(vectors)
    return Ranked(run, vectors, measured + _unseen(collection, settings, seed, inputs, run))


def _unseen(collection: Collection, settings: Settings, seed: int, inputs: Inputs, run: measures.Run) -> list[measures.Measure]:
    """Split the statements by whether their courses were trained on, where some were held out."""
    if not (settings.recipe and settings.recipe.held_out):
        return []
    away = courses.held_out(inputs.training()[0], settings.recipe.held_out, seed)
    of = {
        q: "unseen" if away & liked.keys() == liked.keys() else "partly" if away & liked.keys() else "seen"
        for q, liked in collection.qrels.items()
    }
    return measures.hits(run, collection.qrels, of)


@lru_cache(maxsize=64)
def _vectors(folder: Path, fresh: Settings | None, seed: int, texts: tuple[str, ...], batch: int) -> NDArray[np.float32]:
    """Return unit vectors, (texts, d) float32; one text has one vector wherever it stands, so that copies tie."""
    import torch

    unique = sorted(set(texts), key=lambda text: (len(text), text))
    with torch.inference_mode():
        found = np.asarray(_opened(folder, fresh, seed).encode(unique, batch_size=batch, show_progress_bar=False))
    place = {text: i for i, text in enumerate(unique)}
    return found[[place[text] for text in texts]].astype(np.float32)


@lru_cache(maxsize=1)
def _opened(folder: Path, fresh: Settings | None, seed: int):  # type: ignore[no-untyped-def]
    """Load a trained folder as any user would; put together an untrained encoder (`fresh`)."""
    from sentence_transformers import SentenceTransformer

    from .model import make

    return make(folder, fresh, seed) if fresh else SentenceTransformer(str(folder), local_files_only=True)

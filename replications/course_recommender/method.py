"""Courses for a student's statement: an encoder trained so that courses of one faculty lie together, or as it is."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.data.collection import Collection
from harness.errors import InputError
from harness.rankings.ranking import rank_all
from harness.studies import trained
from harness.studies.inputs import Inputs
from harness.studies.method import Failed, Ranked

from . import courses, measures
from .recipe import Settings

__all__ = ["Settings", "fit", "rank"]
CUTS = (5, 10)  # of the usual F1
TOLD = ("courses", "labels_with_one_course", "statements_as_views", "statements_left_out")  # of training.json


def fit(settings: Settings, seed: int, inputs: Inputs, folder: Path) -> None:
    """Train one variant unless it is kept; a training that breaks off leaves `<variant>.failed` and no model."""
    if settings.recipe is None:
        return
    from . import synonyms, training

    found = inputs.training()
    if len(found) != 1:
        raise InputError(f"variants.{inputs.variant.name}: train_on: one collection is expected, {len(found)} are given")
    read, source = courses.read(found[0], settings.recipe, settings.split), settings.recipe.synonyms
    given = [asdict(read), synonyms.content(source), source, settings.model_dump(mode="json", exclude={"split", "batch"}), seed]
    kept = trained.place(inputs.config, inputs.base, training.VERSION, given)
    broken = folder / f"{inputs.variant.name}.failed"
    broken.unlink(missing_ok=True)
    try:
        if not kept.is_dir():
            training.train(inputs.base, read, settings, source, seed, kept)
        trained.link(folder, inputs.variant.name, kept)
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
    measured = (
        measures.released(run, collection.qrels) + measures.plain_f1(run, collection.qrels, CUTS) + measures.transposed(vectors)
    )
    measured += measures.hits(run, collection.qrels, measures.strata(_quoting(collection, inputs)))
    if settings.recipe:
        learnt = inputs.training()[0]
        if set(learnt.document_ids) == set(collection.document_ids):
            of = measures.by_course(collection.qrels, courses.apart(learnt, settings.split))
            measured += measures.hits(run, collection.qrels, of)
        told = json.loads((folder / "training.json").read_text(encoding="utf-8"))
        measured += [(f"trained_{name}", None, float(told[name])) for name in TOLD]
    return Ranked(run, vectors, measured)


def _quoting(collection: Collection, inputs: Inputs) -> Collection:
    """Return the collection whose texts begin with the titles and whose statements quote them: `courses` for its own statements."""
    original = inputs.collection("courses")
    return original if original.query_ids == collection.query_ids else collection


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

"""Recommenders over one catalogue (A3): yardsticks, text, quantised text, and what is learned on top of either."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.data.collection import Collection
from harness.errors import InputError
from harness.rankings.ranking import rank_all
from harness.studies.inputs import Inputs
from harness.studies.method import Ranked
from harness.vectors.encoder import normalised

from . import quantise
from .recipe import Items
from .sequences import Features, histories, profile

Floats = NDArray[np.float64]


def fit(settings: Items, seed: int, inputs: Inputs, target: Path) -> None:
    """Learn a codebook from the texts of the first collection trained on, then weights on each in turn; save both."""
    from safetensors.numpy import save_file

    from . import learning

    given, kept = inputs.training(), {}
    where = f"{inputs.study.folder / 'experiment.yaml'}: variants.{inputs.variant.name}"
    if len(given) > 1 and settings.scorer == "ids":
        raise InputError(f"{where}: train_on: a vector for each item cannot be taken to another catalogue; name one collection")
    if settings.quantiser:
        kept["book"] = quantise.codebook(texts(given[0], inputs), settings.quantiser, seed, where)
    for collection in given if settings.learning else []:
        found = features(collection, settings, seed, inputs, kept.get("book"))
        values = settings.quantiser.values if settings.quantiser else len(found)
        weights = kept["weights"] if "weights" in kept else learning.start(found, values, settings.learning, seed)
        kept["weights"] = learning.train(weights, found, list(histories(collection).values()), settings.learning, seed)
    target.parent.mkdir(parents=True, exist_ok=True)
    save_file(kept, target)


def texts(collection: Collection, inputs: Inputs) -> NDArray[np.float32]:
    """Return (items, d) unit vectors of the items' texts."""
    return normalised(inputs.documents(collection.document_texts))


def features(collection: Collection, settings: Items, seed: int, inputs: Inputs, book: NDArray[np.float32] | None) -> Features:
    """Return what an item is learned from: its codes (dealt anew to the items for shuffled_codes), its text's vector, or its number."""
    if settings.scorer == "ids":
        return np.arange(len(collection.document_ids))[:, None]
    if book is None:
        return texts(collection, inputs)
    found = quantise.codes(texts(collection, inputs), book)
    return found[np.random.default_rng(seed).permutation(len(found))] if settings.scorer == "shuffled_codes" else found


def rank(collection: Collection, settings: Items, seed: int, inputs: Inputs, fitted: Path) -> Ranked:
    """Rank for every user the items not yet taken; measured besides: how far items lie as their texts do (`text_tie`)."""
    taken = histories(collection)
    users = [taken[user] for user in collection.query_ids]
    if settings.scorer == "popularity":
        counts = np.bincount([item for one in taken.values() for item in one], minlength=len(collection.document_ids))
        return Ranked(untaken(collection, users, np.tile(counts, (len(users), 1)), inputs.config.depth))
    if settings.scorer == "item_knn":
        assert settings.neighbours
        near = neighbourhood(list(taken.values()), len(collection.document_ids), settings.neighbours)
        scores = np.stack([near[one].sum(axis=0) for one in users])
        return Ranked(untaken(collection, users, scores, inputs.config.depth))
    vectors = represented(collection, settings, seed, inputs, fitted).astype(np.float64)
    profiles = np.stack([profile(one, len(vectors)) for one in users]) @ vectors
    scores = profiles / np.maximum(np.linalg.norm(profiles, axis=1, keepdims=True), 1e-12) @ vectors.T
    run = untaken(collection, users, scores, inputs.config.depth)
    if settings.scorer == "text":
        return Ranked(run)
    return Ranked(run, None, [("text_tie", None, tie(vectors, texts(collection, inputs).astype(np.float64)))])


def represented(collection: Collection, settings: Items, seed: int, inputs: Inputs, fitted: Path) -> NDArray[np.float32]:
    """Return (items, d) unit vectors: of the texts, of their quantised form, or as learned."""
    if settings.scorer == "text":
        return texts(collection, inputs)
    from safetensors.numpy import load_file

    from . import learning

    kept = load_file(fitted)
    found = features(collection, settings, seed, inputs, kept.get("book"))
    if settings.scorer == "quantised":
        return normalised(quantise.decoded(found, kept["book"]))
    return learning.vectors(kept["weights"], found)


def neighbourhood(sequences: list[list[int]], count: int, neighbours: int) -> Floats:
    """Return (items, items) cosines of who took what, each row cut to its nearest `neighbours` (Sarwar et al. 2001, section 3.1.1)."""
    taken = np.zeros((len(sequences), count))
    for row, sequence in enumerate(sequences):
        taken[row, sequence] = 1
    lengths = np.maximum(np.linalg.norm(taken, axis=0), 1e-12)
    found: Floats = taken.T @ taken / lengths[:, None] / lengths[None, :]
    np.fill_diagonal(found, 0)
    if neighbours < count:
        found[found < np.partition(found, -neighbours, axis=1)[:, -neighbours, None]] = 0
    return found


def untaken(collection: Collection, users: list[list[int]], scores: NDArray[np.floating], depth: int) -> dict[str, list[tuple[str, float]]]:
    """Rank (users, items) scores among the items that a user has not taken before: nobody takes one twice in these data."""
    left = {
        user: np.delete(collection.document_ids, one).tolist() for user, one in zip(collection.query_ids, users, strict=True)
    }
    return rank_all(replace(collection, candidates=left), depth, lambda user, chosen: scores[user, chosen])


def tie(vectors: Floats, text: Floats) -> float:
    """Return Spearman's correlation, over all pairs of items, of their cosines as represented and as texts; both are (n, d) unit vectors."""
    from scipy.stats import spearmanr

    upper = np.triu_indices(len(text), k=1)
    return float(spearmanr((vectors @ vectors.T)[upper], (text @ text.T)[upper]).statistic)

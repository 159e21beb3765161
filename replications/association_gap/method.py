"""Association against relevance: role probes, item codes and words of a taxonomy, each by its own part."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.data.collection import Collection
from harness.errors import InputError, closest
from harness.rankings.ranking import rank_all
from harness.studies import trained
from harness.studies.inputs import Inputs
from harness.studies.method import Ranked
from harness.vectors.encoder import FrozenEncoder, normalised

from . import asked, items, probes, words
from .recipe import Contrast, Items, Probes, Settings, Words

__all__ = ["Settings", "fit", "rank"]
Floats = NDArray[np.float64]


def fit(settings: Settings, seed: int, inputs: Inputs, folder: Path) -> None:
    """Train what a variant trains: `<folder>/<variant>.safetensors` of a head or of items, `<folder>/<variant>.<fold>` of an encoder."""
    task, name = settings.task, inputs.variant.name
    if isinstance(task, Items) and inputs.variant.train_on:
        items.fit(task, seed, inputs, folder / f"{name}.safetensors")
    if isinstance(task, Probes) and task.training:
        _contrast(task, task.training, seed, inputs, folder)


def rank(collection: Collection, settings: Settings, seed: int, inputs: Inputs) -> Ranked:
    """Score and measure one variant on one collection."""
    task = settings.task
    if isinstance(task, Items):
        return items.rank(collection, task, seed, inputs, inputs.fitted / f"{inputs.variant.name}.safetensors")
    if isinstance(task, Words):
        return words.rank(collection, task, seed, inputs)
    return _probed(collection, task, seed, inputs)


def _probed(collection: Collection, task: Probes, seed: int, inputs: Inputs) -> Ranked:
    unseen = _known(task.unseen, f"{inputs.study.folder / 'experiment.yaml'}: variants.{inputs.variant.name}.task.unseen")
    if task.level is not None:
        level = dict.fromkeys(collection.query_ids, task.level)
        tied = rank_all(collection, inputs.config.depth, lambda query, chosen: np.zeros(len(chosen)))
        return Ranked(tied, None, probes.of_error(collection, level, unseen))
    measured: list[probes.Measure] = []
    if task.scorer != "cosine":
        scores = probes.lexical(collection, task, seed, inputs)
    else:
        by_fold = {fold: _vectors(collection, task.training, fold, inputs) for fold in _folds(collection)}
        scores = np.stack([_cosines(by_fold[fold], row) for row, fold in enumerate(_fold_of(collection))])
    run = rank_all(collection, inputs.config.depth, lambda query, chosen: scores[query, chosen])
    if not collection.triples:
        queries, documents = next(iter(by_fold.values()))
        return Ranked(run, None, probes.named(collection, queries, documents))
    pairs = probes.paired(collection, scores)
    measured += probes.of_error(collection, probes.errors(pairs), unseen) + probes.of_pairs(collection, pairs)
    if task.scorer == "cosine" and task.training is None:
        measured += probes.of_cosines(collection, pairs, next(iter(by_fold.values()))[1])
    elif task.scorer == "cosine":
        measured += [("gap", query, right - wrong) for query, (right, wrong) in pairs.items()]
    return Ranked(run, None, measured)


def _known(roles: list[str], where: str) -> frozenset[str]:
    """Return the roles that no training sees; raise InputError for a word that is no role."""
    for role in roles:
        if role not in (known := asked.rewritten()):
            raise InputError(f"{where}: no role '{role}'{closest(role, known)}")
    return frozenset(roles)


def _fold_of(collection: Collection) -> list[str]:
    """Return the fold of every query; one for all where the collection has none."""
    folds = collection.labels.get("fold", {})
    return [folds.get(query, "") for query in collection.query_ids]


def _folds(collection: Collection) -> list[str]:
    return sorted(set(_fold_of(collection)))


def _cosines(vectors: tuple[Floats, Floats], row: int) -> Floats:
    queries, documents = vectors
    found: Floats = documents @ queries[row]
    return found


def _vectors(collection: Collection, training: Contrast | None, fold: str, inputs: Inputs) -> tuple[Floats, Floats]:
    """Return unit vectors of queries and documents, (n, d) each, by the encoder that never saw the courses of a fold."""
    if training is not None and training.trains == "encoder":
        folder = inputs.fitted / f"{inputs.variant.name}.{fold}"
        queries, documents = (_encoded(folder, training.max_length or 0, inputs.config.encode.threads, tuple(t)) for t in (collection.queries, collection.document_texts))
    else:
        queries, documents = normalised(inputs.queries(collection.queries)), normalised(inputs.documents(collection.document_texts))
    if training is not None and training.trains == "head":
        from safetensors.numpy import load_file

        weight = load_file(inputs.fitted / f"{inputs.variant.name}.safetensors")[fold]
        queries, documents = normalised(queries @ weight), normalised(documents @ weight)
    return queries.astype(np.float64), documents.astype(np.float64)


@lru_cache(maxsize=4)
def _encoded(folder: Path, max_length: int, threads: int, texts: tuple[str, ...]) -> NDArray[np.float32]:
    """Return unit vectors, (texts, d), by a trained encoder; one text has one vector wherever it stands."""
    unique = sorted(set(texts))
    found = FrozenEncoder(folder, max_length, "float32", threads).encode(unique, ["mean"])["mean"]
    place = {text: i for i, text in enumerate(unique)}
    return normalised(found[[place[text] for text in texts]])


def _contrast(task: Probes, training: Contrast, seed: int, inputs: Inputs, folder: Path) -> None:
    """Train once for each fold on the courses outside of it; an encoder is kept by its examples, settings and seed."""
    from safetensors.numpy import save_file

    from . import contrast

    (collection,) = inputs.training()
    heads = {}
    for fold in _folds(collection):
        examples = contrast.rows(collection, fold, frozenset(task.unseen))
        if training.trains == "head":
            queries, texts = sorted({row.query for row in examples}), sorted({text for row in examples for text in (row.relevant, row.wrong)})
            vectors = dict(zip(queries, normalised(inputs.queries(queries)), strict=True))
            vectors |= dict(zip(texts, normalised(inputs.documents(texts)), strict=True))
            heads[fold] = contrast.head(vectors, examples, training, seed)
            continue
        kept = trained.place(inputs.config, inputs.base, contrast.VERSION, [[vars(row) for row in examples], training.model_dump(mode="json"), seed])
        if not kept.is_dir():
            unfinished = kept.with_name(f".{kept.name}.{seed}.{fold}")
            contrast.encoder(inputs.base, examples, training, seed, unfinished)
            trained.keep(unfinished, kept)
        trained.link(folder, f"{inputs.variant.name}.{fold}", kept)
    if heads:
        folder.mkdir(parents=True, exist_ok=True)
        save_file({fold: weight.copy() for fold, weight in heads.items()}, folder / f"{inputs.variant.name}.safetensors")

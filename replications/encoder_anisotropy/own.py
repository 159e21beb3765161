"""The same measures for your own chunks: `python -m replications.encoder_anisotropy.own --chunks FOLDER`.

The folder holds <subject>/*.txt, or JSON lines (*.json, *.jsonl) with `label` and `text`, and if you like `module`, `unit` and
`split` (train, test). Of text files m1-01.txt, m1-02.txt the module is m1. `--variant NAME` (again for more) takes any variant of
experiment.yaml; where one of them is trained, whole modules are held out, and everything is measured on these alone. What is
left out is named. Intervals are over modules.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from harness import config
from harness.config import Config
from harness.data.collection import Collection
from harness.errors import InputError, closest, stage
from harness.rankings.scores import Measured
from harness.studies import models, trained
from harness.studies.fidelity import Parts
from harness.studies.method import Settings as Plain
from harness.studies.method import load, settings_of
from harness.studies.study import folders
from harness.studies.study import load as load_study
from harness.verdicts import estimate

from . import cloud, measures, pairs, reading
from .collections.chunks import Row, content
from .recipe import Settings

HERE = Path(__file__).parent
UNITS = ("knn_unit", "silhouette_unit", "gap_unit")
Table = dict[str, dict[str, str]]  # measure → variant → mean and interval


def collection(rows: list[Row], name: str) -> Collection:
    """Return chunks as a collection; a chunk without a unit stands under its subject."""
    found = content([{"unit": row["subject"], **row} for row in rows], None)
    return Collection(name=name, split=name, candidates=None, made=False, **found)


def variant(name: str, settings: Config) -> tuple[Settings, Path | None]:
    """Return the settings of a variant of experiment.yaml and its model's folder; raise InputError for another name."""
    known = folders(settings)
    study = load_study(HERE, known, settings.fidelity)
    declared = {one.name: one for one in study.variants}
    if name not in declared:
        raise InputError(f"--variant: '{name}' is none of experiment.yaml{closest(name, declared)}; names: {', '.join(declared)}")
    chosen = declared[name]
    read: Plain = settings_of(load(HERE), chosen.settings, HERE / "experiment.yaml", name)
    asked = Settings.model_validate(read.model_dump())
    if chosen.model is None:
        return asked, None
    assert study.experiment
    actual = study.experiment.models[chosen.model].at(settings.fidelity)
    if actual is None:
        raise InputError(f"--variant: '{name}' has no model at fidelity {settings.fidelity}; take another fidelity (--fidelity)")
    return asked, models.model_folder(actual, settings)


def measured(
    name: str, learnt: Collection, held: Collection, seed: int, settings: Config, skipped: list[str]
) -> list[measures.Measure]:
    """Measure the held-out chunks by a variant, trained on `learnt` where it is one to train."""
    asked, base = variant(name, settings)
    ids, texts = held.document_ids, held.document_texts
    if asked.words:
        return measures.of(cloud.lexical(texts, asked.words, ids), ids, held.labels, asked.neighbours)
    assert asked.vectors and base
    if found := cloud.unknown(base, texts):
        shown = ", ".join(repr(word) for word in list(dict.fromkeys(found))[:10])
        skipped.append(f"{name}: {len(found)} words are outside the model's vocabulary and read as unknown, such as {shown}")
    folder = trained_folder(asked, base, pairs.read(learnt), seed, settings) if asked.recipe else base
    return measures.of(cloud.cosines(cloud.encoded(folder, texts, asked.vectors, settings)), ids, held.labels, asked.neighbours)


def trained_folder(asked: Settings, base: Path, chunks: pairs.Chunks, seed: int, settings: Config) -> Path:
    """Return the folder of a model trained by a recipe, trained now unless it is kept."""
    from . import training

    assert asked.recipe and asked.vectors
    given = [chunks.texts, chunks.subjects, asked.vectors.pooling, asked.recipe.model_dump(mode="json"), seed]
    kept = trained.place(settings, base, training.VERSION, given)
    if not kept.is_dir():
        training.train(base, chunks, asked.vectors, asked.recipe, seed, kept)
    return kept


def row_of(found: list[measures.Measure], modules: dict[str, str], confidence: float) -> dict[str, str]:
    """Return measure → mean with its interval over modules, or the value where it is one of the whole."""
    by_chunk: dict[str, list[tuple[str, float]]] = {}
    told = {metric: f"{value:.3f}" for metric, one, value in found if one is None}
    for metric, one, value in found:
        if one is not None:
            by_chunk.setdefault(metric, []).append((one, value))
    for metric, values in by_chunk.items():
        names, numbers = zip(*values, strict=True)
        told[metric] = _shown(metric, names, np.array(numbers)[:, None], [modules[name] for name in names], confidence)
    return told


def _shown(metric: str, names: Sequence[str], values: measures.Matrix, groups: list[str], confidence: float) -> str:
    if not np.isfinite(values).all():
        return f"not defined for {int((~np.isfinite(values)).sum())} chunks"
    whole = values.mean(axis=0)
    score = Measured(
        ("own", "own", "own", metric), (0,), whole, values, tuple(names), np.unique(groups, return_inverse=True)[1], False,
        Parts("none", "none", "none"), tuple(groups),
    )  # fmt: skip
    span = estimate.of_score(score, None).interval(confidence)
    return f"{whole[0]:.3f}" + (f" [{span[0]:.3f}, {span[1]:.3f}]" if span else "")


def table(rows: dict[str, dict[str, str]], units: bool) -> str:
    """Return a Markdown table: measures down, variants across; those by unit where units are given."""
    names = [name for name in dict.fromkeys(m for row in rows.values() for m in row) if units or not name.startswith(UNITS)]
    lines = ["| measure | " + " | ".join(rows) + " |", "|---" * (len(rows) + 1) + "|"]
    return "\n".join(lines + [f"| {name} | " + " | ".join(row.get(name, "") for row in rows.values()) + " |" for name in names])


def main() -> None:
    """Print the table, and what was left out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chunks", type=Path, required=True, help="the folder")
    parser.add_argument("--variant", action="append", help="a variant of experiment.yaml; tfidf and minilm unless given")
    parser.add_argument("--fidelity", default="embedded", help="by which the number of steps and the lengths are taken: embedded, substitute, original")
    parser.add_argument("--longer-than", type=int, default=100, help="characters that a chunk must exceed; 100 as in the module's loader")
    parser.add_argument("--held-out", type=float, default=0.3, help="share of the modules of a subject that is held out, where the chunks do not say")
    parser.add_argument("--seed", type=int, default=0, help="of that draw and of a training")
    arguments = parser.parse_args()
    if not arguments.chunks.is_dir():
        raise InputError(f"--chunks: {arguments.chunks} is no folder")
    settings, skipped = config.load(overrides={"fidelity": arguments.fidelity}), []
    rows = reading.read(arguments.chunks, arguments.longer_than, skipped)
    names = arguments.variant or ["tfidf", "minilm"]
    trains = any(variant(name, settings)[0].recipe for name in names)
    parts = reading.split(rows, arguments.held_out, arguments.seed) if trains else ([], rows)
    learnt, held = (collection(part, name) for part, name in zip(parts, ("train", "test"), strict=True))
    found = {}
    for name in names:
        own = measured(name, learnt, held, arguments.seed, settings, skipped)
        found[name] = row_of(own, held.labels["module"], settings.judgement.confidence)
    counted = {subject: sum(row["subject"] == subject for row in rows) for subject in sorted({row["subject"] for row in rows})}
    told = ", ".join(f"{number} of {name}" for name, number in counted.items())
    print(f"{len(rows)} chunks ({told}); {len(learnt.document_ids)} of them to train on, {len(held.document_ids)} measured\n")
    print(table(found, all("unit" in row for row in rows)))
    for line in skipped:
        print(f"left out or unknown: {line}", file=sys.stderr)


if __name__ == "__main__":
    stage(main)

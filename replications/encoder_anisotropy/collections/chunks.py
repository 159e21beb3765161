"""Textbook chunks as JSON lines: who is held out, who is trained on, and the same texts without a subject's outward cues."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from harness.data.readers.content import Content, json_lines
from harness.errors import InputError

Row = dict[str, Any]
KEYS = ("id", "subject", "unit", "module", "split", "text")
SETTINGS = {"part", "split", "per_subject", "sample_seed", "longer_than", "removed"}


def build(settings: Mapping[str, Any], files: Mapping[str, Path], collections: object) -> Content:
    """Return the chunks of one part ('held_out' or 'train') as documents alone, labelled by subject, unit and module.

    `split`: 'module', or {share, seed} of the draw by chunk. `per_subject`: the most that are taken of a subject, drawn by
    `sample_seed`; null for all. `longer_than`: characters that a text must exceed. `removed`: a regular expression whose
    matches are taken out of each text, or null. Raise InputError for a setting that is missing or not known.
    """
    if settings.keys() != SETTINGS:
        raise InputError(f"chunks: settings: exactly {', '.join(sorted(SETTINGS))} are expected, not {', '.join(sorted(settings))}")
    rows = [row for path in files.values() for row in json_lines(path, *KEYS)]
    refuse(rows, "chunks")
    rows = [row for row in rows if len(row["text"]) > settings["longer_than"]]
    chosen = part(rows, settings["part"], settings["split"])
    chosen = sampled(chosen, settings["per_subject"], settings["sample_seed"])
    return content(chosen, settings["removed"])


def refuse(rows: Iterable[Row], where: str) -> None:
    """Raise InputError for an id given twice, a chunk without words, and a module that is in both splits."""
    ids: set[str] = set()
    splits: dict[str, str] = {}
    for row in rows:
        name = row["id"]
        if name in ids:
            raise InputError(f"{where}: the chunk id '{name}' is given twice")
        ids.add(name)
        if not row["text"].strip():
            raise InputError(f"{where}: the chunk '{name}' has no text; take it out, or give it one")
        if row["split"] not in ("train", "test"):
            raise InputError(f"{where}: the chunk '{name}': split: '{row['split'][:40]}' is neither train nor test")
        if splits.setdefault(row["module"], row["split"]) != row["split"]:
            raise InputError(f"{where}: the module '{row['module']}' is in both splits (chunk '{name}'); put all of it into train or into test")


def part(rows: list[Row], wanted: str, split: str | Mapping[str, Any]) -> list[Row]:
    """Return the held-out or the training chunks of a split by module, or of one drawn by chunk as the scripts do.

    Drawn: all chunks are shuffled, the first 1 - share of them are trained on. The scripts give no seed; ours is written.
    """
    if wanted not in ("held_out", "train"):
        raise InputError(f"chunks: settings.part: '{wanted}' is neither held_out nor train")
    if split == "module":
        return [row for row in rows if (row["split"] == "test") == (wanted == "held_out")]
    if not isinstance(split, Mapping) or split.keys() != {"share", "seed"}:
        raise InputError(f"chunks: settings.split: 'module' or {{share: ..., seed: ...}} is expected, not {split!r}")
    shuffled = random.Random(split["seed"]).sample(rows, len(rows))
    trained = round((1 - split["share"]) * len(rows))
    return shuffled[trained:] if wanted == "held_out" else shuffled[:trained]


def sampled(rows: list[Row], most: int | None, seed: int) -> list[Row]:
    """Return at most `most` chunks of each subject, drawn by a seed; in the order of their ids."""
    subjects = sorted({row["subject"] for row in rows})
    shuffled = random.Random(seed).sample(sorted(rows, key=lambda row: row["id"]), len(rows))
    kept = [row for subject in subjects for row in [r for r in shuffled if r["subject"] == subject][:most]]
    return sorted(kept, key=lambda row: row["id"])


def content(rows: list[Row], removed: str | None) -> Content:
    """Return chunks as documents with their labels; what holds no word after the removal is refused."""
    ids = [row["id"] for row in rows]
    texts = [row["text"] if removed is None else re.sub(r" {2,}", " ", re.sub(removed, " ", row["text"])) for row in rows]
    if bare := [name for name, text in zip(ids, texts, strict=True) if not text.strip()]:
        raise InputError(f"chunks: settings.removed takes all of the text of {len(bare)} chunks, the first '{bare[0]}'")
    labels = {name: {row["id"]: row[name] for row in rows} for name in ("subject", "unit", "module")}
    return {
        "document_ids": ids,
        "titles": [""] * len(ids),
        "texts": texts,
        "query_ids": [],
        "queries": [],
        "qrels": {},
        "labels": {**labels, "cluster": labels["module"]},
    }

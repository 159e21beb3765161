"""Chunks of one's own: a folder of text files for each subject, or the module's JSON lines. What is left out is named."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from pathlib import Path

from harness.data.readers.content import json_lines
from harness.errors import InputError
from harness.text import read_text

from .collections.chunks import Row, refuse

NUMBER = re.compile(r"[-_ ]\d+$")  # behind a module's name in the name of a file


def read(folder: Path, longer_than: int, skipped: list[str]) -> list[Row]:
    """Return the chunks of `<subject>/*.txt`, or of JSON lines (*.json, *.jsonl) with `label` and `text`, by what lies there.

    What has no text, or not more than `longer_than` characters, is named in `skipped`. Raise InputError for a folder without
    chunks, with both layouts, with one subject, with a label in two spellings, and for a module in both splits.
    """
    lines = sorted([*folder.glob("*.json"), *folder.glob("*.jsonl")])
    files = sorted(path for path in folder.glob("*/*.txt") if path.is_file())
    if not (lines or files):
        raise InputError(f"{folder}: no chunks: neither <subject>/*.txt nor JSON lines (*.json, *.jsonl) with label and text lie there")
    if lines and files:
        raise InputError(f"{folder}: both JSON lines ({lines[0].name}) and text files ({files[0].relative_to(folder)}) lie there; keep one of them")
    rows = _lines(lines) if lines else _files(folder, files)
    _refuse_spellings(folder, sorted({row["subject"] for row in rows}))
    kept = []
    for row in rows:
        if not row["text"].strip():
            skipped.append(f"{row['id']}: no text in it")
        elif len(row["text"]) <= longer_than:
            skipped.append(f"{row['id']}: {len(row['text'])} characters; more than {longer_than} are asked for (--longer-than)")
        else:
            kept.append(row)
    _refuse_one(folder, kept)
    if given := {"split" in row for row in kept} - {False}:
        if len({"split" in row for row in kept}) > len(given):
            raise InputError(f"{folder}: some chunks say their split and some do not; write it for all or for none")
        refuse(kept, str(folder))
    return kept


def _lines(paths: list[Path]) -> list[Row]:
    rows = []
    for path in paths:
        for number, entry in enumerate(json_lines(path, "label", "text"), start=1):
            name = f"{path.name}:{number}"
            told = {key: str(entry[key]) for key in ("unit", "split") if key in entry}
            rows.append({"id": name, "module": str(entry.get("module", name)), "subject": entry["label"], "text": entry["text"], **told})
    return rows


def _files(folder: Path, paths: list[Path]) -> list[Row]:
    names = [(path, path.relative_to(folder).with_suffix("").as_posix()) for path in paths]
    return [{"id": name, "module": NUMBER.sub("", name), "subject": path.parent.name, "text": read_text(path)} for path, name in names]


def _refuse_spellings(folder: Path, subjects: list[str]) -> None:
    seen: dict[str, str] = {}
    for name in subjects:
        if (other := seen.setdefault(name.strip().casefold(), name)) != name:
            raise InputError(f"{folder}: the label '{other}' is given twice, the second time as '{name}'; write both alike")


def _refuse_one(folder: Path, rows: list[Row]) -> None:
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        found[row["subject"]].append(row["module"])
    if len(found) < 2:
        only = ", ".join(f"'{name}' ({len(modules)} chunks)" for name, modules in found.items()) or "none"
        raise InputError(f"{folder}: two subjects at least are needed to tell apart; found: {only}")
    for name, modules in found.items():
        if len(modules) < 2:
            raise InputError(f"{folder}: the subject '{name}' has one chunk; two at least are needed")


def split(rows: list[Row], share: float, seed: int) -> tuple[list[Row], list[Row]]:
    """Return the chunks to train on and the held-out ones, as the rows say; else whole modules are drawn, a share of each subject's.

    Raise InputError where a subject would stand on one side alone.
    """
    if all("split" in row for row in rows):
        held = {row["module"] for row in rows if row["split"] == "test"}
    else:
        chance, held = random.Random(seed), set()
        for subject in sorted({row["subject"] for row in rows}):
            modules = sorted({row["module"] for row in rows if row["subject"] == subject})
            held.update(chance.sample(modules, round(share * len(modules))))
    parts = [row for row in rows if row["module"] not in held], [row for row in rows if row["module"] in held]
    for subject in sorted({row["subject"] for row in rows}):
        for name, part in zip(("to train on", "held out"), parts, strict=True):
            if sum(row["subject"] == subject for row in part) < 2:
                raise InputError(f"the subject '{subject}' has fewer than two chunks {name}: more modules of it are needed")
    return parts

"""verdicts.csv: a row a claim, in the ledger's order."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path

from harness.config import Config
from harness.pages.display import COLUMNS, row
from harness.studies.fidelity import PARTS
from harness.studies.fidelity import WORDS as PART_WORDS
from harness.text import read_sealed, write_sealed
from harness.verdicts.judging import Judged
from harness.verdicts.words import WORDS

Row = dict[str, str]


def write(path: Path, judged: list[Judged], config: Config) -> None:
    """Write one row a claim, in the ledger's order."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(row(each, config.judgement.confidence) for each in judged)
    write_sealed(path, text.getvalue())


def read(path: Path) -> list[Row]:
    """Read verdicts.csv; raise InputError if it is missing, or not as the judge stage wrote it."""
    return list(csv.DictReader(io.StringIO(read_sealed(path, f"judge --study {path.parent.name}"), newline="")))


def fidelity(row: Row) -> str:
    """Say in a few words with whose materials a value was made; empty where nothing was recomputed."""
    used = {part: row[part] for part in PARTS if row[part] not in ("", "none")}
    if len(used) > 1 and len(set(used.values())) == 1:
        return f"all {next(iter(used.values()))}"
    return ", ".join(f"{word} {PART_WORDS[part]}" for part, word in used.items())


def counts(rows: list[Row]) -> list[tuple[str, int]]:
    """Return how many rows bear each verdict, in the order of the words, absent ones left out."""
    found = Counter(row["verdict"] for row in rows)
    return [(word, found[word]) for word in WORDS if found[word]]

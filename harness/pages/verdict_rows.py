"""verdicts.csv: a row a claim, in the ledger's order."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path

from harness.config import Config
from harness.errors import InputError
from harness.pages.display import COLUMNS, row
from harness.text import write_text
from harness.verdicts.judging import Judged
from harness.verdicts.words import WORDS

Row = dict[str, str]


def write(path: Path, judged: list[Judged], config: Config) -> None:
    """Write one row a claim, in the ledger's order."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(row(each, config.judgement.confidence) for each in judged)
    write_text(path, text.getvalue())


def read(path: Path) -> list[Row]:
    """Read verdicts.csv; raise InputError if it is missing."""
    if not path.exists():
        raise InputError(f"{path}: missing; run `python -m harness.judge --study {path.parent.name}` first")
    with path.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def counts(rows: list[Row]) -> list[tuple[str, int]]:
    """Return how many rows bear each verdict, in the order of the words, absent ones left out."""
    found = Counter(row["verdict"] for row in rows)
    return [(word, found[word]) for word in WORDS if found[word]]

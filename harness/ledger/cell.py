"""Where a claim stands in a printed table, in the paper's own words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.errors import InputError, brief, closest
from harness.ledger.entries import Entry

WORDS = ("label", "bold")  # of a row or column: for readers alone, no part of a claim


class Cell(Entry):
    """One cell: names as the ledger has them, labels as the paper prints them, and whether it is printed bold."""

    table: str
    place: str
    row: str
    column: str
    row_label: str
    column_label: str
    bold: bool = False
    alone: bool = False  # in the table's only column, whose name says nothing more than the row's


def label(path: Path, where: str, name: Any, entry: Any) -> str:
    """Return the label of a row or column, its name where none is written; raise InputError for what is no words."""
    written = entry.get("label", str(name)) if isinstance(entry, dict) else str(name)
    if not isinstance(written, str) or not written.strip():
        raise InputError(f"{path}: {where}: label: expected the paper's words, not {brief(written)}")
    return written


def bold(path: Path, where: str, entry: Any, columns: list[Any]) -> list[Any]:
    """Return the columns in which a row is printed bold; raise InputError for one that is not there."""
    written = entry.get("bold", []) if isinstance(entry, dict) else []
    if not isinstance(written, list):
        raise InputError(f"{path}: {where}: bold: expected a list of columns, not {brief(written)}")
    for column in written:
        if column not in columns:
            raise InputError(f"{path}: {where}: bold: no column {brief(column)}{closest(str(column), map(str, columns))}")
    return written


def plain(entry: Any) -> Any:
    """Return a row's or column's entry without what is for readers alone."""
    return {key: value for key, value in entry.items() if key not in WORDS} if isinstance(entry, dict) else entry

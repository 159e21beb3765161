"""Where a claim stands in a printed table, in the paper's own words, and how it is set there."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from harness.errors import InputError, brief, closest
from harness.ledger.entries import Entry

# For readers alone, no part of a claim: what a table, a column and a row may say beside it.
OF_TABLE = ("caption",)
OF_COLUMN = ("label",)
OF_ROW = ("label", "line", "bold", "underline", "marks", "words")


class Cell(Entry):
    """One cell: names as the ledger has them, labels as the paper prints them, and how the number is set."""

    table: str
    place: str
    row: str
    column: str
    row_label: str
    column_label: str
    bold: bool = False
    underline: bool = False
    marks: str | None = None  # footnote signs and small print beside the number
    alone: bool = False  # in the table's only column, whose name says nothing more than the row's


def label(path: Path, where: str, name: Any, entry: Any) -> str:
    """Return the label of a row or column, its name where none is written; raise InputError for what is no words."""
    written = entry.get("label", str(name)) if isinstance(entry, dict) else str(name)
    if not isinstance(written, str) or not written.strip():
        raise InputError(f"{path}: {where}: label: expected the paper's words, not {brief(written)}")
    return written


def refuse_unknown(where: str, row: dict[str, Any], columns: Collection[str]) -> None:
    """Raise InputError for marks of no known form, or on a column that the table does not have; `where` opens the message."""
    for key in ("bold", "underline"):
        if not isinstance(row.get(key) or [], list):
            raise InputError(f"{where}: {key}: expected a list of columns, not {brief(row[key])}")
    for key in ("marks", "words"):
        entries = row.get(key) or {}
        if not (isinstance(entries, dict) and all(isinstance(text, str) for text in entries.values())):
            raise InputError(f'{where}: {key}: expected words by column, such as {{a: "*"}}, not {brief(row[key])}')
    if not isinstance(row.get("line", ""), str):
        raise InputError(f'{where}: line: expected words such as "paper.tex:12", not {brief(row["line"])}')
    for key in ("bold", "underline", "marks", "words"):
        for column in row.get(key) or []:
            if column not in columns:
                raise InputError(f"{where}: {key}: no column {brief(column)}{closest(str(column), map(str, columns))}")


def marks(row: dict[str, Any], column: str) -> dict[str, Any]:
    """Return how one cell is set, as keys of Cell."""
    set_so = {key: column in (row.get(key) or []) for key in ("bold", "underline")}
    return {**set_so, "marks": (row.get("marks") or {}).get(column)}


def plain(entry: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    """Return an entry without what is for readers alone."""
    return {key: value for key, value in entry.items() if key not in keys}

"""What a table of a ledger says of its cells beside their numbers: the line of a row, bold, underlining, footnote signs, words."""

from __future__ import annotations

from typing import Any

from harness.errors import InputError, brief, closest

OF_TABLE = ("caption",)
OF_COLUMN = ("heading",)
OF_ROW = ("line", "bold", "underline", "marks", "words")


def without(entry: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    """Return an entry without keys that are about the table, not about what a cell claims."""
    return {key: value for key, value in entry.items() if key not in keys}


def of_cell(row: dict[str, Any], column: str) -> dict[str, Any]:
    """Return the marks of one cell as keys of its claim."""
    marks = {key: True for key in ("bold", "underline") if column in (row.get(key) or [])}
    sign = (row.get("marks") or {}).get(column)
    return marks | ({"marks": sign} if sign else {})


def refuse_unknown(where: str, row: dict[str, Any], columns: Any) -> None:
    """Raise InputError for marks of no known form, or on a column that the table does not have."""
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
                raise InputError(f"{where}: {key}: the table has no column {brief(column)}{closest(str(column), columns)}")

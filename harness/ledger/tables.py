"""Tables of a ledger: what they say once holds for each cell, and rows and columns say by their names what they are."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import InputError, brief
from harness.ledger import cell, standard

UNRUN = ("untested", "out_of_reach", "fact")  # of a cell that no run decides: it names no system of ours


@dataclass(frozen=True)
class Known:
    """The names that a row or a column may have without saying what it is: variants and collections of the experiment, metrics."""

    variants: Collection[str]
    metrics: Collection[str]
    collections: Collection[str]

    def of(self, row: str, column: str) -> dict[str, str]:
        """Return what the names of a cell's row and column say; a row's name goes before a column's for the variant alone."""
        found = {}
        for key, names, there in (
            ("variant", (row, column), self.variants),
            ("metric", (column, row), self.metrics),
            ("collection", (column, row), self.collections),
        ):
            if fitting := [one for one in names if one in there or (key == "metric" and standard.metric(one))]:
                found[key] = fitting[0]
        if (
            "variant" not in found and row not in found.values()
        ):  # a row is a system, unless it is what a metric or collection is called
            found["variant"] = row
        return found


def named(path: Path, where: str, entries: Any) -> dict[str, Any]:
    """Return a mapping of names to entries; raise InputError for anything else."""
    if not isinstance(entries, dict):
        raise InputError(f"{path}: {where}: expected names with their entries, such as 'a: {{...}}', not {brief(entries)}")
    return entries


def cells(path: Path, table: Any, known: Known) -> list[dict[str, Any]]:
    """Expand a table, written as it was printed, into one entry per non-empty cell: `table.row.column`."""
    table = _checked(path, table)
    defaults = cell.plain(table, ("id", "columns", "rows", *cell.OF_TABLE))
    columns = _columns(path, table)
    found = []
    for row, row_entry in named(path, f"table '{table['id']}': rows", table["rows"]).items():
        printed = row_entry.get("printed") if isinstance(row_entry, dict) else row_entry
        if not isinstance(printed, list) or len(printed) != len(columns):
            raise InputError(f"{path}: table '{table['id']}', row '{row}': printed: needs a list of {len(columns)} strings")
        whole = row_entry if isinstance(row_entry, dict) else {}
        where = f"table '{table['id']}', row '{row}'"
        cell.refuse_unknown(f"{path}: {where}", whole, columns)
        row_label, extra = cell.label(path, where, row, row_entry), cell.plain(whole, ("printed", *cell.OF_ROW))
        line = f" ({whole['line']})" if whole.get("line") else ""
        for (column, column_entry), text in zip(columns.items(), printed, strict=True):
            if text is None:
                continue
            head = cell.label(path, f"table '{table['id']}', column '{column}'", column, column_entry)
            place = f"{table.get('place', '')}, row {row_label}, column {head}{line}"
            said = {"kind": "absolute", "status": "measured", **defaults, **cell.plain(column_entry, cell.OF_COLUMN), **extra}
            idle = any(said.get(key) for key in UNRUN)
            if said["kind"] == "absolute" and said["status"] == "measured" and not idle:
                said = {**known.of(str(row), str(column)), **said}
            # What is not said is the strictest: only the paper's own materials decide.
            strictest = {} if idle else {"decidable_at": "original"}
            filled: dict[str, Any] = _filled({**strictest, **said, "place": place, "printed": text}, str(row), str(column))
            here = {"table": table["id"], "place": table.get("place", ""), "row": str(row), "column": str(column)}
            filled["cell"] = cell.Cell(**here, row_label=row_label, column_label=head, alone=len(columns) == 1, **cell.marks(whole, column))
            found.append({"id": f"{table['id']}.{row}.{column}", **filled})
    return found


def _checked(path: Path, table: Any) -> dict[str, Any]:
    """Return a table with its id, made from its place where none is written; raise InputError for what is missing or no words."""
    if not isinstance(table, dict):
        raise InputError(f"{path}: tables: expected a table with columns and rows, not {brief(table)}")
    made: dict[str, Any] = {**table}
    if "id" not in made and isinstance(made.get("place"), str):
        made["id"] = re.sub(r"[^A-Za-z0-9]+", "_", made["place"]).strip("_").lower()
    return _refuse_odd(path, made)


def _refuse_odd(path: Path, table: dict[str, Any]) -> dict[str, Any]:
    for key in ("id", "columns", "rows"):
        if not table.get(key):
            raise InputError(f"{path}: table '{table.get('id', '?')}': the key '{key}' is missing")
    if not isinstance(table["id"], str):
        raise InputError(f"{path}: table {brief(table['id'])}: the id is no name; put it in quotes")
    if not isinstance(table.get("place", ""), str):
        raise InputError(f"{path}: table '{table['id']}': place: expected words, not {brief(table['place'])}")
    return table


def _columns(path: Path, table: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what each column says; a plain list gives names alone."""
    written = table["columns"]
    if isinstance(written, list):
        if wrong := [one for one in written if not isinstance(one, str)]:
            raise InputError(f"{path}: table '{table['id']}': columns: {brief(wrong[0])} is no name; put it in quotes")
        if twice := [one for one in written if written.count(one) > 1]:
            raise InputError(f"{path}: table '{table['id']}': columns: '{twice[0]}' stands twice")
        written = dict.fromkeys(written)
    return {
        column: named(path, f"table '{table['id']}': column '{column}'", {} if entry is None else entry)
        for column, entry in named(path, f"table '{table['id']}': columns", written).items()
    }


def _filled(entry: Any, row: str, column: str) -> Any:
    """Replace `{row}` and `{column}` in every string of a table's defaults."""
    if isinstance(entry, str):
        return entry.replace("{row}", row).replace("{column}", column)
    if isinstance(entry, list):
        return [_filled(item, row, column) for item in entry]
    if isinstance(entry, dict):
        return {key: _filled(item, row, column) for key, item in entry.items()}
    return entry

"""What the rank stage writes beside its runs: a method's own measures, what failed, and what is no number here."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path
from typing import TypeVar

from harness.data.readers.content import rows
from harness.errors import InputError
from harness.rankings.runs import whole
from harness.text import write_text

Key = TypeVar("Key")
Measure = tuple[str, str, str, str | None, float]  # variant, collection role, metric, query id or None, value


def write_measures(path: Path, rows: list[Measure]) -> None:
    """Write the measures that are not computed from a ranking; raise InputError for one given twice or not finite."""
    _refuse_twice(path.name, rows)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["variant", "collection", "metric", "query_id", "value"])
    writer.writerows([variant, role, metric, query or "", repr(float(value))] for variant, role, metric, query, value in rows)
    write_text(path, text.getvalue())


def read_measures(path: Path) -> list[Measure]:
    """Read what `write_measures` wrote; raise InputError for a missing file or column, or a value that is no number."""
    found: list[Measure] = []
    for row in _rows(path, "variant", "collection", "metric", "query_id", "value"):
        try:
            value = float(row["value"].replace("_", "?"))
        except ValueError:
            raise InputError(
                f"{path}: malformed: '{row['value'][:40]}' is no number; remove its folder and run the rank stage again"
            ) from None
        found.append((row["variant"], row["collection"], row["metric"], row["query_id"] or None, value))
    _refuse_twice(str(path), found)
    return found


def write_failed(path: Path, rows: list[tuple[str, str, str]]) -> None:
    """Write the variants that could not be ranked on a collection, each with its reason."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("variant", "collection", "reason"), *rows])
    write_text(path, text.getvalue())


def read_failed(path: Path) -> dict[tuple[str, str], str]:
    """Return (variant, collection role) → reason of what could not be ranked; nothing where the file is not there."""
    if not path.exists():
        return {}
    rows = _rows(path, "variant", "collection", "reason")
    return _once(path, [((row["variant"], row["collection"]), row["reason"]) for row in rows])


def write_ill_posed(path: Path, rows: list[tuple[str, str, str, str]]) -> None:
    """Write the measures that are no numbers here: by what share float32 rounding of the vectors moves each."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("variant", "collection", "metric", "share"), *rows])
    write_text(path, text.getvalue())


def read_ill_posed(path: Path) -> dict[tuple[str, str, str], str]:
    """Return (variant, collection role, metric) → the share by which rounding moves it; nothing where the file is not there."""
    if not path.exists():
        return {}
    rows = _rows(path, "variant", "collection", "metric", "share")
    return _once(path, [((row["variant"], row["collection"], row["metric"]), row["share"]) for row in rows])


def _once(path: Path, pairs: list[tuple[Key, str]]) -> dict[Key, str]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise InputError(f"{path}: the same thing twice; remove its folder and run the rank stage again")
    return found


def _refuse_twice(where: str, rows: list[Measure]) -> None:
    seen = set()
    for variant, role, metric, query, value in rows:
        place = f"'{metric}' of {variant} on {role}" + (f", query '{query}'" if query else "")
        if (variant, role, metric, query) in seen:
            raise InputError(f"{where}: {place} is given twice")
        if not math.isfinite(value):
            raise InputError(f"{where}: {place} is {value}, not a finite number")
        seen.add((variant, role, metric, query))


def _rows(path: Path, *columns: str) -> list[dict[str, str]]:
    """Return the rows of a table of the rank stage, which has these columns and no others."""
    found = list(whole(path, "malformed", lambda path: rows(path, *columns)))
    if found and len(found[0]) != len(columns):
        raise InputError(
            f"{path}: malformed (columns other than {', '.join(columns)}); remove its folder and run the rank stage again"
        )
    return found

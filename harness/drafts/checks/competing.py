"""Which numbers of a table compete for its bold marks: those of one column, row or block, and none that is set apart."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from harness.drafts import vocabulary
from harness.drafts.checks import ranges
from harness.drafts.grid import Grid, Line, Number
from harness.drafts.vocabulary import Direction, Measure


@dataclass(frozen=True)
class Group:
    """Numbers that are compared with one another, and the direction that names or arrows say, '' for none."""

    numbers: tuple[Number, ...]
    direction: Direction
    name: str
    either: bool = False  # about cost, rank and the like: nothing says which way is better


def better(grid: Grid, group: Group, number: Number, unknown: Direction) -> Number | None:
    """Return the best of the unmarked numbers that beat a marked one, None where none does."""
    sign = -1 if (group.direction or unknown) == "lower" else 1
    rivals = [
        one
        for one in group.numbers
        if not one.cell.bold and comparable(grid, one) and sign * one.value.value > sign * number.value.value
    ]
    return max(rivals, key=lambda one: sign * one.value.value) if rivals else None


def comparable(grid: Grid, number: Number) -> bool:
    """Say whether a number competes: no oracle, nothing grey, nothing with a footnote that may set it apart."""
    row = (grid.column_of if grid.flipped else grid.row_of).get(number.row)
    apart = row is not None and (
        row.faint or any(vocabulary.REFERENCE.search(name) or re.search(r"[*†‡§¶]", name) for name in row.names)
    )
    return not (apart or number.cell.faint or number.cell.marks or not number.value.exact)


def groups(view: Grid, scope: str) -> list[Group]:
    """Return the numbers of each column, whole or by block, that are results; derived rows do not compete."""
    found, caption = [], ranges.of_caption(view)
    for column in view.columns:
        if column.kind not in ("", "mean", "aside", "total"):
            continue
        parts: dict[object, list[Number]] = defaultdict(list)
        measures: dict[object, set[Direction]] = defaultdict(set)
        for row in view.rows:
            if row.kind in ("difference", "share") or (number := view.numbers.get((row.index, column.index))) is None:
                continue
            key = {"whole": 0, "block": row.block, "group": row.group}[scope]
            parts[key].append(number)
            measures[key].add(_direction(row, column, caption))
        for key, numbers in parts.items():
            if len(numbers) > 1:
                said = measures[key]
                direction = next(iter(said)) if len(said) == 1 else ""
                found.append(Group(tuple(numbers), direction, column.full, not direction and column.kind == "aside"))
    return found


def _direction(row: Line, column: Line, caption: Measure | None) -> Direction:
    if said := column.arrow or row.arrow:
        return said
    known = column.measure or row.measure or (None if "aside" in (row.kind, column.kind) else caption)
    return known.direction if known else ""


def highlighted(grid: Grid) -> set[tuple[int, int]]:
    """Return the numbers of rows and columns that are bold all through: those may be the authors' own, or the chosen ones."""
    found: set[tuple[int, int]] = set()
    for view in (grid, grid.turned()):
        for row in view.rows:
            numbers = view.across(row.index)
            if len(numbers) > 1 and all(number.cell.bold for number in numbers):
                found |= {(number.row, number.column) for number in numbers}
    return found

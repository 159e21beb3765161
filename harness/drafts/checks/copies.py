"""Copies: rows or columns that repeat one another digit for digit, more often than chance would have it."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import combinations
from math import comb

from harness.drafts.found import Coverage, Found, Result
from harness.drafts.grid import Grid, Line, Number

FAMILY = "copies"
RARE = 0.02  # pairs of lines of one table that may be so alike by chance
LEVELS = 100  # values that a score may take within its spread: sets are small, so digits repeat
TIED = (
    {"accuracy", "f1"},
    {"accuracy", "recall"},
    {"accuracy", "precision"},
    {"hit_rate", "recall"},
    {"accuracy", "hit_rate"},
    {"f1", "precision"},
    {"f1", "recall"},
)
_STEP = re.compile(
    r"^\W*(?:\(?\w{1,3}\)\W*)?(?:\+|[-–−]\s?[A-Za-z]|w/o?\b|without\b|with\b|no\b|only\b)", re.IGNORECASE
)  # ablations may change nothing
MANY = 400  # lines of a table, beyond which pairs are too many to say anything


def find(grids: list[Grid]) -> Result:
    """Say which two rows (or columns) of one block agree in more numbers of three digits than luck explains."""
    found: list[Found] = []
    coverage = Coverage(FAMILY)
    for grid in grids:
        telling = {(n.row, n.column): n for n in grid.numbers.values() if _telling(n)}
        coverage.add(len(telling), len(grid.numbers) - len(telling), "of fewer than three digits that tell")
        alike = [one for view in (grid, grid.turned()) if len(view.rows) <= MANY for one in _view(view, telling)]
        taken: set[tuple[int, int]] = set()
        for finding, places in alike:
            if not places & taken:
                found.append(finding)
            taken |= places
    return found, coverage


def _telling(number: Number) -> bool:
    """Say whether equal digits mean anything: three of them behind leading noughts, a decimal, no round number."""
    digits = re.sub(r"[^\d]", "", f"{number.value.value:.12g}").strip("0")
    return len(digits) >= 3 and number.value.decimals > 0 and number.value.exact


def _view(view: Grid, telling: dict[tuple[int, int], Number]) -> list[tuple[Found, set[tuple[int, int]]]]:
    """Compare the rows of a view in pairs, each with those of its own block."""
    lines = [
        (row, _numbers(view, row, telling))
        for row in view.rows
        if row.kind in (("", "mean") if view.flipped else ("", "mean", "aside"))
    ]
    lines = [(row, numbers) for row, numbers in lines if len(numbers) >= 2]
    found = []
    for (one, first), (other, second) in combinations(lines, 2):
        if one.block != other.block or _kin(one, other):
            continue
        shared = [column for column in first if column in second]
        same = [
            column
            for column in shared
            if first[column].value.value == second[column].value.value and first[column].told == second[column].told
        ]
        if (
            len(same) < 2
            or 5 * len(same) < 4 * len(shared)
            or (len(same) < len(shared) and _expected(view, lines, len(same)) > RARE)
        ):
            continue
        if len(same) == len(shared) and (
            (len(shared) < 3 and _expected(view, lines, len(same)) > RARE) or len({first[c].told for c in same}) < 2
        ):
            continue
        numbers = {(n.row, n.column) for column in same for n in (first[column], second[column])}
        found.append((_finding(view, one, other, [first[c] for c in same], [second[c] for c in same], len(shared)), numbers))
    return found


def _numbers(view: Grid, row: Line, telling: dict[tuple[int, int], Number]) -> dict[int, Number]:
    pairs = (
        (column.index, view.numbers.get((row.index, column.index))) for column in view.columns if column.kind in ("", "mean")
    )
    return {index: number for index, number in pairs if number and (number.row, number.column) in telling}


def _kin(one: Line, other: Line) -> bool:
    """Say whether two lines are one and the same by name, or one is a variant of the other, which may change nothing."""
    if (
        any(_STEP.match(line.name) for line in (one, other))
        or {getattr(line.measure, "quantity", "") for line in (one, other)} in TIED
    ):
        return True
    first, second = (re.sub(r"[^a-z0-9]", "", line.full.lower()) for line in (one, other))
    words, others = (set(re.findall(r"[a-z0-9.]+", line.full.lower())) for line in (one, other))
    if re.sub(r"[\d.]+", "", one.full) == re.sub(r"[\d.]+", "", other.full) and re.search(r"\d", one.full):
        return True  # two values of one setting
    alike = 2 * len(words & others) > max(len(words), len(others))  # two builds, or two settings, of one system
    return not first or not second or first in second or second in first or alike


def _expected(view: Grid, lines: list[tuple[Line, dict[int, Number]]], same: int) -> float:
    """Return how many pairs of lines would agree in so many numbers if digits fell by chance within each column's spread."""
    by_column: dict[int, list[float]] = defaultdict(list)
    for _, numbers in lines:
        for column, number in numbers.items():
            by_column[column].append(number.value.value)
    levels = [
        max(1.0, min(LEVELS, (max(values) - min(values)) * 10 ** _decimals(lines, column)))
        for column, values in by_column.items()
    ]
    mean = len(levels) / sum(1 / level for level in levels) if levels else 1.0
    return comb(len(lines), 2) * comb(len(levels), same) / mean**same


def _decimals(lines: list[tuple[Line, dict[int, Number]]], column: int) -> int:
    return max(numbers[column].value.decimals for _, numbers in lines if column in numbers)


def _finding(view: Grid, one: Line, other: Line, first: list[Number], second: list[Number], shared: int) -> Found:
    axis = "columns" if view.flipped else "rows"
    printed = ", ".join(number.told for number in first[:6]) + (", ..." if len(first) > 6 else "")
    amount = "all" if len(first) == shared else f"{len(first)} of {shared}"
    statement = f"the {axis} '{one.full}' and '{other.full}' agree in {amount} numbers ({printed}): is one a copy of the other?"
    place = max(first[0].place, second[0].place)
    quoted = second[0].quoted if second[0].place == place else first[0].quoted
    return Found(
        FAMILY, place, quoted, statement, "that the two should differ; a repeated or an unchanged system may rightly agree"
    )

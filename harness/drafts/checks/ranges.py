"""Ranges: no accuracy above 100, no correlation below -1; the metric is known by its name in a heading or caption."""

from __future__ import annotations

import re
from collections import defaultdict

from harness.drafts import vocabulary
from harness.drafts.found import Coverage, Found, Result
from harness.drafts.grid import Grid, Line, Number
from harness.drafts.vocabulary import Measure

FAMILY = "ranges"
_SCORE = re.compile(
    r"\b(?:score|value|mean|result|metric|test|dev)\b", re.IGNORECASE
)  # of long tables, with the metric in a column of its own
OTHERS = 2  # numbers that must be inside where one is outside
FEW = 3  # other numbers that must show the unit in which a column is printed


def find(grids: list[Grid]) -> Result:
    """Say which numbers lie outside of what their metric can be, in the unit of the other numbers beside them."""
    found: list[Found] = []
    coverage = Coverage(FAMILY)
    for grid in grids:
        groups, unknown = measured(grid)
        coverage.add(0, unknown, "whose metric no heading names")
        for (measure, _), numbers in groups.items():
            if measure.low is None or measure.high is None:
                coverage.add(0, len(numbers), f"of a metric without a range ({measure.name})")
                continue
            coverage.add(len(numbers), 0, "")
            found += _outside(grid, measure, numbers)
    return found, coverage


def measured(grid: Grid) -> tuple[dict[tuple[Measure, int], list[Number]], int]:
    """Return the numbers of each metric and column (or row), and how many have no metric that a name says."""
    caption = of_caption(grid)
    groups: dict[tuple[Measure, int], list[Number]] = defaultdict(list)
    rows, columns = grid.row_of, grid.column_of
    unknown = 0
    for (row, column), number in grid.numbers.items():
        measure = of_lines(rows[row], columns[column], caption)
        if measure is None or number.value.bound:
            unknown += 1
        else:
            groups[measure, column].append(number)
    return groups, unknown


def of_lines(row: Line, column: Line, caption: Measure | None) -> Measure | None:
    """Return the metric of a cell; None where it is derived, or about something else."""
    if {row.kind, column.kind} & {"difference", "share", "total"}:
        return None
    own = column.measure or (row.measure if vocabulary.measure(row.name) or _SCORE.search(column.name) else None)
    if own or "aside" in (row.kind, column.kind):
        return own
    return caption


def of_caption(grid: Grid) -> Measure | None:
    """Return the metric that a caption names, if it names one and no heading names any."""
    if any(line.measure for line in (*grid.columns, *grid.rows)):
        return None
    hits = {found for pattern, found in vocabulary.MEASURES if pattern.search(grid.table.caption) and found.high is not None}
    return next(iter(hits)) if len(hits) == 1 else None


def _outside(grid: Grid, measure: Measure, numbers: list[Number]) -> list[Found]:
    assert measure.low is not None and measure.high is not None
    scale, why = _scale(measure, numbers)
    low, high = scale * measure.low, scale * measure.high
    beyond = [number for number in numbers if number.value.low > high * (1 + 1e-9) or number.value.high < low - 1e-9]
    if not beyond or 2 * len(beyond) > len(numbers) or (len(numbers) - len(beyond) < OTHERS and not _certain(measure, beyond)):
        return []  # as many outside as in: the name is read wrongly
    found = []
    for number in beyond:
        percent = scale == 1 and low * 100 <= number.value.value <= high * 100
        question = " Is it a per cent among fractions?" if percent else ""
        statement = f"{number.told} is outside of what {measure.name} can be ({low:g} to {high:g}).{question}"
        found.append(Found(FAMILY, number.place, number.quoted, statement, f"that the heading means {measure.name}{why}"))
    return found


def _certain(measure: Measure, beyond: list[Number]) -> bool:
    return all(number.value.value > 100 for number in beyond) and len(beyond) == 1


def _scale(measure: Measure, numbers: list[Number]) -> tuple[float, str]:
    """Return 1 where a column is printed as fractions, 100 where as per cents."""
    assert measure.high is not None
    fractions = sum(1 for number in numbers if abs(number.value.value) <= 1 and number.value.decimals >= 2)
    if fractions >= FEW and fractions >= 0.75 * len(numbers):
        return 1.0, f", and from {fractions} of {len(numbers)} numbers that it is printed as a fraction"
    return 100.0, ""

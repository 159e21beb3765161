"""Numbers that headings call means, differences, shares or totals: which way of reckoning gives them, and which ones it does not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import comb

from harness.drafts.checks.boxes import Box, box, reckoned, wide
from harness.drafts.checks.ways import Way, ways
from harness.drafts.found import Coverage, Found, Result
from harness.drafts.grid import Grid, Line, Number

FAMILY = "derived"
LUCK = 0.02  # chance, over all ways tried, that as many numbers would fit by luck
LUCK_USUAL = 0.1  # the same for the few ways that tables use most, tried among themselves
FEW = 2  # numbers that must fit before others are said not to
TRIED = 60  # numbers on which a way must show itself before all are tried
_NO_SUM = re.compile(
    r"\b(?:avg|average|mean|median|max|min|std|rate|ratio|len|length|per|score)\b|%", re.IGNORECASE
)  # these do not add up
NAMES = {"mean": "mean", "difference": "difference", "share": "percentage", "total": "total"}


@dataclass(frozen=True)
class Outcome:
    """How a way of reckoning does on a line: the numbers that it gives, and those that it does not."""

    way: Way
    fits: list[Number]
    misfits: list[tuple[Number, Box]]
    luck: float


def find(grids: list[Grid]) -> Result:
    """Reckon every derived column and row anew; raise nothing, accuse only where most of its numbers fit one way."""
    found: list[Found] = []
    coverage = Coverage(FAMILY, "numbers that a heading calls a mean, a difference, a percentage or a total")
    for grid in grids:
        seen: set[tuple[int, int]] = set()
        for view in (grid, grid.turned()):
            for line in view.columns:
                if line.kind in NAMES and (numbers := [n for n in view.down(line.index) if (n.row, n.column) not in seen]):
                    found += _line(view, line, numbers, coverage)
                    seen |= {(n.row, n.column) for n in numbers}
    return found, coverage


def _line(grid: Grid, line: Line, numbers: list[Number], coverage: Coverage) -> list[Found]:
    best = _best(grid, line, ways(grid, line))
    if best is None:
        axis = "rows" if grid.flipped else "columns"
        coverage.add(
            0,
            len(numbers),
            f"of which no choice of {axis} gives at least {FEW} (one number alone shows no rule): write `arithmetic` in the ledger",
        )
        return []
    told = len(best.fits) + len(best.misfits)
    coverage.add(told, len(numbers) - told, "in lines with a gap or a number that cannot be read")
    return [_finding(grid, line, best, number, value) for number, value in best.misfits]


def _best(grid: Grid, line: Line, tried: list[Way]) -> Outcome | None:
    """Return the way that most numbers fit, if so many would hardly do so by luck."""
    usual = sum(1 for way in tried if way.usual)
    outcomes = [one for way in tried if (one := _outcome(grid, line, way, usual if way.usual else len(tried)))]
    good = [one for one in outcomes if len(one.fits) > len(one.misfits) and one.luck <= (LUCK_USUAL if one.way.usual else LUCK)]
    return min(good, key=lambda one: (len(one.misfits) - len(one.fits), one.luck)) if good else None


def _outcome(grid: Grid, line: Line, way: Way, tried: int) -> Outcome | None:
    fits: list[Number] = []
    misfits: list[tuple[Number, Box]] = []
    values: list[Box] = []
    for number, value, parts in _values(grid, line, way):
        values.append(value)
        if box(number).meets(value) or ((widest := _reckon(way, parts, wide)) and wide(number).meets(widest)):
            fits.append(number)
        else:
            misfits.append((number, value))
        if len(values) == TRIED and 3 * len(fits) < TRIED:
            return None
    if len(fits) < FEW:
        return None
    return Outcome(way, fits, misfits, _luck(way, fits, values, tried))


def _values(grid: Grid, line: Line, way: Way) -> Iterator[tuple[Number, Box, list[Number]]]:
    for row in grid.rows:
        number = grid.numbers.get((row.index, line.index))
        if way.op == "sum" and _NO_SUM.search(row.full):
            continue
        if number is None or not number.value.exact or (parts := way.parts(row)) is None:
            continue
        if value := _reckon(way, parts, box):
            yield number, value, parts


def _reckon(way: Way, parts: list[Number], read: Callable[[Number], Box]) -> Box | None:
    value = reckoned(way.op, [read(part) for part in parts])
    if value is None:
        return None
    low, high = sorted((way.factor * value.low, way.factor * value.high))
    return Box(way.factor * value.value, low, high)


def _luck(way: Way, fits: list[Number], values: list[Box], tried: int) -> float:
    """The chance that some way among those tried fits as many numbers as this by luck."""
    reach = (
        [value.value for value in values]
        + [number.value.value for number in fits]
        + ([0.0] if way.op in ("difference", "percent_change") else [])
    )
    spread = max(reach) - min(reach)
    width = max(value.width for value in values) + max(number.value.high - number.value.low for number in fits)
    one = min(1.0, width / spread) if spread > 0 else 1.0
    return min(1.0, tried * comb(len(values), len(fits)) * one ** len(fits))


def _finding(grid: Grid, line: Line, best: Outcome, number: Number, value: Box) -> Found:
    row = next(one for one in grid.rows if grid.numbers.get((one.index, line.index)) is number)
    digits = max(number.value.decimals + 1, 2)
    ends = f"{value.value:.{digits}f} ({value.low:.{digits}f} to {value.high:.{digits}f} with the rounding of its parts)"
    statement = f"'{line.full}' of '{row.full}' is printed {number.told}; {best.way.told} is {ends}"
    guess = (
        f"that '{line.full}' is {best.way.told}: it is so for {len(best.fits)} of {len(best.fits) + len(best.misfits)} numbers"
    )
    return Found(FAMILY, number.place, number.quoted, statement, guess)

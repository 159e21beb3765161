"""GRIM: can a share printed so come from n units at all? n is told by a heading, a row, a caption or on the command line."""

from __future__ import annotations

import re

from harness.audits.granularity import counts
from harness.drafts.checks.boxes import wide
from harness.drafts.checks.ranges import measured
from harness.drafts.found import Coverage, Found, Result
from harness.drafts.grid import Grid, Line, Number

FAMILY = "grim"
_N = re.compile(
    r"(?<![A-Za-z@])[nN]\s*(?:=|:)\s*(\d{1,3}(?:,\d{3})+|\d{1,7})(?!\.?\d)(?!\s*\$?\s*(?:random\s+|independent\s+)?(?:seeds|runs|folds|trials|shots?|epochs|layers|hops|repeats|repetitions|samples per|models|annotators))"
)
_COUNTED = re.compile(
    r"\b(\d{1,3}(?:,\d{3})+|\d{1,6})\s+(?:test\s+|evaluation\s+|held-out\s+|labell?ed\s+)?(?:questions|queries|examples|items|instances|samples)\b"
)
_NOT_EVALUATED = re.compile(r"train|pretrain|fine-?tun|pool|corpus|pairs", re.IGNORECASE)


def find(grids: list[Grid], told: int | None) -> Result:
    """Test shares of n units (accuracy, hit rate, exact match) against the n that is told; `told` is the user's own n."""
    found: list[Found] = []
    coverage = Coverage(FAMILY, "shares of n units (accuracy, hits, exact match)")
    for grid in grids:
        groups, _ = measured(grid)
        for (measure, _), numbers in groups.items():
            if measure.counts:
                found += _group(grid, numbers, told, coverage)
    return found, coverage


def size(grid: Grid, number: Number, told: int | None) -> tuple[int, str]:
    """Return n and what says it, the nearest first; (0, '') where nothing does."""
    lines: list[Line] = [grid.row_of[number.row], grid.column_of[number.column]]
    for name in (name for line in lines for name in reversed(line.names)):
        if hit := _N.search(name):
            return _whole(hit[1]), f"'{name}'"
    if own := _beside(grid, number):
        return own
    if told:
        return told, "the N you gave"
    said = of_caption(grid.table.caption)
    return (said, "the caption") if said else (0, "")


def of_caption(caption: str) -> int:
    """Return the n that a caption tells ('N=84', 'on 84 questions'); 0 where it tells none, or several."""
    said = {_whole(hit[1]) for hit in _N.finditer(caption)}
    if len(said) == 1:
        return said.pop()
    said = {
        _whole(hit[1])
        for hit in _COUNTED.finditer(caption)
        if not _NOT_EVALUATED.search(caption[max(0, hit.start() - 40) : hit.end() + 20])
    }
    return said.pop() if len(said) == 1 else 0


def _beside(grid: Grid, number: Number) -> tuple[int, str] | None:
    """Return the n of a column called n in the same row."""
    for column in grid.columns:
        if re.fullmatch(r"[nN]|#\s*(?:questions|queries|examples|items|test)", column.name.strip()):
            beside = grid.numbers.get((number.row, column.index))
            if beside and beside.value.decimals == 0 and beside.value.exact and beside.value.value >= 1:
                return int(beside.value.value), f"the column '{column.name}'"
    return None


def _whole(digits: str) -> int:
    return int(digits.replace(",", ""))


def _group(grid: Grid, numbers: list[Number], told: int | None, coverage: Coverage) -> list[Found]:
    """Test the shares of one column: fractions or per cents by what the column holds."""
    percent = any(abs(number.value.value) > 1 or number.value.percent for number in numbers)
    misfits: list[tuple[Number, int, str]] = []
    looked = 0
    for number in numbers:
        n, source = size(grid, number, told)
        if not n:
            coverage.add(0, 1, "without n: give N=..., or write n into heading or caption")
        elif number.value.spread is not None:
            coverage.add(0, 1, "with a spread: a mean of several runs")
        elif not number.value.exact or number.value.value < 0 or n * (0.01 if percent else 1) * 10.0**-number.value.decimals >= 1:
            coverage.add(0, 1, "whose digits are coarser than 1/n")
        else:
            looked += 1
            coverage.add(1, 0, "")
            if not _possible(number, n, percent):
                misfits.append((number, n, source))
    return _findings(misfits, looked, percent)


def _possible(number: Number, n: int, percent: bool) -> bool:
    if counts(number.value, n, percent):
        return True
    box = wide(number)
    scale = n / 100 if percent else n
    return int(box.high * scale + 1e-9) >= box.low * scale - 1e-9


def _findings(misfits: list[tuple[Number, int, str]], looked: int, percent: bool) -> list[Found]:
    """Accuse single numbers; where half of a column or more does not fit, ask about n instead."""
    if not misfits:
        return []
    number, n, source = misfits[0]
    if 2 * len(misfits) >= looked and (looked > 2 or source == "the caption"):
        if source == "the caption":
            return []  # the caption's n is that of something else
        statement = f"{len(misfits)} of {looked} numbers of this column, such as {number.told}, are no share of {n}: is {n} their n, and is each a single run?"
        return [Found(FAMILY, number.place, number.quoted, statement, f"that n is {n}, from {source}")]
    found = []
    for number, n, source in misfits:
        scale = 100 if percent else 1
        k = int(number.value.value * n / scale)
        near = " and ".join(f"{one}/{n} = {scale * one / n:.{number.value.decimals}f}" for one in (k, k + 1))
        statement = f"{number.told} is no share of {n}: the nearest are {near}"
        found.append(
            Found(FAMILY, number.place, number.quoted, statement, f"that n is {n} (from {source}) and each unit counts 0 or 1")
        )
    return found

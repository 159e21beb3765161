"""Bold for the best and underlining for the second best: does a mark stand on a number that another one beats?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from harness.drafts.checks.competing import Group, comparable, highlighted
from harness.drafts.checks.competing import better as better_of
from harness.drafts.checks.competing import groups as groups_of
from harness.drafts.found import Coverage, Found, Result
from harness.drafts.grid import Grid, Number
from harness.drafts.vocabulary import Direction

FAMILY = "marks"
SAID = re.compile(
    r"\b(?:best|highest|top|winner|winning|optimal|lowest)\b[^.]{0,60}\b(?:bold|boldface|bolded|boldfaced|underlin\w+)|\b(?:bold|boldface|bolded|boldfaced)\b[^.]{0,60}\b(?:best|highest|top|lowest)\b",
    re.IGNORECASE,
)
OTHERWISE = re.compile(
    r"\bbold\w*\b[^.]{0,60}\b(?:signific|our|ours|default|chosen|selected|proposed|statistic|outperform|improve|better than|above|exceed)|\b(?:signific\w*|statistic\w*)\b[^.]{0,60}\bbold",
    re.IGNORECASE,
)
SHARE = 3  # a reading of the marks is believed where it holds for two of three groups
MARKED = 0.6  # share of the groups that must bear a mark


@dataclass(frozen=True)
class Reading:
    """One way of reading a table's marks: which numbers are compared, and what is better where nothing says so."""

    groups: list[Group]
    unknown: Direction
    scope: str
    fits: list[Group]
    misfits: list[tuple[Group, Number, Number]]


def find(grids: list[Grid]) -> Result:
    """Say which bold or underlined numbers are beaten by one that is not so marked, where the table shows what its marks mean."""
    found: list[Found] = []
    coverage = Coverage(FAMILY, "numbers in rows and columns with a bold one")
    for grid in grids:
        marked = sum(1 for number in grid.numbers.values() if number.cell.bold)
        if not marked or marked == len(grid.numbers):
            continue
        reading = _best(grid)
        every = sum(len(group.numbers) for group in _whole(grid))
        if reading is None:
            coverage.add(
                0, every, "in tables whose bold numbers follow no rule that can be seen; say in the caption what bold means"
            )
            continue
        looked = sum(len(group.numbers) for group in reading.fits) + sum(len(group.numbers) for group, _, _ in reading.misfits)
        coverage.add(
            min(looked, every),
            max(0, every - looked),
            "in columns without a mark or without a known direction; name the metric, or write an arrow",
        )
        found += [_finding(grid, reading, *one) for one in reading.misfits] + _second(grid, reading)
    return found, coverage


def _whole(grid: Grid) -> list[Group]:
    return [group for group in groups_of(grid, "whole") if any(number.cell.bold for number in group.numbers)]


def _best(grid: Grid) -> Reading | None:
    """Return the reading that most groups bear out, if it is borne out at all."""
    if OTHERWISE.search(grid.table.caption):
        return None
    said = bool(SAID.search(grid.table.caption))
    good = [one for one in _readings(grid, said) if _believed(one, said)]
    return min(good, key=lambda one: (len(one.misfits) / (len(one.fits) + len(one.misfits)), -len(one.fits))) if good else None


def _readings(grid: Grid, said: bool) -> Iterator[Reading]:
    for view in (grid, grid.turned()):
        for scope in ("whole", "block", "group"):
            groups = groups_of(view, scope)
            marked = [
                group
                for group in groups
                if any(n.cell.bold for n in group.numbers) and not all(n.cell.bold for n in group.numbers)
            ]
            if not groups or len(marked) < MARKED * len(groups):
                continue
            unknown: tuple[Direction, ...] = ("higher", "lower") if any(not group.direction for group in marked) else ("",)
            for direction in unknown:
                yield _read(grid, marked, direction, f"{scope} {'row' if view.flipped else 'column'}", said)


def _read(grid: Grid, marked: list[Group], unknown: Direction, scope: str, said: bool) -> Reading:
    own = highlighted(grid) if not said else set()
    fits, misfits = [], []
    for group in marked:
        bold = [number for number in group.numbers if number.cell.bold]
        beaten = [(number, better) for number in bold if (better := better_of(grid, group, number, unknown))]
        other: Direction = "higher" if unknown == "lower" else "lower"
        if beaten and group.either and not any(better_of(grid, group, number, other) for number in bold):
            beaten = []  # best the other way round
        if not beaten:
            fits.append(group)
        elif not any((number.row, number.column) in own for number, _ in beaten):
            misfits.append((group, *beaten[0]))  # a row that is bold all through may be the authors' own: nothing is said of it
    return Reading(marked, unknown, scope, fits, misfits)


def _believed(reading: Reading, said: bool) -> bool:
    fits, misfits = len(reading.fits), len(reading.misfits)
    known = [group for group in reading.fits if group.direction]
    if said and known:
        return misfits <= fits
    # Nobody says what bold means, or what is better: the other groups must show it.
    return fits >= 2 and SHARE * misfits <= fits + misfits


def _finding(grid: Grid, reading: Reading, group: Group, number: Number, better: Number) -> Found:
    told = _names(grid, number)
    word = "below" if (group.direction or reading.unknown) == "lower" else "above"
    statement = f"{number.told} is bold ({told}), but {better.told} ({_names(grid, better)}) is {word} it and is not bold"
    return Found(FAMILY, number.place, number.quoted, statement, _guess(grid, reading, group))


def _guess(grid: Grid, reading: Reading, group: Group) -> str:
    means = (
        ""
        if SAID.search(grid.table.caption)
        else f"that bold marks the best of a {reading.scope}: it does in {len(reading.fits)} of {len(reading.fits) + len(reading.misfits)}"
    )
    way = (
        ""
        if group.direction
        else f"that {reading.unknown} is better in '{group.name}', as in the other columns with bold numbers"
    )
    return "; ".join(part for part in (means, way) if part)


def _names(grid: Grid, number: Number) -> str:
    rows, columns = (grid.column_of, grid.row_of) if grid.flipped else (grid.row_of, grid.column_of)
    return f"'{rows[number.row].full}', '{columns[number.column].full}'"


def _second(grid: Grid, reading: Reading) -> list[Found]:
    """Say which underlined numbers are beaten by one that bears no mark, where underlining marks the second best."""
    fits, misfits = 0, []
    for group in reading.groups:
        under = [number for number in group.numbers if number.cell.underline and not number.cell.bold]
        bold = [number for number in group.numbers if number.cell.bold]
        if not under or not bold:
            continue
        sign = -1 if (group.direction or reading.unknown) == "lower" else 1
        plain = [one for one in group.numbers if not one.cell.bold and not one.cell.underline and comparable(grid, one)]
        beaten = [(number, one) for number in under for one in plain if sign * one.value.value > sign * number.value.value]
        if beaten:
            misfits.append((group, *max(beaten, key=lambda pair: sign * pair[1].value.value)))
        else:
            fits += 1
    if fits < 2 or SHARE * len(misfits) > fits + len(misfits):
        return []
    accused = {id(better) for _, _, better in reading.misfits}
    found = []
    for group, number, better in misfits:
        if id(better) in accused:
            continue  # the same number is already said to miss its bold
        word = "below" if (group.direction or reading.unknown) == "lower" else "above"
        statement = f"{number.told} is underlined ({_names(grid, number)}), but {better.told} ({_names(grid, better)}) is {word} it and bears no mark"
        guess = f"that underlining marks the second best: it does in {fits} of {fits + len(misfits)}"
        found.append(Found(FAMILY, number.place, number.quoted, statement, guess))
    return found

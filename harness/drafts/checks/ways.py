"""The ways in which a derived number may have been reckoned from the numbers around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations

from harness.drafts.grid import Grid, Line, Number

NEAR = 6  # lines before a difference that it may be of
BASES = 15  # rows that a difference may be to
MANY = 2000  # parts of one mean


@dataclass(frozen=True)
class Way:
    """A way of reckoning: an operation of the ledger over the numbers that `parts` picks for a row, times `factor`."""

    told: str
    op: str
    parts: Callable[[Line], list[Number] | None]
    factor: float = 1.0
    usual: bool = True  # one of the few ways that tables use most; the others need more evidence


def ways(grid: Grid, line: Line) -> list[Way]:
    """Return the ways that a line's heading leaves open."""
    if line.kind in ("mean", "total"):
        means = _over(grid, line, "mean") if line.kind == "mean" or not _counts(grid, line) else []
        return means + (_over(grid, line, "sum") if line.kind == "total" else [])
    if line.kind == "share":
        return _shares(grid, line)
    return _differences(grid, line)


def _counts(grid: Grid, line: Line) -> bool:
    return all(number.value.decimals == 0 for number in grid.down(line.index))


def _over(grid: Grid, line: Line, op: str) -> list[Way]:
    """Return a mean or sum over the lines of its part of the table, those beside it, all results, or all other means."""
    axis = "rows" if grid.flipped else "columns"
    found: dict[tuple[int, ...], Way] = {}
    for told, members in _groups(grid, line):
        indices = tuple(one.index for one in members)
        if 2 <= len(indices) <= MANY and indices not in found:
            name = (
                f"the {op} of {told} ({_listed(members)})"
                if len(members) <= 4
                else f"the {op} of {told} ({len(members)} {axis}, {members[0].name} to {members[-1].name})"
            )
            found[indices] = Way(name, op, _picking(grid, indices))
    return list(found.values())


def _groups(grid: Grid, line: Line) -> list[tuple[str, list[Line]]]:
    at = grid.columns.index(line)
    plain = [one for one in grid.columns if one.kind == "" and one.index != line.index]
    counted = [one for one in grid.columns if one.kind in ("", "aside") and one.index != line.index]
    axis = "rows" if grid.flipped else "columns"
    before, after = _run(grid, at, -1), _run(grid, at, 1)
    group = [one for one in plain if (one.block, one.names[:-1]) == (line.block, line.names[:-1])]
    named = [one for one in plain if one.names[:-1] and line.names and (one.names[0] in line.full)]
    means = [one for one in grid.columns if one.kind == "mean" and one.index != line.index]
    block = [one for one in plain if one.block == line.block]
    beside = f"the {axis} beside it"
    return [
        (f"the {axis} before it", before), (f"the {axis} after it", after), (f"the {axis} of its part", group), (f"the {axis} of that name", named),
        (f"the {axis} of its block", block), (f"all {axis} of results", plain), (f"all other {axis}", counted), ("the other means", means), (beside, before + after),
        (f"the {axis} before it in its part", [one for one in before if one in group]),
    ]  # fmt: skip


def _run(grid: Grid, at: int, step: int) -> list[Line]:
    """Return the lines of results from a line up to the next derived one."""
    found: list[Line] = []
    place = at + step
    while 0 <= place < len(grid.columns) and grid.columns[place].kind in ("", "aside"):
        if grid.columns[place].kind == "":
            found.append(grid.columns[place])
        place += step
    return found[::step] if step > 0 else found[::-1]


def _picking(grid: Grid, indices: tuple[int, ...]) -> Callable[[Line], list[Number] | None]:
    def parts(row: Line) -> list[Number] | None:
        numbers = [grid.numbers.get((row.index, index)) for index in indices]
        return [n for n in numbers if n] if all(n is not None and n.value.exact for n in numbers) else None

    return parts


def _listed(lines: list[Line]) -> str:
    return ", ".join(line.name or "?" for line in lines)


def _differences(grid: Grid, line: Line) -> list[Way]:
    """Return differences and changes between two lines near it, and to the same number of another row."""
    at = grid.columns.index(line)
    near = [one for one in grid.columns[max(0, at - NEAR) : at] if one.kind in ("", "mean", "total", "aside")]
    near += [one for one in grid.columns[at + 1 : at + 3] if one.kind in ("", "mean")]
    found: list[Way] = []
    before = [one for one in near if one in grid.columns[:at]]
    for one, other in permutations(near, 2):
        beside = {one, other} == set(before[-2:])
        found += _two(f"{one.name or 'its row'}", f"{other.name or 'its row'}", _picking(grid, (one.index, other.index)), beside)
    for column in near[-3:]:
        bases = [base for base in grid.rows if (base.index, column.index) in grid.numbers]
        for base in bases[:BASES]:
            usual = column in before[-1:] and base in (bases[0], bases[-1])
            found += _two(f"{column.name}", f"that of '{base.full}'", _against(grid, column.index, base.index), usual)
    fractions = all(abs(number.value.value) <= 1 for one in near for number in grid.down(one.index))
    return [way for way in found if fractions or way.factor == 1]  # points of a hundred are of fractions alone


def _against(grid: Grid, column: int, base: int) -> Callable[[Line], list[Number] | None]:
    def parts(row: Line) -> list[Number] | None:
        pair = grid.numbers.get((row.index, column)), grid.numbers.get((base, column))
        return [pair[0], pair[1]] if pair[0] and pair[1] and pair[0].value.exact and pair[1].value.exact else None

    return parts


def _two(one: str, other: str, parts: Callable[[Line], list[Number] | None], usual: bool) -> list[Way]:
    return [
        Way(f"the difference {one} - {other}", "difference", parts, usual=usual),
        Way(f"the change from {other} to {one} in per cent", "percent_change", parts, usual=usual),
        Way(f"the difference {one} - {other} in points of a hundred", "difference", parts, 100.0, usual=usual),
    ]


def _shares(grid: Grid, line: Line) -> list[Way]:
    """Return the per cents that one line before it is of another, or of a row called total."""
    at = grid.columns.index(line)
    near = [one for one in grid.columns[max(0, at - NEAR) : at] if one.kind != "share"]
    found = [
        Way(f"{a.name} in per cent of {b.name}", "percent", _picking(grid, (a.index, b.index))) for a, b in permutations(near, 2)
    ]
    for column in near:
        for base in (row for row in grid.rows if row.kind == "total"):
            found.append(Way(f"{column.name} in per cent of '{base.full}'", "percent", _against(grid, column.index, base.index)))
    return found

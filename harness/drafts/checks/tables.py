"""Table against table: the same system under the same headings, with a number that differs where its neighbours agree."""

from __future__ import annotations

import re
from itertools import combinations

from harness.drafts.checks.boxes import box
from harness.drafts.found import Coverage, Found, Result
from harness.drafts.grid import Grid, Number

FAMILY = "tables"
FEW = 2  # shared numbers that must agree before one that differs is named
MANY = 60  # tables that are compared with one another

Row = tuple[str, dict[str, Number]]


def find(grids: list[Grid]) -> Result:
    """Say which numbers differ between two tables where most others of the same row and headings agree."""
    found: list[Found] = []
    coverage = Coverage(FAMILY)
    looked: set[int] = set()
    rows = [_rows(grid) for grid in grids[:MANY]]
    for (one, first), (other, second) in combinations(zip(grids, rows, strict=False), 2):
        for name, cells in first.items():
            if name in second:
                shared = [key for key in cells if key in second[name]]
                looked |= {id(book[key]) for key in shared for book in (cells, second[name])} if len(shared) > FEW else set()
                if len(shared) > FEW:
                    found += _differing(one, other, name, [(cells[key], second[name][key], key) for key in shared])
    total = sum(len(grid.numbers) for grid in grids)
    coverage.add(
        len(looked), total - len(looked), "whose row stands in one table only, or shares fewer than three headings with another"
    )
    return found, coverage


def _rows(grid: Grid) -> dict[str, dict[str, Number]]:
    """Return the numbers of each row by heading; rows and headings that come twice are left out."""
    names = [_plain(row.name) for row in grid.rows]
    plain = [_plain(column.name) for column in grid.columns]
    columns = {
        column.index: name if plain.count(name) == 1 else _plain(column.full)
        for column, name in zip(grid.columns, plain, strict=True)
        if column.kind in ("", "mean")
    }
    once = {index for index, name in columns.items() if name and list(columns.values()).count(name) == 1}
    book = {}
    for row, name in zip(grid.rows, names, strict=True):
        if name and names.count(name) == 1:
            book[name] = {columns[index]: grid.numbers[row.index, index] for index in once if (row.index, index) in grid.numbers}
    return book


def _plain(name: str) -> str:
    return re.sub(r"[\s*†‡§¶↑↓_-]+", " ", name).strip().lower()


def _differing(one: Grid, other: Grid, name: str, pairs: list[tuple[Number, Number, str]]) -> list[Found]:
    apart = [(first, second, key) for first, second, key in pairs if not box(first).meets(box(second))]
    agree = [
        key for first, second, key in pairs if box(first).meets(box(second)) and first.value.decimals and second.value.decimals
    ]
    if not apart or len(agree) < FEW or len(agree) < 2 * len(apart):
        return []
    found = []
    for first, second, key in apart:
        late, early, where = (second, first, one) if second.place >= first.place else (first, second, other)
        statement = f"'{name}', '{key}' is {late.told} here and {early.told} in {where.named} ({early.place}); {len(agree)} other numbers of that row agree"
        found.append(Found(FAMILY, late.place, late.quoted, statement, "that the two rows are one system measured once"))
    return found

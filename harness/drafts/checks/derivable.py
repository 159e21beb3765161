"""All that sentences may rightly say of tables: their numbers, rounded or as per cents, and differences, changes and means of two."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from functools import cached_property
from itertools import combinations

from harness.drafts.grid import Grid, Number
from harness.ledger.printed import parse

Owner = tuple[int, str, str]  # table, row, column
MOST = 150_000  # pairs of numbers of all tables; beyond, nothing is said to stand in no table
SLACK = 1e-9


class Derivable:
    """Looks numbers of sentences up in the tables of a source."""

    def __init__(self, grids: list[Grid]) -> None:
        self.grids = grids
        self.rows: dict[float, set[Owner]] = defaultdict(set)
        self.columns: dict[str, list[Number]] = defaultdict(list)
        for at, grid in enumerate(grids):
            rows, columns = {row.index: row for row in grid.rows}, {column.index: column for column in grid.columns}
            for (row, column), number in grid.numbers.items():
                self.rows[round(abs(number.value.value), 9)].add((at, rows[row].full, columns[column].full))
                for name in rows[row].names:
                    self.columns[name.lower()].append(number)
        self._values = sorted(self.rows)
        self._words = sorted(abs(float(hit)) for grid in grids for hit in _in_words(grid))

    def has(self, text: str, name: str = "") -> bool:
        """Say whether a number stands in a table or follows from two of a line; said of a system, whether it is a mean of its own."""
        if self.owners(text) or any(_between(self._words, low, high) for low, high in _spans(text)):
            return True
        return self.derived_for(text, name) if name else self._follows(text)

    def owners(self, text: str) -> set[Owner]:
        """Return the table, row and column in which a number stands, rounded or as a per cent if need be."""
        found: set[Owner] = set()
        for low, high in _spans(text):
            found |= {owner for value in _between(self._values, low, high) for owner in self.rows[value]}
        return found

    def derived_for(self, text: str, name: str) -> bool:
        """Say whether a number follows from two numbers of a system: the mean of two, or of all."""
        numbers = [number.value.value for number in self.columns.get(name.lower(), [])][:100]
        values = sorted(value for one, other in combinations(numbers, 2) for value in [(one + other) / 2])
        if len(numbers) > 2:
            values = sorted([*values, sum(numbers) / len(numbers)])
        return any(_between(values, low, high) for low, high in _spans(text))

    def _follows(self, text: str) -> bool:
        return self._pairs is None or any(_between(self._pairs, low, high) for low, high in _spans(text))

    @cached_property
    def _pairs(self) -> list[float] | None:
        """All differences, changes and means of two numbers of one line, sorted; None where they are too many."""
        values: list[float] = []
        for grid in self.grids:
            for view in (grid, grid.turned()):
                for column in view.columns:
                    numbers = [number.value.value for number in view.down(column.index)]
                    if len(values) + 6 * len(numbers) ** 2 / 2 > MOST * 6:
                        return None
                    values += _of_line(numbers)
        return sorted(values)

    def nearest(self, value: float, name: str) -> str:
        """Return what the tables have nearest to a number, for the system that it is said of."""
        numbers = self.columns.get(name.lower(), []) if name else []
        near = min(numbers, key=lambda number: abs(number.value.value - value), default=None)
        return f"; the nearest of '{name}' is {near.told} ({near.place})" if near else ""


def _in_words(grid: Grid) -> list[str]:
    """Return the numbers that stand in headings, captions, small print and cells of words."""
    texts = [grid.table.caption, *(f"{cell.text} {cell.aside}" for row in grid.table.rows for cell in row.cells)]
    return [hit for text in texts for hit in re.findall(r"\d+\.\d+|(?<![\d.])\.\d+", text)][:50_000]


def _of_line(numbers: list[float]) -> list[float]:
    found = [sum(numbers) / len(numbers)] if len(numbers) > 2 else []
    for one, other in combinations(numbers, 2):
        found += [abs(one - other), (one + other) / 2]
        found += [abs(100 * (one / other - 1))] if other else []
        found += [abs(100 * (other / one - 1))] if one else []
        found += [other / one] if one else []
        found += [one / other] if other else []
    return found


def _spans(text: str) -> list[tuple[float, float]]:
    """Return the values that a number of a sentence may stand for: as it is, a hundredth and a hundredfold of it."""
    number = parse(text.replace("−", "-"), None, "either")
    if number is None:
        return []
    low, high = sorted((abs(number.low), abs(number.high)))
    plain = parse(text, None, "nearest")
    low = min(low, abs(plain.low)) if plain else low
    return [(factor * low, factor * high) for factor in (1.0, 0.01, 100.0)]


def _between(values: list[float], low: float, high: float) -> list[float]:
    slack = SLACK * max(1.0, abs(high))
    start = bisect_left(values, low - slack)
    found = []
    while start < len(values) and values[start] <= high + slack:
        found.append(values[start])
        start += 1
    return found

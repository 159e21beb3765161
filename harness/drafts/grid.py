"""A table as checks see it: headings over columns, names of rows, blocks, and the numbers with their rounding."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property

from harness.drafts import vocabulary
from harness.drafts.heads import count_of_heads
from harness.drafts.shape import Cell, Place, Table
from harness.drafts.values import bare, value_of
from harness.drafts.vocabulary import Direction, Kind, Measure
from harness.ledger.printed import Printed

LONGEST_TITLE = 120  # letters of a row that only names those below it


@dataclass(frozen=True)
class Line:
    """A row or a column: its names from the outermost to its own, its block, and whether all of it is named by marks."""

    index: int
    names: tuple[str, ...]
    block: int = 0
    group: str = ""
    faint: bool = False

    @property
    def name(self) -> str:
        """The words that stand next to its numbers."""
        return self.names[-1] if self.names else ""

    @property
    def full(self) -> str:
        """All its names."""
        return " / ".join(dict.fromkeys(name for name in self.names if name))

    @cached_property
    def kind(self) -> Kind:
        """How its name says that its numbers come about."""
        return (
            next((found for name in reversed(self.names) if name and (found := vocabulary.kind(name))), "") if self.names else ""
        )

    @cached_property
    def measure(self) -> Measure | None:
        """The metric that its names say, the nearest first."""
        return next((found for name in reversed(self.names) if (found := vocabulary.measure(name))), None)

    @cached_property
    def arrow(self) -> Direction:
        """What an arrow in its names says of the better direction."""
        return next((found for name in reversed(self.names) if (found := vocabulary.arrow(name))), "")


@dataclass(frozen=True)
class Number:
    """A number of the body with its cell and line."""

    value: Printed
    cell: Cell
    place: Place
    quoted: str
    row: int
    column: int

    @property
    def told(self) -> str:
        """The number as printed, without what stands beside it."""
        return bare(self.cell.text)


@dataclass(frozen=True)
class Grid:
    """The body of a table: lines down and across, numbers by (row, column), and the place of every row."""

    table: Table
    rows: tuple[Line, ...]
    columns: tuple[Line, ...]
    numbers: dict[tuple[int, int], Number]
    named: str
    flipped: bool = False

    @cached_property
    def row_of(self) -> dict[int, Line]:
        """The rows by index."""
        return {line.index: line for line in self.rows}

    @cached_property
    def column_of(self) -> dict[int, Line]:
        """The columns by index."""
        return {line.index: line for line in self.columns}

    def across(self, row: int) -> list[Number]:
        """The numbers of a row."""
        return [self.numbers[row, one.index] for one in self.columns if (row, one.index) in self.numbers]

    def down(self, column: int) -> list[Number]:
        """The numbers of a column."""
        return [self.numbers[one.index, column] for one in self.rows if (one.index, column) in self.numbers]

    def turned(self) -> Grid:
        """Return the table with rows for columns."""
        numbers = {(column, row): number for (row, column), number in self.numbers.items()}
        return replace(self, rows=self.columns, columns=self.rows, numbers=numbers, flipped=not self.flipped)


def grids(tables: list[Table]) -> list[Grid]:
    """Return the tables that hold numbers in a body."""
    found = [grid(table, at) for at, table in enumerate(tables, 1)]
    return [one for one in found if one.numbers]


def grid(table: Table, at: int = 1) -> Grid:
    """Return a table as checks see it."""
    head = count_of_heads(table)
    body = table.rows[head:]
    width = len(table.rows[0].cells) if table.rows else 0
    labels = _labels(table, head, width)
    columns = tuple(Line(c, _headings(table, head, c)) for c in range(width) if c not in labels)
    rows: list[Line] = []
    numbers: dict[tuple[int, int], Number] = {}
    block, title = 0, ""
    for offset, row in enumerate(body):
        index = head + offset
        if (section := _section(row.cells)) is not None:
            block, title = (block, title) if len(section) > LONGEST_TITLE else (block + 1, section)  # what is longer explains
            continue
        block += 1 if row.ruled and offset else 0
        names = tuple(row.cells[c].text for c in sorted(labels) if row.cells[c].text)
        spans = table.rows[index].cells[0].text if len(labels) > 1 or row.cells[0].copied else ""
        rows.append(Line(index, ((title,) if title else ()) + names, block, spans, any(row.cells[c].faint for c in labels)))
        for column in columns:
            cell = row.cells[column.index]
            if not cell.copied and (value := value_of(cell.text)):
                numbers[index, column.index] = Number(value, cell, row.place, row.quoted, index, column.index)
    named = f"Table {table.number}" if table.number else f"the table at {table.place}"
    return Grid(table, tuple(rows), columns, numbers, named)


def _labels(table: Table, head: int, width: int) -> set[int]:
    """Return the columns that name rows: the first, and those after it that mostly hold words."""
    found = {0} if width else set()
    for column in range(1, width):
        texts = [row.cells[column].text for row in table.rows[head:] if row.cells[column].text]
        words = sum(1 for text in texts if value_of(text) is None and re.search(r"[^\W\d_]{1}", text))
        if texts and 2 * words > len(texts):
            found.add(column)
    return found


def _headings(table: Table, head: int, column: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for row in table.rows[:head] if (text := row.cells[column].text)))


def _section(cells: tuple[Cell, ...]) -> str | None:
    """Return the words of a row that only names the rows below it; None for other rows."""
    texts = {cell.text for cell in cells if cell.text and not cell.copied}
    if not texts:
        return ""
    return next(iter(texts)) if len(texts) == 1 and len(cells) > 2 and value_of(next(iter(texts))) is None else None

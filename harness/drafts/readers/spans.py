"""Rows in which cells span rows and columns, laid out on a grid."""

from __future__ import annotations

from dataclasses import dataclass, replace

from harness.drafts.shape import EMPTY, Cell, Place, Row

WIDEST = 2000  # columns of a table
TALLEST = 20_000  # rows that one cell may span


@dataclass(frozen=True)
class Spanning:
    """A cell and how many rows and columns it takes; rows below 0 span upwards, as in \\multirow{-2}."""

    cell: Cell
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True)
class Written:
    """A row as written: its cells, line, and whether a line is drawn across above it."""

    cells: list[Spanning]
    place: Place
    ruled: bool = False
    quoted: str = ""


def laid_out(rows: list[Written], pushing: bool) -> tuple[Row, ...]:
    """Return rows of one width. `pushing`: a cell from above pushes those of its row aside (HTML); LaTeX writes them empty."""
    grid: list[list[Cell | None]] = [[] for _ in rows]
    for at, row in enumerate(rows):
        column = 0
        for one in row.cells:
            if pushing:
                while column < len(grid[at]) and grid[at][column] is not None:
                    column += 1
            _put(grid, at, column, one, pushing)
            column = min(column + max(1, one.columns), WIDEST)
    width = max((len(cells) for cells in grid), default=0)
    full = [tuple(cell or EMPTY for cell in [*cells, *[None] * (width - len(cells))]) for cells in grid]
    return tuple(Row(cells, row.place, row.ruled, row.quoted) for cells, row in zip(full, rows, strict=True))


def _put(grid: list[list[Cell | None]], at: int, column: int, one: Spanning, pushing: bool) -> None:
    reach = range(at, min(len(grid), at + min(one.rows, TALLEST))) if one.rows > 0 else range(max(0, at + one.rows + 1), at + 1)
    for row in reach:
        for place in range(column, min(column + max(1, one.columns), WIDEST)):
            cells = grid[row]
            cells += [None] * (place + 1 - len(cells))
            taken = cells[place] is not None and cells[place] != EMPTY
            first = row == reach[0] and place == column
            # An empty cell that LaTeX writes under a spanning one must not wipe it out.
            if not (taken and (pushing or not one.cell.text or row != at)):
                cells[place] = one.cell if first else replace(one.cell, copied=True)

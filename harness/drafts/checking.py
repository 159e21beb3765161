"""All checks over one source, in the order of their families."""

from __future__ import annotations

import re

from harness.drafts.checks import copies, derived, grim, marks, prose, ranges, tables
from harness.drafts.found import Coverage, Found
from harness.drafts.grid import Grid, grids
from harness.drafts.shape import Source, Unread
from harness.drafts.values import value_of
from harness.text import counted

FAMILIES = {
    "derived": "means, differences, percentages and totals recomputed",
    "marks": "bold and underlined numbers against the others",
    "ranges": "numbers against the range of their metric",
    "copies": "rows and columns that repeat one another",
    "grim": "shares against the number of units",
    "tables": "tables against one another",
    "prose": "sentences and abstract against the tables",
}

LARGEST = 20_000  # numbers of one table: what is larger was never printed
MOST = 40_000  # numbers of all tables


def _bounded(source: Source, every: list[Grid]) -> list[Grid]:
    """Return the tables that are checked; those too large, or beyond the most that is checked, are listed."""
    kept: list[Grid] = []
    total = 0
    for one in every:
        total += len(one.numbers) if len(one.numbers) <= LARGEST else 0
        if len(one.numbers) <= LARGEST and total <= MOST:
            kept.append(one)
        elif len(source.unread) < 1000:
            source.unread.append(
                Unread(
                    one.table.place,
                    f"a table of {len(one.numbers)} numbers is not checked: at most {LARGEST} of a table and {MOST} of a source are; give a part of it",
                )
            )
    return kept


_SEVERAL = re.compile(r"^[^A-Za-z]*\d[^A-Za-z]*[/|;,\s–-][^A-Za-z]*\d[^A-Za-z]*$")


def _several(grid: Grid) -> Unread | None:
    """Return a note on cells of a table that hold several numbers: they are compared with nothing."""
    columns = [column.index for column in grid.columns]
    cells = [
        (row.place, row.cells[column]) for row in grid.table.rows if row.place.line >= grid.table.place.line for column in columns
    ]
    held = [
        (place, cell.text)
        for place, cell in cells
        if not cell.copied and value_of(cell.text) is None and re.search(r"\.\d", cell.text) and _SEVERAL.match(cell.text)
    ]
    if not held:
        return None
    return Unread(
        held[0][0],
        f"{counted(len(held), 'cell holds', 'cells hold')} several numbers (such as '{held[0][1][:40]}') and cannot be checked; give each number a cell of its own, as in a CSV",
    )


def checked(source: Source, n: int | None = None) -> tuple[list[Found], list[Coverage], list[Grid]]:
    """Return what the checks find, sorted by place, and what each could look at; `n`: the units behind each share, if told."""
    tabled = _bounded(source, grids(source.tables))
    source.unread += [one for grid in tabled if (one := _several(grid))]
    results = [
        derived.find(tabled),
        marks.find(tabled),
        ranges.find(tabled),
        copies.find(tabled),
        grim.find(tabled, n),
        tables.find(tabled),
    ]
    results.append(prose.find(tabled, source.sentences))
    findings = [one for found, _ in results for one in found]
    once = list(dict.fromkeys(findings))
    return sorted(once, key=lambda one: (one.place, one.family)), [coverage for _, coverage in results], tabled

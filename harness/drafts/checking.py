"""All checks over one source, in the order of their families."""

from __future__ import annotations

from harness.drafts.checks import copies, derived, grim, marks, prose, ranges, tables
from harness.drafts.found import Coverage, Found
from harness.drafts.grid import Grid, grids
from harness.drafts.shape import Source

FAMILIES = {
    "derived": "means, differences, percentages and totals recomputed",
    "marks": "bold and underlined numbers against the others",
    "ranges": "numbers against the range of their metric",
    "copies": "rows and columns that repeat one another",
    "grim": "shares against the number of units",
    "tables": "tables against one another",
    "prose": "sentences and abstract against the tables",
}


def checked(source: Source, n: int | None = None) -> tuple[list[Found], list[Coverage], list[Grid]]:
    """Return what the checks find, sorted by place, and what each could look at; `n`: the units behind each share, if told."""
    tabled = grids(source.tables)
    results = [derived.find(tabled), marks.find(tabled), ranges.find(tabled), copies.find(tabled), grim.find(tabled, n), tables.find(tabled)]
    results.append(prose.find(tabled, source.sentences))
    findings = [one for found, _ in results for one in found]
    once = list(dict.fromkeys(findings))
    return sorted(once, key=lambda one: (one.place, one.family)), [coverage for _, coverage in results], tabled

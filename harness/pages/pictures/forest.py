"""Printed values beside recomputed ones."""

from __future__ import annotations

from fnmatch import fnmatchcase
from itertools import groupby
from typing import TYPE_CHECKING

from harness.errors import InputError
from harness.ledger.printed import Printed, parse
from harness.pages.pictures.style import PAGE, canvas

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from harness.studies.picture import Forest

Row = dict[str, str]
LONGEST, TALLEST = 45, 6.5  # rows, and inches, that fit the report's landscape page


def draw(spec: Forest, rows: list[Row]) -> Figure | None:
    """Return the picture of verdicts.csv's rows, under a heading for each table; raise InputError for more than fit a page.

    None where no claim has both a printed and a recomputed number. Judged claims are filled, those that were recomputed
    with weaker materials are hollow; a printed bar is as wide as what rounds to it, or as the printed range.
    """
    shown = [(row, printed) for row in rows if _fits(spec, row) and (printed := parse(row["printed"])) is not None]
    if not shown:
        return None
    if len(shown) > LONGEST:
        raise InputError(f"claims: {len(shown)} rows, but {LONGEST} fit a page; split it by claims: patterns")
    lines: list[tuple[str, Row | None, Printed | None]] = []
    for heading, members in groupby(shown, key=lambda one: _table(one[0])):
        lines.append((heading, None, None))
        lines += [(f"{row['claim'].split(':', 1)[1]}  [{row['verdict']}]", row, printed) for row, printed in members]
    lines.reverse()
    figure, (axes,) = canvas(PAGE, min(TALLEST, 0.8 + 0.17 * len(lines)))
    for place, (_, one, number) in enumerate(lines):
        if one and number:
            _line(axes, place, one, number)
    axes.set_yticks(range(len(lines)), [label for label, _, _ in lines])
    for label, (_, one, _) in zip(axes.get_yticklabels(), lines, strict=True):
        label.set_fontstyle("normal" if one else "italic")
    axes.set_ylim(-0.7, len(lines) - 0.3)
    axes.set_xlabel(
        "printed: bar; recomputed: dot with its interval,\nhollow where the materials are weaker than the claim asks for"
    )
    axes.grid(axis="y", linewidth=0.2)
    return figure


def _line(axes: Axes, place: int, row: Row, printed: Printed) -> None:
    low, high, value = (float(row[key]) for key in ("low", "high", "recomputed"))
    axes.plot([low, high], [place, place], color="black", linewidth=0.8)
    judged = row["tone"] != "grey"
    axes.plot(value, place, "o", color="black", mfc="black" if judged else "white")
    axes.plot([printed.low, printed.high], [place, place], color="#D55E00", linewidth=2.5, solid_capstyle="butt")
    axes.plot(printed.value, place, "|", color="#D55E00", markersize=9, markeredgewidth=1.5)


def _table(row: Row) -> str:
    return f"{row['document']}: {row['place'].split(', row ')[0]}"


def _fits(spec: Forest, row: Row) -> bool:
    name = row["claim"].split(":", 1)[1]
    return bool(row["recomputed"] and row["low"]) and any(fnmatchcase(name, pattern) for pattern in spec.claims)

"""Printed values beside recomputed ones."""

from __future__ import annotations

from collections.abc import Mapping
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
LONGEST, TALLEST = 45, 8.0  # rows, and inches, that fit a page of the report
PRINTED = "#D55E00"
READ = ("claim", "document", "place", "printed", "recomputed", "low", "high", "tone", "verdict")  # columns of verdicts.csv that are drawn


def draw(spec: Forest, rows: list[Row], names: Mapping[str, str]) -> Figure | None:
    """Return the picture of verdicts.csv's rows, under a heading for each table; raise InputError for more than fit a page.

    `names`: what a reader calls each claim. None where nothing was recomputed. Judged claims are filled, others hollow; a
    printed bar is as wide as what rounds to it, or as the printed range; a value without an interval is a dot alone.
    """
    shown = [(row, printed) for row in rows if _fits(spec, row) and (printed := parse(row["printed"])) is not None]
    if not any(row["recomputed"] for row, _ in shown):
        return None
    if len(shown) > LONGEST:
        raise InputError(f"claims: {len(shown)} rows, but {LONGEST} fit a page; split it by claims: patterns")
    lines: list[tuple[str, Row | None, Printed | None]] = []
    for heading, members in groupby(shown, key=lambda one: _table(one[0])):
        lines.append((heading, None, None))
        lines += [(_label(row, names), row, printed) for row, printed in members]
    lines.reverse()
    figure, (axes,) = canvas(PAGE, min(TALLEST, 0.8 + 0.17 * len(lines)))
    for place, (_, one, number) in enumerate(lines):
        if one and number:
            _line(axes, place, one, number)
    axes.set_yticks(range(len(lines)), [label for label, _, _ in lines])
    for label, (_, one, _) in zip(axes.get_yticklabels(), lines, strict=True):
        label.set_fontstyle("normal" if one else "italic")
    axes.set_ylim(-0.7, len(lines) - 0.3)
    _explain(figure)
    axes.grid(axis="y", linewidth=0.2)
    return figure


def _line(axes: Axes, place: int, row: Row, printed: Printed) -> None:
    if row["low"]:
        axes.plot([float(row["low"]), float(row["high"])], [place, place], color="black", linewidth=0.8)
    if row["recomputed"]:
        axes.plot(float(row["recomputed"]), place, "o", color="black", mfc="white" if row["tone"] == "grey" else "black")
    if not printed.bound:
        axes.plot([printed.low, printed.high], [place, place], color=PRINTED, linewidth=2.5, solid_capstyle="butt")
    axes.plot(printed.value, place, "|", color=PRINTED, markersize=9, markeredgewidth=1.5)


def _explain(figure: Figure) -> None:
    """Say below the picture what its marks are."""
    from matplotlib.lines import Line2D

    signs = [
        Line2D([], [], color=PRINTED, marker="|", linestyle="none", markersize=9, markeredgewidth=1.5),
        Line2D([], [], color="black", marker="o", linewidth=0.8),
        Line2D([], [], color="black", marker="o", mfc="white", linewidth=0.8),
    ]
    words = ["printed (as wide as its rounding)", "here, with the interval of other queries and seeds", "here, not judged"]
    figure.legend(signs, words, loc="outside lower center", ncols=3)


def _label(row: Row, names: Mapping[str, str]) -> str:
    """Name a claim; its verdict is added where a hollow mark does not say it already."""
    told = "" if row["verdict"] == "not decidable here" else f"  [{row['verdict']}]"
    return names.get(row["claim"], row["claim"].split(":", 1)[1]) + told


def _table(row: Row) -> str:
    return f"{row['document']}: {row['place'].split(', row ')[0]}"


def _fits(spec: Forest, row: Row) -> bool:
    name = row["claim"].split(":", 1)[1]
    worth = row["recomputed"] or row["verdict"] == "inconsistent as printed"
    return bool(worth) and any(fnmatchcase(name, pattern) for pattern in spec.claims)

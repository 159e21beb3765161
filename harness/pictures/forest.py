"""Printed values beside recomputed ones."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from harness.pictures.style import PAGE, canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from harness.pictures.spec import Forest

Row = dict[str, str]


def draw(spec: Forest, rows: list[Row]) -> Figure | None:
    """Return the picture of verdicts.csv's rows; None where no claim has both a printed and a recomputed value.

    Judged claims are filled, those that were recomputed with weaker materials are hollow.
    """
    shown = [(row, printed) for row in rows if _fits(spec, row) and (printed := _number(row)) is not None]
    if not shown:
        return None
    figure, (axes,) = canvas(PAGE, 0.8 + 0.17 * len(shown))
    for place, (row, printed) in enumerate(reversed(shown)):
        low, high, value = (float(row[key]) for key in ("low", "high", "recomputed"))
        axes.plot([low, high], [place, place], color="black", linewidth=0.8)
        judged = row["tone"] != "grey"
        axes.plot(value, place, "o", color="black", mfc="black" if judged else "white")
        axes.plot(printed, place, "|", color="#D55E00", markersize=9, markeredgewidth=1.5)
    labels = [f"{row['claim'].split(':', 1)[1]}  [{row['verdict']}]" for row, _ in reversed(shown)]
    axes.set_yticks(range(len(shown)), labels)
    axes.set_ylim(-0.7, len(shown) - 0.3)
    axes.set_xlabel(
        "printed: bar; recomputed: dot with its interval,\nhollow where the materials are weaker than the claim asks for"
    )
    axes.grid(axis="y", linewidth=0.2)
    return figure


def _fits(spec: Forest, row: Row) -> bool:
    name = row["claim"].split(":", 1)[1]
    return bool(row["recomputed"] and row["low"]) and any(fnmatchcase(name, pattern) for pattern in spec.claims)


def _number(row: Row) -> float | None:
    try:
        value = float(row["printed"].replace("\u2212", "-").strip(" %"))
    except ValueError:
        return None
    return value

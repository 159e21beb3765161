"""What all pictures share: size, type, marks that can be told apart in print without colour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMN, PAGE = 3.4, 7.0  # inches
SHORT = 22  # characters of legend labels that stand two abreast in a column
MARKS = ["o", "s", "^", "D", "v", "P", "X", "*"]
# Okabe & Ito's colours, dark ones first: they differ in lightness too.
COLOURS = ["#000000", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#777777"]
LINES = ["-", "--", "-.", ":", (0, (5, 1)), (0, (1, 1)), (0, (3, 1, 1, 1, 1, 1)), (0, (7, 3))]
# Letters are drawn as paths: a reader's own fonts are wider, and cut legends and labels. The page is white on a dark screen too.
SETTINGS: Any = {
    "font.size": 8, "axes.titlesize": 8, "axes.labelsize": 8, "legend.fontsize": 7, "xtick.labelsize": 7, "ytick.labelsize": 7,
    "axes.spines.top": False, "axes.spines.right": False, "axes.linewidth": 0.6, "lines.linewidth": 1.0, "lines.markersize": 4,
    "legend.title_fontsize": 7, "figure.facecolor": "white", "savefig.facecolor": "white",
    "pdf.fonttype": 42, "svg.fonttype": "path", "svg.hashsalt": "workbench", "legend.frameon": False, "text.parse_math": False,
}  # fmt: skip


def canvas(width: float, height: float, columns: int = 1) -> tuple[Figure, list[Axes]]:
    """Return an empty figure of that size in inches, and its axes side by side."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, list(figure.subplots(1, columns, squeeze=False)[0])


def legend(figure: Figure, title: str, **parts: Any) -> None:
    """Put the legend below the axes, whole: side by side only where the words are short; `title` explains bars and bands."""
    handles, labels = figure.axes[0].get_legend_handles_labels()
    parts = {"handles": handles, "labels": labels} | parts
    wide = figure.get_size_inches()[0] > COLUMN
    columns = (4 if wide else 2) if max(map(len, parts["labels"])) <= SHORT else (2 if wide else 1)
    figure.legend(loc="outside lower center", ncols=columns, title=title or None, **parts)


def number(value: Any) -> str:
    """Return a setting's value as a reader writes it."""
    return f"{value:g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)

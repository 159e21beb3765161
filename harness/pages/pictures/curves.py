"""A metric against a setting, one line a series."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.pages.pictures.style import COLOURS, COLUMN, LINES, MARKS, canvas, legend

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from harness.pages.pictures.data import Data
    from harness.studies.picture import Curves


def draw(spec: Curves, data: Data) -> Figure | None:
    """Return the picture; a band spans the seeds. None where no series was run."""
    figure, (axes,) = canvas(COLUMN, 2.6)
    drawn = False
    for place, (label, pattern) in enumerate(spec.series.items()):
        points = []
        for name in data.matching(pattern):
            values = data.get(name, spec.collection, spec.metric)
            if values is not None:
                points.append((data.settings[name][spec.x], values.mean(), values.min(), values.max()))
        if not points:
            continue
        xs, mean, low, high = zip(*sorted(points), strict=True)
        look: dict[str, Any] = {
            "color": COLOURS[place % len(COLOURS)],
            "linestyle": LINES[place % len(LINES)],
            "marker": MARKS[place % len(MARKS)],
        }
        axes.plot(xs, mean, **look, mfc="none", label=label)
        axes.fill_between(xs, low, high, color=COLOURS[place % len(COLOURS)], alpha=0.15, linewidth=0)
        axes.set_xticks(sorted({*axes.get_xticks(), *xs} & set(xs)))
        drawn = True
    if not drawn:
        return None
    level = data.get(spec.line, spec.collection, spec.metric)
    if level is not None:
        axes.axhline(float(level.mean()), color="#777777", linewidth=0.8, label=spec.line)
    axes.set_xlabel(spec.x)
    axes.set_ylabel(f"{spec.metric} on {spec.collection}")
    legend(figure, "band: lowest to highest seed")
    return figure

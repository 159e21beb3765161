"""One metric against another, one point a variant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from harness.pictures.style import COLOURS, COLUMN, MARKS, canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from harness.pictures.data import Data
    from harness.pictures.spec import Scatter

FEW = 12  # up to so many points bear their names; the only one of a series is named by the legend


def draw(spec: Scatter, data: Data) -> Figure | None:
    """Return the picture; whiskers span the seeds. None where nothing of it was run."""
    figure, (axes,) = canvas(COLUMN, 3.2)
    drawn = []
    for place, (label, pattern) in enumerate(spec.series.items()):
        points = []
        for name in data.matching(pattern):
            x, y = data.get(name, spec.collection, spec.x), data.get(name, spec.collection, spec.y)
            if x is not None and y is not None:
                points.append((name, x, y))
        if not points:
            continue
        mark, colour = MARKS[place % len(MARKS)], COLOURS[place % len(COLOURS)]
        xs, across = _spans([x for _, x, _ in points])
        ys, along = _spans([y for _, _, y in points])
        words = f"{label} ({len(points)})"
        axes.errorbar(xs, ys, along, across, fmt=mark, color=colour, mfc="none", elinewidth=0.4, label=words)
        drawn += [(name if len(points) > 1 else "", x, y) for (name, *_), x, y in zip(points, xs, ys, strict=True)]
    if not drawn:
        return None
    if len(drawn) <= FEW:
        for name, x, y in drawn:
            axes.annotate(name, (x, y), xytext=(3, 3), textcoords="offset points", fontsize=6)
    axes.set_xlabel(f"{spec.x} on {spec.collection}")
    axes.set_ylabel(f"{spec.y} on {spec.collection}")
    figure.legend(loc="outside lower center", ncols=2)
    return figure


def _spans(values: list[NDArray[np.float64]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the means, (points,), and how far the seeds reach below and above them, (2, points)."""
    mean = np.array([v.mean() for v in values])
    reach = [[m - v.min(), v.max() - m] for m, v in zip(mean, values, strict=True)]
    return mean, np.maximum(np.array(reach).T, 0)

"""One metric against another, one point a variant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from harness.pages.pictures.style import COLOURS, COLUMN, MARKS, canvas, legend

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Annotation

    from harness.pages.pictures.data import Data
    from harness.studies.picture import Scatter

PLACES = [(side * 4, up) for up in (3, -8, 10, -15, 17, -22, 24, -29) for side in (1, -1, 0)]  # points, from mark to name
FEW, MOST = 8, 40  # points of one series, and of all, that bear their names; the only one of a series is named by the legend


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
        told = 1 < len(points) <= FEW
        drawn += [(_own(name, pattern) if told else "", x, y) for (name, *_), x, y in zip(points, xs, ys, strict=True)]
    if not drawn:
        return None
    axes.set_xlabel(f"{spec.x} on {spec.collection}")
    axes.set_ylabel(f"{spec.y} on {spec.collection}")
    legend(figure, "whiskers: lowest to highest seed")
    named = [(name, x, y) for name, x, y in drawn if name]
    if len(named) <= MOST:
        _name(figure, axes, named)
    return figure


def _name(figure: Figure, axes: Axes, points: list[tuple[str, float, float]]) -> None:
    """Write each name near its point, joined to it by a hair, at the place where it covers least and is nearest to no other."""
    from matplotlib.text import Text

    figure.canvas.draw()  # places are known only once all is laid out
    spots = axes.transData.transform([(x, y) for _, x, y in points])
    taken: list[Any] = []
    for number, (name, x, y) in enumerate(points):
        hair: dict[str, Any] = {"arrowstyle": "-", "linewidth": 0.3, "shrinkA": 0, "shrinkB": 2}
        look: dict[str, Any] = {"textcoords": "offset points", "fontsize": 6, "arrowprops": hair}
        text = axes.annotate(name, (x, y), xytext=(0, 0), **look)
        text.set_in_layout(False)
        found = []
        for rank, (across, up) in enumerate(PLACES):
            _put(text, across, up)
            text.get_window_extent()  # moves the text to its new place
            box = Text.get_window_extent(text)  # without the hair
            covered = sum(box.overlaps(other) for other in taken) + sum(box.contains(*spot) for spot in spots)
            inside = axes.bbox.x0 <= box.x0 and box.x1 <= axes.bbox.x1 and box.y0 >= axes.bbox.y0
            gaps = np.hypot(*(spots - [(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2]).T)
            found.append(((covered, not inside, bool(gaps[number] > gaps.min() + 1)), rank, box))
        _, rank, box = min(found, key=lambda one: one[:2])
        _put(text, *PLACES[rank])
        taken.append(box)


def _own(name: str, pattern: str) -> str:
    """Return what tells a variant from the others of its series: what its pattern leaves open, else its whole name."""
    before, star, after = pattern.partition("*")
    if not star or set(after) & set("*?[") or set(before) & set("?["):
        return name
    return name[len(before) : len(name) - len(after)].strip("_-") or name


def _put(text: Annotation, across: int, up: int) -> None:
    text.set_position((across, up))
    text.set_horizontalalignment("left" if across > 0 else "right" if across < 0 else "center")


def _spans(values: list[NDArray[np.float64]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the means, (points,), and how far the seeds reach below and above them, (2, points)."""
    mean = np.array([v.mean() for v in values])
    reach = [[m - v.min(), v.max() - m] for m, v in zip(mean, values, strict=True)]
    return mean, np.maximum(np.array(reach).T, 0)

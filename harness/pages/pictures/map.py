"""Documents in the plane of their first two principal components, one panel a variant, one mark a label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import InputError
from harness.pages.pictures.style import COLOURS, COLUMN, MARKS, PAGE, canvas, legend

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from harness.studies.picture import Map

Cloud = tuple[list[str], NDArray[np.float32]]  # document ids and their vectors, (documents, d)
NONE = "no label"


def draw(spec: Map, clouds: Mapping[str, Cloud], labels: Mapping[str, str]) -> Figure | None:
    """Return the picture of the vectors by series; `labels` maps document ids to values. None without vectors.

    Hollow marks come first, then filled ones; raise InputError for more values than marks can tell apart.
    """
    if not clouds:
        return None
    shown = [label for label in spec.series if label in clouds]
    values = sorted({labels.get(name, NONE) for label in shown for name in clouds[label][0]}, key=lambda v: (v == NONE, v))
    if len(set(values) - {NONE}) > 2 * len(MARKS):
        raise InputError(
            f"label '{spec.label}' has {len(set(values) - {NONE})} values; marks tell {2 * len(MARKS)} apart at most"
        )
    drawn = {label: plane(clouds[label][1]) for label in shown}
    reach = 1.05 * max(float(np.abs(places).max()) for places, _ in drawn.values())  # one scale for all panels
    figure, axes = canvas(COLUMN if len(shown) == 1 else PAGE, 2.9 + 0.11 * len(values), len(shown))
    for axis, label in zip(axes, shown, strict=True):
        names, (places, share) = clouds[label][0], drawn[label]
        own = np.array([labels.get(name, NONE) for name in names])
        for place, value in enumerate(values):
            rows, colour = places[own == value], COLOURS[place % len(COLOURS)]
            face = "none" if place < len(MARKS) else colour
            look: dict[str, Any] = {
                "marker": MARKS[place % len(MARKS)],
                "color": colour,
                "mfc": face,
                "markersize": 3,
                "mew": 0.6,
            }
            if value == NONE:
                look |= {"marker": ".", "color": "#777777", "mfc": "#777777", "markersize": 2}
            axis.plot(*rows.T, **look, linestyle="none", label=value)
        axis.set_title(label)
        axis.set_xlabel(f"component 1 ({share[0]:.0%} of variance)", fontsize=7)
        axis.set_ylabel(f"component 2 ({share[1]:.0%})", fontsize=7)
        axis.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    legend(figure, spec.label)
    return figure


def plane(vectors: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the coordinates on the first two principal components, (documents, 2), and their shares of the variance, (2,).

    A component's sign is arbitrary: its largest loading is made positive.
    """
    rows = np.asarray(vectors, dtype=np.float64)
    rows = rows - rows.mean(axis=0)
    spread, directions = np.linalg.eigh(rows.T @ rows)
    first = directions[:, [-1, -2]]
    first *= np.sign(first[np.abs(first).argmax(axis=0), [0, 1]])
    return rows @ first, np.maximum(spread[[-1, -2]], 0) / spread.sum()

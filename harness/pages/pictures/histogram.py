"""Cosines between documents, one line a variant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from harness.pages.pictures.style import COLOURS, COLUMN, LINES, canvas, legend

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from harness.studies.picture import Histogram

ROWS = 1024  # vectors held against all others at once; bounds the memory, changes no number


def draw(spec: Histogram, clouds: dict[str, NDArray[np.float32]]) -> Figure | None:
    """Return the picture of (documents, d) vectors by series: the share of all pairs i < j in each bin of [-1, 1]. None without any.

    The axis spans the bins that any series reaches; the legend gives each mean.
    """
    if not clouds:
        return None
    figure, (axes,) = canvas(COLUMN, 2.6)
    reached = np.zeros(spec.bins, dtype=bool)
    for place, label in enumerate(spec.series):
        if label not in clouds:
            continue
        counts, mean, edges = cosines(clouds[label], spec.bins)
        reached |= counts > 0
        colour, line = COLOURS[place % len(COLOURS)], LINES[place % len(LINES)]
        axes.stairs(counts / counts.sum(), edges, color=colour, linestyle=line, label=f"{label} (mean {mean:.3f})", linewidth=1)
    first, last = np.flatnonzero(reached)[[0, -1]]
    axes.set_xlim(edges[first], edges[last + 1])
    axes.set_ylim(bottom=0)
    axes.set_xlabel(f"cosine of two documents of {spec.collection}")
    axes.set_ylabel("share of pairs")
    legend(figure, "")
    return figure


def cosines(vectors: NDArray[np.float32], bins: int) -> tuple[NDArray[np.int64], float, NDArray[np.float64]]:
    """Return how many pairs i < j have their cosine in each bin, (bins,), the mean, and the edges, (bins + 1,)."""
    rows = np.asarray(vectors, dtype=np.float64)
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    edges = np.linspace(-1, 1, bins + 1)
    counts, total = np.zeros(bins, dtype=np.int64), 0.0
    for start in range(0, len(unit), ROWS):
        part = unit[start : start + ROWS] @ unit[start:].T
        found = np.clip(part[np.triu_indices(len(part), 1, part.shape[1])], -1, 1)  # rounding may leave [-1, 1]
        counts += np.histogram(found, edges)[0]
        total += float(found.sum())
    return counts, total / (len(unit) * (len(unit) - 1) / 2), edges

"""A metric over two settings, one panel for each value of a third."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from harness.pages.pictures.style import PAGE, canvas, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from harness.pages.pictures.data import Data
    from harness.studies.picture import Heatmap


def reach(spec: Heatmap, data: Data) -> float:
    """Return the largest difference from `zero`, either way; 0 without data. Sister pictures are coloured on the largest of theirs."""
    found, zero = _found(spec, data)
    return 0.0 if not found or zero is None else max(abs(value - zero) for value in found.values())


def draw(spec: Heatmap, data: Data, widest: float = 0.0) -> Figure | None:
    """Return the picture: means over seeds and their differences from `zero`, printed in each cell, coloured by the latter. None without data.

    The colours span `widest` to either side, or what this picture needs. A cell that was not run is hatched: absent is not zero.
    """
    found, middle = _found(spec, data)
    if not found or middle is None:
        return None
    panels = _levels(data, list(found), spec.panel)
    xs, ys = _levels(data, list(found), spec.x), _levels(data, list(found), spec.y)
    grids = []
    for panel in panels:
        grid = np.full((len(ys), len(xs)), np.nan)
        for name, value in found.items():
            settings = data.settings[name]
            if settings[spec.panel] == panel:
                grid[ys.index(settings[spec.y]), xs.index(settings[spec.x])] = value - middle
        grids.append(grid)
    span = max(widest, reach(spec, data)) or 1.0
    figure, axes = canvas(min(PAGE, 1.0 + 1.9 * len(panels)), 0.7 + 0.42 * len(ys), len(panels))
    for axis, panel, grid in zip(axes, panels, grids, strict=True):
        image = _panel(axis, grid, middle, span, xs, ys)
        axis.set_title(f"{spec.panel} {number(panel)}")
        axis.set_xlabel(spec.x)
    axes[0].set_ylabel(spec.y)
    bar = figure.colorbar(image, ax=axes, shrink=0.9)
    bar.set_label(f"{spec.metric} less {spec.zero} ({middle:.3f})")
    return figure


def _found(spec: Heatmap, data: Data) -> tuple[dict[str, float], float | None]:
    """Return the mean of each cell that was run, and that of `zero`."""
    cells = {name: data.get(name, spec.collection, spec.metric) for name in data.matching(spec.variants)}
    zero = data.get(spec.zero, spec.collection, spec.metric)
    return {name: float(values.mean()) for name, values in cells.items() if values is not None}, None if zero is None else float(
        zero.mean()
    )


def _levels(data: Data, names: list[str], key: str) -> list[Any]:
    return sorted({data.settings[name][key] for name in names})


def _panel(axes: Axes, grid: Any, middle: float, span: float, xs: list[Any], ys: list[Any]) -> Any:
    image = axes.imshow(grid, cmap="PuOr", vmin=-span, vmax=span, aspect="auto", origin="lower")
    for (row, column), gap in np.ndenumerate(grid):
        if np.isnan(gap):
            box = {"fill": False, "hatch": "////", "linewidth": 0}
            axes.add_patch(_square(column, row, box))
        else:
            dark = abs(gap) > 0.6 * span
            axes.text(
                column,
                row,
                f"{middle + gap:.3f}\n{gap:+.3f}",
                ha="center",
                va="center",
                fontsize=6,
                color="white" if dark else "black",
            )
    axes.set_xticks(range(len(xs)), [number(x) for x in xs])
    axes.set_yticks(range(len(ys)), [number(y) for y in ys])
    return image


def _square(column: int, row: int, look: dict[str, Any]) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((column - 0.5, row - 0.5), 1, 1, **look)

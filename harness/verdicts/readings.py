"""Readings of several printed values at once: which definitions give them, and how easily luck would.

The null is one more system like those that the readings describe, yet none of them: its cells are drawn from theirs with
their rank correlations kept, and the chance of a reading is that the best reading of such a system does as well, the
max-statistic of Westfall & Young (1993). Independent cells would not do: where one system's hit rate lies near the
printed one, so do its other measures. Nor would shuffling whole systems, whose smallest chance is one in their number.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt, log
from typing import Any

import numpy as np
from numpy.typing import NDArray

FEWEST = 2  # cells that one reading must give: a single one is easily met
DRAWS = 2000  # null systems: a chance of 0.05 is known to 0.005
BATCH = 200  # null systems at once; bounds the memory, measures nothing
SEED = 0  # of the null systems: the same readings get the same chances

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Cell:
    """One printed value, and what each reading gives for it, in the claim's unit; None where it was not run.

    `low` and `high`: between them a value counts as the printed one. `grain`: the step between values that can occur, such
    as 1/120 for a hit rate over 120 statements. `group`: cells of one group count as one piece of evidence.
    """

    name: str
    group: str
    low: float
    high: float
    grain: float
    values: list[float | None]

    def gives(self, reading: int) -> bool:
        """Whether a reading gives the printed value."""
        value = self.values[reading]
        return value is not None and self.low - 1e-12 <= value <= self.high + 1e-12


def lucky(cell: Cell) -> float:
    """Return the chance that another reading gives this value: how densely the readings' values lie about the print.

    The density is that of the nearest neighbours, as many as the root of the number of distinct values: one far value
    thins out nothing near the print.
    """
    middle, window = (cell.low + cell.high) / 2, max(cell.grain, cell.high - cell.low)
    away = sorted({abs(value - middle): None for value in {v for v in cell.values if v is not None}})
    if not away:
        return 1.0
    near = isqrt(len(away))
    return min(1.0, near / len(away) * window / max(2 * away[near - 1], window))


def judge(cells: list[Cell], alpha: float, fewest: int = FEWEST) -> list[dict[str, Any]]:
    """Return one row a reading: the cells it gives, and the chance that the best reading of a system that is none of them
    would do as well.

    A reading's evidence is the surprise of the cells it gives, -log of each one's chance, the largest of each group.
    Readings with the same values are counted once. A reading that was not run gives no cell. `fewest`: the cells that a
    reading must give to be called found.
    """
    values = np.array([[np.nan if v is None else v for v in cell.values] for cell in cells], dtype=float)  # (cells, readings)
    distinct = np.unique(values, axis=1, equal_nan=True)
    weights = np.array([-log(max(lucky(cell), 1e-300)) for cell in cells])
    given = np.array([[cell.gives(i) for i in range(values.shape[1])] for cell in cells])
    evidence = _evidence(given, weights, cells)
    best = best_by_luck(cells, distinct, weights)
    rows = []
    for i, found in enumerate(evidence):
        hits = [cell.name for cell, hit in zip(cells, given[:, i], strict=True) if hit]
        chance = float((1 + np.sum(best >= found - 1e-9)) / (1 + len(best))) if hits else 1.0
        word = "found" if len(hits) >= fewest and chance <= alpha else "luck not excluded" if hits else "not found"
        there = sum(cell.values[i] is not None for cell in cells)
        rows.append({"reading": i, "cells": there, "given": hits, "chance": chance, "outcome": word})
    return rows


def best_by_luck(cells: list[Cell], values: Floats, weights: Floats) -> Floats:
    """Return the evidence of the best reading for each of DRAWS systems that are none of them, (DRAWS,).

    `values`: (cells, readings), NaN where a reading was not run.
    """
    rng, root = np.random.default_rng(SEED), _correlation_root(values)
    half = np.array([(cell.high - cell.low) / 2 for cell in cells])
    best = []
    for _ in range(DRAWS // BATCH):
        ranks = _uniform(rng.standard_normal((BATCH, len(cells))) @ root.T)
        drawn = np.stack([_between(values[c], ranks[:, c], cell.grain) for c, cell in enumerate(cells)], axis=1)
        given = np.abs(drawn[:, :, None] - values[None]) <= half[:, None] + 1e-12  # NaN gives nothing
        best.append(_evidence(given, weights, cells).max(axis=-1))
    return np.concatenate(best)


def _evidence(given: Flags, weights: Floats, cells: list[Cell]) -> Floats:
    """Sum over groups the largest surprise of the cells given; (..., cells, readings) to (..., readings)."""
    surprise = given * weights[:, None]
    groups = [[i for i, cell in enumerate(cells) if cell.group == name] for name in dict.fromkeys(c.group for c in cells)]
    return np.asarray(sum(surprise[..., members, :].max(axis=-2) for members in groups))


def _correlation_root(values: Floats) -> Floats:
    """Return a root of the cells' correlation matrix over readings, by normal scores of their ranks (van der Waerden)."""
    from scipy.special import ndtri
    from scipy.stats import rankdata

    count, found = len(values), np.eye(len(values))
    for a in range(count):
        for b in range(a):
            both = np.isfinite(values[a]) & np.isfinite(values[b])
            one, other = (ndtri(rankdata(values[c, both]) / (both.sum() + 1)) for c in (a, b))
            spread = np.sqrt((one @ one) * (other @ other)) if both.sum() else 0.0
            found[a, b] = found[b, a] = one @ other / spread if spread > 0 else 0.0
    sizes, axes = np.linalg.eigh(found)
    root = axes * np.sqrt(np.clip(sizes, 0, None))
    return np.asarray(root / np.linalg.norm(root, axis=1, keepdims=True))  # clipping must not widen a cell's spread


def _uniform(normal: Floats) -> Floats:
    from scipy.special import ndtr

    return np.asarray(ndtr(normal))


def _between(values: Floats, ranks: Floats, grain: float) -> Floats:
    """Return a value at each rank in (0, 1): about a reading's value, at most half way to its neighbours, on the grain."""
    known = np.sort(values[np.isfinite(values)])
    if not len(known):
        return np.full(len(ranks), np.nan)
    steps = np.unique(known)
    place = np.minimum((ranks * len(known)).astype(int), len(known) - 1)
    gaps = np.diff(steps) if len(steps) > 1 else np.zeros(1)
    below, above = np.concatenate([gaps[:1], gaps]) / 2, np.concatenate([gaps, gaps[-1:]]) / 2
    at = np.searchsorted(steps, known[place])
    low, high = steps[at] - below[at], steps[at] + above[at]
    drawn = low + (ranks * len(known) - place) * (high - low)
    return np.asarray(np.round(drawn / grain) * grain if grain else drawn)

"""The crossed model: one variance for verdicts, comparisons, contrasts and intervals, from queries and seeds at once.

A score is known from some queries and some seeds, and would be another with others of either. The variance of a number is
that of its queries (clusters of them, where they share one) plus that of its seeds, less what both count: the part of a
query under one seed (Cameron, Gelbach and Miller 2008, two-way clusters; Owen 2007). Degrees of freedom: Welch's (1947)
within the query sets and within the seeds; between the two Satterthwaite's (1946) with the share of each in place of its
square. Where three seeds are half of the variance, an estimate that happens to be small otherwise also claims to be well
known, and his own formula rejects too often (.078 at .05 with two degrees of freedom, measured; with the shares .056).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from harness.rankings.scores import Floats, Measured
from harness.verdicts import influence, student
from harness.verdicts.influence import Sample, Side
from harness.verdicts.pooling import Pool


@dataclass(frozen=True)
class Part:
    """A variance and its degrees of freedom (infinite: known): those that a test is given, and how `steady` the estimate is."""

    variance: float
    freedom: float
    steady: float

    def times(self, factor: float) -> Part:
        """Return the variance multiplied, as well known as before."""
        return replace(self, variance=self.variance * factor)


NOTHING = Part(0.0, np.inf, np.inf)
UNKNOWN = Part(np.inf, 1.0, 1.0)


def added(parts: Sequence[Part]) -> Part:
    """Return the sum of independent variances, degrees of freedom as Welch (1947) and Satterthwaite (1946) have them."""
    variance = sum(part.variance for part in parts)
    unsure = sum(part.variance**2 / part.freedom for part in parts)
    moved = sum(part.variance**2 / part.steady for part in parts)
    return Part(variance, variance**2 / unsure if unsure else np.inf, variance**2 / moved if moved else np.inf)


def crossed(queries: Part, seeds: Part, both: float = 0.0) -> Part:
    """Return queries plus seeds less what `both` count, never below the larger; degrees of freedom by their shares."""
    total = queries.variance + seeds.variance
    if not total or not np.isfinite(total):
        return NOTHING if not total else UNKNOWN
    unsure = (queries.variance / queries.freedom + seeds.variance / seeds.freedom) / total
    variance = max(total - both, queries.variance, seeds.variance)
    return Part(variance, 1 / unsure if unsure else np.inf, added([queries, seeds]).steady)


@dataclass(frozen=True)
class Seeds:
    """The seeds of one variant: `runs` of them, and the variance of one run."""

    runs: int
    one: Part


@dataclass(frozen=True)
class Spread:
    """How a number that is made from scores would vary: its query sets and the seeds of each stochastic variant.

    `lone`: a stochastic variant with a single seed is among them, whose spread is not known.
    """

    samples: tuple[Sample, ...]
    seeds: dict[Side, Seeds]
    shared: float
    lone: bool

    @property
    def units(self) -> int | None:
        """The fewest units (clusters, else queries) of any query set; None where there is none."""
        return min((len(sample.total) for sample in self.samples), default=None)

    @property
    def fewest_seeds(self) -> int | None:
        """The fewest seeds of any stochastic variant; None where all are deterministic."""
        return min((one.runs for one in self.seeds.values()), default=None)

    @property
    def of_queries(self) -> Part:
        """The variance of the number from its queries; of no known size where a set has one unit alone."""
        parts = []
        for sample in self.samples:
            count = len(sample.total)
            if count < 2:
                return UNKNOWN
            seen = count / (count - 1) * float((sample.total**2).sum())
            parts.append(Part(sample.shrunk * seen + sample.rough, count - 1.0, count - 1.0))
        return added(parts) if parts else NOTHING

    @property
    def of_seeds(self) -> Part:
        """The variance of the number from the seeds that its means are over."""
        return added([one.one.times(1 / one.runs) for one in self.seeds.values()]) if self.seeds else NOTHING

    @property
    def whole(self) -> Part:
        """The variance of the number from both."""
        return crossed(self.of_queries, self.of_seeds, self.shared)


def spread(leaves: Sequence[Measured], weights: Sequence[float], pool: Pool | None) -> Spread:
    """Return how Σ weight · mean(leaf) varies; for other arithmetic the weights are its derivatives (delta method)."""
    samples = influence.samples(leaves, weights)
    found: dict[Side, Seeds] = {}
    shared, lone = 0.0, False
    for side, series in influence.seed_series(leaves, weights).items():
        runs = len(series)
        if runs < 2:
            lone, found[side] = True, Seeds(runs, NOTHING)
            continue
        moved = [(x.key[2], x.key[3], w) for x, w in zip(leaves, weights, strict=True) if x.key[:2] == side]
        own = float(series.var(ddof=1)) if np.ptp(series) else 0.0
        one, freedom = pool.steadied(side[0], moved, own, runs - 1) if pool else (own, float(runs - 1))
        within = sum(_within(sample.by_side[side]) for sample in samples if side in sample.by_side)
        within += _flips([x for x in leaves if x.key[:2] == side], [w for *_, w in moved], runs)
        steady = freedom if one >= within else freedom * max(1, max(len(sample.total) for sample in samples) - 1)
        found[side] = Seeds(runs, Part(max(one, within), freedom, steady))
        shared += within / runs
    return Spread(tuple(samples), found, shared, lone)


def _within(by_unit: Floats) -> float:
    """Return the variance of one run that its queries alone would give it, were they moved by seeds independently."""
    units, runs = by_unit.shape
    if units < 2 or runs < 2:
        return 0.0
    rest = by_unit - by_unit.mean(axis=1, keepdims=True) - by_unit.mean(axis=0) + by_unit.mean()
    return float((rest**2).sum() * units / (units - 1) / (runs - 1))


def _flips(leaves: Sequence[Measured], weights: Sequence[float], runs: int) -> float:
    """Equal hits under all seeds are not known to be equal under every seed: half a query more is taken to change sides."""
    hits = [(len(x.queries), w) for x, w in zip(leaves, weights, strict=True) if x.stochastic and influence.binary(x)]
    return float(sum(w**2 / (2 * (runs - 1)) / n**2 for n, w in hits))


def detectable(part: Part, alpha: float, power: float, sides: int = 2) -> float:
    """Return the smallest effect that a t test at `alpha` finds with `power`; infinite where the variance is not known.

    The standard error of few degrees of freedom is mostly too small: it is divided by the median of what it may be.
    """
    if not part.variance:
        return 0.0
    if not np.isfinite(part.variance):
        return float("inf")
    effect = student.effect(part.freedom, part.steady, alpha / sides, power)
    return effect * float(part.variance**0.5) / student.median(part.steady)


def half_width(part: Part, confidence: float) -> float:
    """Return half the two-sided interval at `confidence`; infinite where the variance is not known."""
    return student.bound((1 - confidence) / 2, part.freedom) * float(part.variance**0.5) if part.variance else 0.0

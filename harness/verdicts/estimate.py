"""A number made from scores: its value, how it varies, its interval, and the test that it is nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from harness.config import Judgement
from harness.rankings.scores import Floats, Measured
from harness.verdicts import crossed, influence, proportion, resample, student
from harness.verdicts.crossed import Spread
from harness.verdicts.pooling import Pool


@dataclass(frozen=True)
class Tested:
    """The two-sided p of 'no effect', None where `lacking` says why there is none; `floor`: the smallest p that could come."""

    p: float | None
    lacking: str
    floor: float


@dataclass(frozen=True)
class Estimate:
    """A number and the scores that it is made from; `weights` are its derivatives by the mean of each score."""

    leaves: tuple[Measured, ...]
    weights: tuple[float, ...]
    value: float
    spread: Spread

    @cached_property
    def share(self) -> Measured | None:
        """The score, where the number is a single share of hits, whatever its unit."""
        one = self.leaves[0]
        plain = len(self.leaves) == 1 and np.isclose(self.value, self.weights[0] * one.means.mean(), atol=1e-12)
        return one if plain and influence.binary(one) and self.weights[0] > 0 else None

    def interval(self, confidence: float) -> tuple[float, float] | None:
        """Return the interval of the number over other queries and seeds; None where a single unit tells nothing of others.

        Of a single training it is that of its queries alone.
        """
        if self.spread.units == 1 or (self.spread.units is None and self.spread.lone):
            return None
        if self.share is not None:
            scale = self.weights[0]
            low, high = proportion.interval(self.share, self._plain_share(), confidence)
            return scale * low, scale * high
        half = crossed.half_width(self.spread.whole, confidence)
        return self.value - half, self.value + half

    def _plain_share(self) -> Spread:
        return self.spread if self.weights[0] == 1 else crossed.spread(self.leaves, (1.0,), None)

    def lacking(self, fewest: int) -> str:
        """Return why a stochastic part cannot be tested; empty where it can."""
        for leaf in self.leaves:
            if leaf.stochastic and len(leaf.seeds) < fewest:
                return f"{leaf.key[1]} is stochastic and has {len(leaf.seeds)} of the {fewest} seeds that a test needs"
        return ""

    def tested(self, rules: Judgement, flips: float | None = None) -> Tested:
        """Test 'the number is 0', for numbers whose weights sum to no effect.

        Deterministic scores of the same queries: sign flips, of clusters where queries share one. With seeds: t of the
        crossed model, and never below what the sign flips say. Whole-collection measures: t over the seeds; without any,
        a difference beyond numeric noise is one. `flips`: their p, where it is known already.
        """
        floor = self.floor(rules)
        if reason := self.lacking(rules.fewest_seeds):
            return Tested(None, reason, floor)
        size = max((abs(w * x.means.mean()) for w, x in zip(self.weights, self.leaves, strict=True)), default=0.0)
        if abs(self.value) <= rules.noise * size:
            return Tested(1.0, "", floor)
        flips = self._flips(rules) if flips is None else flips
        if flips is not None and not self.spread.seeds:
            return Tested(flips, "", floor)
        return Tested(max(self._student(), flips or 0.0, floor), "", floor)

    def floor(self, rules: Judgement) -> float:
        """Return the smallest p that a test on so few units could give."""
        if not self.spread.units:
            return 0.0
        return resample.floor(self.spread.units, rules.permutations) if self._flippable else 2.0 ** (1 - self.spread.units)

    @property
    def _flippable(self) -> bool:
        return len(self.spread.samples) == 1 and all(leaf.by_query is not None for leaf in self.leaves)

    def raw(self) -> Floats | None:
        """Return what each unit adds to the number, (units,); None where its scores are of several query sets, or of none."""
        if not self._flippable:
            return None
        (sample,) = self.spread.samples
        return sample.total + self.value * sample.share

    def detectable(self, rules: Judgement, tests: int = 1) -> float:
        """Return the smallest effect that the test would find at the configured power, as one of `tests` in a family."""
        alpha = rules.alpha / tests
        return float("inf") if self.floor(rules) > alpha else crossed.detectable(self.spread.whole, alpha, rules.power)

    def _student(self) -> float:
        whole = self.spread.whole
        if not whole.variance:
            return 0.0
        return 2 * student.tail(abs(self.value) / whole.variance**0.5, whole.freedom)

    def _flips(self, rules: Judgement) -> float | None:
        units = self.raw()
        return None if units is None else float(resample.flip_p(units[:, None], rules.permutations, rules.seed)[0])


def of(leaves: Sequence[Measured], weights: Sequence[float], value: float, pool: Pool | None) -> Estimate:
    """Return the estimate of a number whose derivatives by its scores are `weights`."""
    return Estimate(tuple(leaves), tuple(weights), value, crossed.spread(leaves, weights, pool))


def of_score(one: Measured, pool: Pool | None) -> Estimate:
    """Return the estimate of a score itself."""
    return of([one], [1.0], float(one.means.mean()), pool)


def of_difference(upper: Measured, lower: Measured, pool: Pool | None) -> Estimate:
    """Return the estimate of one score less another."""
    return of([upper, lower], [1.0, -1.0], float(upper.means.mean() - lower.means.mean()), pool)

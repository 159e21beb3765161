"""Seeds pooled: the spread of few seeds, steadied by that of the study's other trained variants (Smyth 2004)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import scipy  # its parts are loaded where they are first used

from harness.rankings.scores import Floats, Key, Measured, Tables

Part = tuple[str, str, float]  # collection, metric, and the weight of their score


@dataclass(frozen=True)
class Pool:
    """The seeds of every trained variant at hand; `fewest` variants are needed before any pooling."""

    table: Mapping[Key, Measured]
    fewest: int
    _whole: dict[str, dict[tuple[str, str, str], Floats]] = field(default_factory=dict)

    def steadied(self, study: str, parts: Sequence[Part], variance: float, freedom: int) -> tuple[float, float]:
        """Return the variance of one seed and its degrees of freedom, pooled over the variants with the same scores."""
        whole = self._of(study)
        others = []
        for variant in {variant for variant, _, _ in whole}:
            series = [whole.get((variant, collection, metric)) for collection, metric, _ in parts]
            if all(one is not None and len(one) > 1 for one in series):
                count = min(len(one) for one in series if one is not None)
                total = sum(w * one[:count] for one, (_, _, w) in zip(series, parts, strict=True) if one is not None)
                others.append((float(np.var(total, ddof=1)), count - 1))
        return moderated(variance, freedom, others) if len(others) >= self.fewest else (variance, float(freedom))

    def _of(self, study: str) -> dict[tuple[str, str, str], Floats]:
        if study not in self._whole:
            if isinstance(self.table, Tables):  # whole values alone: a grid has thousands of scores by query
                self._whole[study] = self.table.whole(study)
            else:
                held = [self.table[key] for key in self.table if key[0] == study]
                self._whole[study] = {one.key[1:]: one.means for one in held if one.stochastic}
        return self._whole[study]


def moderated(variance: float, freedom: int, every: Sequence[tuple[float, int]]) -> tuple[float, float]:
    """Return (d0·s0² + d·s²)/(d0 + d) and d0 + d, at most the degrees of freedom of all (Smyth 2004, section 6.2).

    `every`: variance and degrees of freedom of all variants, this one's too. s0² and d0 are fitted to how much the
    variances differ: variants that differ in spread lend each other little. A variant that spreads more than the pooled
    value keeps its own: what is pooled may make an accusation of a restless variant too easy otherwise.
    """
    found = np.array([v for v, _ in every])
    each = np.array([d for _, d in every], dtype=np.float64)
    if not np.median(found):
        return variance, float(freedom)
    logs = np.log(np.maximum(found, 1e-8 * np.median(found))) - scipy.special.digamma(each / 2) + np.log(each / 2)
    extra = float(logs.var(ddof=1) - scipy.special.polygamma(1, each / 2).mean())
    prior = _inverse_trigamma(extra) * 2 if extra > 0 else np.inf
    centre = float(np.exp(logs.mean() + (scipy.special.digamma(prior / 2) - np.log(prior / 2) if np.isfinite(prior) else 0.0)))
    pooled = centre if np.isinf(prior) else (prior * centre + freedom * variance) / (prior + freedom)
    if variance >= pooled:
        return variance, float(freedom)
    return pooled, float(min(prior + freedom, each.sum()))


def _inverse_trigamma(value: float) -> float:
    return float(scipy.optimize.brentq(lambda x: float(scipy.special.polygamma(1, x)) - value, 1e-6, 1e9, xtol=1e-9))

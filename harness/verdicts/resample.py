"""Resampling: intervals over queries nested in seeds, paired permutation, Holm's correction, detectable effects."""

from __future__ import annotations

import hashlib

import numpy as np
from scipy import stats

from harness.config import Judgement
from harness.rankings.scores import Floats, Groups, Measured

CELLS = 500_000  # values gathered at once; bounds the memory, changes no number
EXHAUSTIVE = 12  # up to so many units every sign flip is tried


def stream(seed: int, *names: str) -> np.random.Generator:
    """Return a generator of its own for what `names` name, whatever else was drawn before."""
    digest = hashlib.sha256("\x1f".join(names).encode()).digest()
    return np.random.default_rng([seed, int.from_bytes(digest[:8], "big")])


def query_draws(by_query: Floats, clusters: Groups | None, count: int, rng: np.random.Generator) -> Floats:
    """Resample queries of (queries, seeds), whole clusters where given; return the means, (count, seeds)."""
    sums, sizes = _units(by_query, clusters)
    draws = np.empty((count, by_query.shape[1]))
    step = max(1, CELLS // sums.size)
    for start in range(0, count, step):  # many draws at a time: the same numbers, bit for bit, as one after another
        chosen = rng.integers(len(sums), size=(min(step, count - start), len(sums)))
        draws[start : start + step] = sums[chosen].sum(axis=1) / sizes[chosen].sum(axis=1)[:, None]
    return draws


def _units(by_query: Floats, clusters: Groups | None) -> tuple[Floats, Floats]:
    """Return sums, (units, seeds), and sizes of what is drawn as one: queries, or clusters of them."""
    if clusters is None:
        return by_query, np.ones(len(by_query))
    sums = np.zeros((int(clusters.max()) + 1, by_query.shape[1]))
    np.add.at(sums, clusters, by_query)
    return sums, np.bincount(clusters).astype(np.float64)


def nested(by_seed: Floats, rng: np.random.Generator) -> Floats:
    """Resample the seeds within each draw of (count, seeds); return (count,)."""
    chosen = rng.integers(by_seed.shape[1], size=by_seed.shape)
    return np.asarray(np.take_along_axis(by_seed, chosen, axis=1).mean(axis=1))


def drawn(scores: Measured, rules: Judgement) -> tuple[Floats, Floats]:
    """Return nested and query-only bootstrap draws of the mean, (bootstrap,).

    One collection's queries are drawn alike for all variants.
    """
    study, variant, collection, _ = scores.key
    if scores.by_query is None:
        by_seed = np.broadcast_to(scores.means, (rules.bootstrap, len(scores.means)))
    else:
        sample = (collection, str(len(scores.queries)))
        by_seed = query_draws(scores.by_query, scores.clusters, rules.bootstrap, stream(rules.seed, *sample))
    return nested(by_seed, stream(rules.seed, study, variant, "seeds")), by_seed.mean(axis=1)


def interval(draws: Floats, confidence: float) -> tuple[float, float]:
    """Return the percentile interval of bootstrap draws, (count,)."""
    tail = (1 - confidence) / 2
    low, high = np.quantile(draws, [tail, 1 - tail])
    return float(low), float(high)


def bootstrap_p(draws: Floats, origin: float) -> float:
    """Return the two-sided p of 'the value is `origin`' from bootstrap draws; never below 1/(count + 1)."""
    count = len(draws)
    side = min(int((draws <= origin).sum()), int((draws >= origin).sum()))
    return min(1.0, 2 * (side + 1) / (count + 1))


def permutation_p(differences: Floats, clusters: Groups | None, permutations: int, rng: np.random.Generator) -> float:
    """Return the two-sided p of paired differences, (queries,), by sign flips of queries, or of clusters as one."""
    units = _units(differences[:, None], clusters)[0][:, 0]
    if not np.any(units):
        return 1.0
    seen = abs(units.sum()) * (1 - 1e-12)
    if len(units) <= EXHAUSTIVE:
        signs = 1.0 - 2.0 * ((np.arange(2 ** len(units))[:, None] >> np.arange(len(units))) & 1)
        return float(np.mean(np.abs(signs @ units) >= seen))
    hits = 0
    for start in range(0, permutations, 1000):
        signs = rng.choice([-1.0, 1.0], size=(min(1000, permutations - start), len(units)))
        hits += int((np.abs(signs @ units) >= seen).sum())
    return (hits + 1) / (permutations + 1)


def welch_p(one: Floats, other: Floats) -> float:
    """Return Welch's two-sided p for two lists of seeds; a list of one is taken as a fixed value (no spread)."""
    if len(one) < 2 and len(other) < 2:
        return 0.0 if one.mean() != other.mean() else 1.0
    if np.ptp(one) == 0 and np.ptp(other) == 0:
        return 0.0 if one.mean() != other.mean() else 1.0
    if len(one) < 2 or len(other) < 2:
        several, fixed = (one, other) if len(other) < 2 else (other, one)
        return float(stats.ttest_1samp(several, fixed.mean()).pvalue)
    return float(stats.ttest_ind(one, other, equal_var=False).pvalue)


def holm(values: list[float]) -> list[float]:
    """Return Holm's (1979) adjusted p values, in the order given."""
    adjusted, least = [0.0] * len(values), 0.0
    for rank, place in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        least = max(least, min(1.0, (len(values) - rank) * values[place]))
        adjusted[place] = least
    return adjusted


def minimum_detectable(error: float, alpha: float, power: float) -> float:
    """Return the smallest difference that a two-sided test at `alpha` finds with `power`, given a standard error."""
    return float((stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(power)) * error)


def quantile(alpha: float, freedom: int | None) -> float:
    """Return the one-sided 1 - alpha quantile: of t with `freedom`, or of the normal where nothing was estimated."""
    return float(stats.norm.ppf(1 - alpha) if freedom is None else stats.t.ppf(1 - alpha, freedom))

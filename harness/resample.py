"""Resampling: intervals over queries nested in seeds, paired permutation, Holm, minimum detectable effect."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Values = NDArray[np.float64]  # (seeds, queries)


def bootstrap(values: Values, resamples: int, confidence: float, seed: int, clusters: list[str] | None = None) -> tuple[float, float]:
    """Return the percentile interval of the mean of `values`, (seeds, queries), seeds drawn first, then queries.

    With `clusters` (one name a query) whole clusters are drawn, for queries that share a document.
    """
    generator = np.random.default_rng(seed)
    seeds, queries = values.shape
    sums, sizes = _by_cluster(values, clusters)
    means = np.empty(resamples)
    for i in range(resamples):
        rows = generator.integers(seeds, size=seeds)
        columns = generator.integers(sums.shape[1], size=sums.shape[1])
        means[i] = sums[np.ix_(rows, columns)].sum() / (sizes[columns].sum() * seeds)
    tail = (1 - confidence) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return float(low), float(high)


def _by_cluster(values: Values, clusters: list[str] | None) -> tuple[Values, Values]:
    if clusters is None:
        return values, np.ones(values.shape[1])
    names = {name: i for i, name in enumerate(dict.fromkeys(clusters))}
    places = np.array([names[name] for name in clusters])
    sums = np.zeros((values.shape[0], len(names)))
    for seed, row in enumerate(values):
        np.add.at(sums[seed], places, row)
    return sums, np.bincount(places).astype(float)


def permutation(differences: NDArray[np.float64], permutations: int, seed: int) -> float:
    """Return the two-sided p of paired differences by sign flips; every flip is tried where there are few enough."""
    n = len(differences)
    if not np.any(differences):
        return 1.0
    seen = abs(differences.sum()) * (1 - 1e-12)
    if n <= 12:
        signs = np.array(np.meshgrid(*[[-1.0, 1.0]] * n)).reshape(n, -1).T
        return float(np.mean(np.abs(signs @ differences) >= seen))
    generator = np.random.default_rng(seed)
    hits = 0
    for start in range(0, permutations, 1000):
        signs = generator.choice([-1.0, 1.0], size=(min(1000, permutations - start), n))
        hits += int((np.abs(signs @ differences) >= seen).sum())
    return (hits + 1) / (permutations + 1)


def holm(values: list[float]) -> list[float]:
    """Return Holm's (1979) adjusted p values, in the order given."""
    adjusted, least = [0.0] * len(values), 0.0
    for rank, place in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        least = max(least, min(1.0, (len(values) - rank) * values[place]))
        adjusted[place] = least
    return adjusted


def detectable(error: float, alpha: float, power: float) -> float:
    """Return the smallest difference that a two-sided test at `alpha` finds with `power`, given a standard error."""
    return float((stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(power)) * error)


def prediction_error(means: list[float]) -> tuple[float, float]:
    """Return the standard error of one more run against the mean of these, and the t quantile's degrees of freedom.

    A printed number is one run: it stands s·sqrt(1 + 1/k) from the mean of k of ours.
    """
    k = len(means)
    return float(np.std(means, ddof=1) * np.sqrt(1 + 1 / k)), k - 1

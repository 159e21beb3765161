"""Resampling and the few tests of judgement; every function is pure and takes its randomness as an argument."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtr, stdtrit

Floats = NDArray[np.float64]
Groups = NDArray[np.intp]  # (n,) the cluster number of each query, 0 … clusters − 1
CELLS = 2_000_000  # resampled cells held at once


def stream(seed: int, *names: str) -> np.random.Generator:
    """Return the random stream of this name: the same whatever else is resampled, so that pairs stay pairs."""
    return np.random.default_rng([seed, *(zlib.crc32(name.encode()) for name in names)])


def query_draws(values: Floats, clusters: Groups | None, draws: int, rng: np.random.Generator) -> Floats:
    """Resample queries (whole clusters where given) of (n, seeds) values; return each seed's mean, (draws, seeds)."""
    sums, sizes = _grouped(values, clusters)
    rows = []
    step = max(1, CELLS // (len(sizes) * values.shape[1]))
    for start in range(0, draws, step):
        picked = rng.integers(0, len(sizes), (min(step, draws - start), len(sizes)))
        rows.append(sums[picked].sum(axis=1) / sizes[picked].sum(axis=1)[:, None])
    return np.concatenate(rows)


def nested(by_seed: Floats, rng: np.random.Generator) -> Floats:
    """Resample seeds inside each draw of (draws, seeds) means; return (draws,).

    With k seeds this understates their spread by sqrt((k − 1) / k), as every bootstrap of few things does.
    """
    picked = rng.integers(0, by_seed.shape[1], by_seed.shape)
    return np.asarray(np.take_along_axis(by_seed, picked, axis=1).mean(axis=1))


def interval(draws: Floats, confidence: float) -> tuple[float, float]:
    """Return the percentile interval of (draws,) at this confidence."""
    tail = (1 - confidence) / 2
    low, high = np.quantile(draws, [tail, 1 - tail])
    return float(low), float(high)


def bootstrap_p(draws: Floats, null: float) -> float:
    """Return the two-sided chance of `null` under (draws,); never below 2 / (draws + 1)."""
    at_most, at_least = int((draws <= null).sum()), int((draws >= null).sum())
    return min(1.0, 2 * (min(at_most, at_least) + 1) / (len(draws) + 1))


def permutation_p(difference: Floats, clusters: Groups | None, permutations: int, rng: np.random.Generator) -> float:
    """Return the two-sided p of a paired sign-flip test on (n,) differences; whole clusters flip together.

    All 2^n flips are enumerated where that is less work than `permutations` random ones.
    """
    sums = _grouped(difference[:, None], clusters)[0][:, 0]
    sums = sums[sums != 0]
    if not len(sums):
        return 1.0
    bar = abs(float(sums.sum())) - 1e-12 * float(np.abs(sums).sum())  # equal sums must count as equal
    if 2 ** len(sums) <= permutations:
        flips = (np.arange(2 ** len(sums))[:, None] >> np.arange(len(sums))) & 1
        return float((np.abs((1.0 - 2.0 * flips) @ sums) >= bar).mean())
    extreme, step = 0, max(1, CELLS // len(sums))
    for start in range(0, permutations, step):
        signs = 1.0 - 2.0 * rng.integers(0, 2, (min(step, permutations - start), len(sums)), dtype=np.int8)
        extreme += int((np.abs(signs @ sums) >= bar).sum())
    return (extreme + 1) / (permutations + 1)


def welch_p(a: Floats, b: Floats) -> float:
    """Return Welch's two-sided p for the means of two lists of seeds; a list of one is taken as a constant."""
    parts = [(float(np.var(x, ddof=1)) / len(x), len(x) - 1) if len(x) > 1 else (0.0, 1) for x in (a, b)]
    total = sum(variance for variance, _ in parts)
    gap = float(np.mean(a) - np.mean(b))
    if total <= 1e-24:
        return 0.0 if abs(gap) > 1e-12 else 1.0
    freedom = total**2 / sum(variance**2 / df for variance, df in parts)
    return float(2 * stdtr(freedom, -abs(gap) / total**0.5))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return Holm's adjusted p-values, in the order given (Holm 1979)."""
    adjusted, worst = [0.0] * len(p_values), 0.0
    for rank, i in enumerate(sorted(range(len(p_values)), key=lambda j: p_values[j])):
        worst = max(worst, min(1.0, (len(p_values) - rank) * p_values[i]))
        adjusted[i] = worst
    return adjusted


def quantile(alpha: float, freedom: int | None) -> float:
    """Return the one-sided 1 − alpha quantile of Student's t; of the normal where `freedom` is None."""
    return float(ndtri(1 - alpha) if freedom is None else stdtrit(freedom, 1 - alpha))


def minimum_detectable(error: float, alpha: float, power: float) -> float:
    """Return the effect that a two-sided test at `alpha` finds with this power, given the standard error."""
    return float((ndtri(1 - alpha / 2) + ndtri(power)) * error)


def _grouped(values: Floats, clusters: Groups | None) -> tuple[Floats, Floats]:
    """Sum (n, k) values within clusters: (clusters, k) sums and (clusters,) sizes."""
    if clusters is None:
        return values, np.ones(len(values))
    sums: Floats = np.zeros((int(clusters.max()) + 1, values.shape[1]))
    np.add.at(sums, clusters, values)
    return sums, np.bincount(clusters).astype(np.float64)

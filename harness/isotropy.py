"""Isotropy of a cloud of vectors, from moments gathered chunk by chunk: memory grows with d², not with n."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from harness.errors import InputError

Matrix = NDArray[np.float64]
Chunks = Callable[[], Iterable[NDArray[np.floating]]]  # starts a new pass over (rows, d) chunks
CHUNK = 4096


class Moments:
    """Count, sum and second moment, (d, d), of rows seen so far, in float64."""

    def __init__(self, dimensions: int) -> None:
        self.count = 0
        self.sum: Matrix = np.zeros(dimensions)
        self.second: Matrix = np.zeros((dimensions, dimensions))

    def add(self, rows: Matrix) -> None:
        """Take in a chunk of rows, (k, d)."""
        self.count += len(rows)
        self.sum += rows.sum(axis=0)
        self.second += rows.T @ rows

    @property
    def covariance(self) -> Matrix:
        """Covariance with divisor n; isotropy ratios do not depend on the divisor."""
        mean = self.sum / self.count
        return np.asarray(self.second / self.count - np.outer(mean, mean))


def measure(vectors: NDArray[np.floating], names: Sequence[str]) -> dict[str, float]:
    """Return all isotropy measures of (n, d) vectors; raise InputError naming a NaN or zero vector."""
    return measure_chunks(lambda: (vectors[i : i + CHUNK] for i in range(0, len(vectors), CHUNK)), names)


def measure_chunks(chunks: Chunks, names: Sequence[str]) -> dict[str, float]:
    """Return all isotropy measures in two passes: one for the moments, one for the partition function."""
    raw: Moments | None = None
    unit: Moments | None = None
    for chunk in chunks():
        rows = np.asarray(chunk, dtype=np.float64)
        lengths = _lengths(rows, names, raw.count if raw else 0)
        raw, unit = raw or Moments(rows.shape[1]), unit or Moments(rows.shape[1])
        raw.add(rows)
        unit.add(rows / lengths[:, None])
    if raw is None or unit is None or raw.count < 2:
        raise InputError("isotropy needs at least two vectors")
    mean, sd = cosine(unit)
    spread, d = participation_ratio(raw.covariance), len(raw.sum)
    return {
        "isoscore": (spread - 1) / (d - 1),
        "participation_ratio": spread,
        "isoscore_ceiling": (min(raw.count - 1, d) - 1) / (d - 1),
        "mean_cosine": mean,
        "sd_cosine": sd,
        "partition_isotropy": partition(chunks, raw),
    }


def _lengths(rows: Matrix, names: Sequence[str], before: int) -> Matrix:
    lengths = np.linalg.norm(rows, axis=1)
    faulty = ~np.isfinite(lengths) | (lengths == 0)
    if faulty.any():
        row = int(np.argmax(faulty))
        kind = "zero" if lengths[row] == 0 else "NaN or infinite"
        raise InputError(f"the vector of '{names[before + row]}' (row {before + row}) is {kind}")
    return np.asarray(lengths)


def participation_ratio(covariance: Matrix) -> float:
    """PR = tr(C)² / tr(C²); IsoScore = (PR − 1)/(d − 1) is Rudman et al. 2022 (arXiv 2108.07344) in closed form."""
    total = float(np.sum(covariance * covariance))
    if total <= 1e-30:
        raise InputError("all vectors are the same: isotropy is undefined")
    return float(np.trace(covariance)) ** 2 / total


def cosine(unit: Moments) -> tuple[float, float]:
    """Mean and population sd of the cosine over all pairs i < j, exactly, from the moments of unit vectors."""
    n = unit.count
    pairs = n * (n - 1)
    mean = (float(unit.sum @ unit.sum) - n) / pairs
    square = (float(np.sum(unit.second * unit.second)) - n) / pairs
    return mean, max(square - mean * mean, 0.0) ** 0.5


def partition(chunks: Chunks, raw: Moments) -> float:
    """min_c Z(c) / max_c Z(c), Z(c) = Σ exp(c·v), c over the eigenvectors of VᵀV (Mu & Viswanath 2018, section 2.1)."""
    _, directions = np.linalg.eigh(raw.second)
    totals: Matrix = np.zeros(2 * len(raw.sum))
    for chunk in chunks():
        # An eigenvector's sign is arbitrary, and Z(c) is not Z(-c): both directions are looked at.
        powers = np.asarray(chunk, dtype=np.float64) @ directions
        totals += np.concatenate([np.exp(powers).sum(axis=0), np.exp(-powers).sum(axis=0)])
    return float(totals.min() / totals.max())

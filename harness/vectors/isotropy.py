"""Isotropy of a cloud of vectors, from moments gathered chunk by chunk: memory grows with d², not with n."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from harness.errors import InputError
from harness.vectors import rounding

Matrix = NDArray[np.float64]
Chunks = Callable[[], Iterable[NDArray[np.floating]]]  # each call starts a new pass over chunks of shape (rows, d)
STABLE = 1e-4  # relative; what is well posed moves by some 1e-6
CHUNK = 4096  # rows; bounds the memory, measures nothing
MEASURES = {
    "isoscore": "(PR - 1) / (d - 1), the closed form of IsoScore (Rudman et al. 2022, arXiv 2108.07344)",
    "participation_ratio": "PR = tr(C)^2 / tr(C^2) of the covariance C",
    "isoscore_ceiling": "(min(n - 1, d) - 1) / (d - 1), the most that n points in d dimensions allow",
    "mean_cosine": "mean cosine over all pairs of different documents",
    "sd_cosine": "population standard deviation of the cosine over all pairs of different documents",
    "partition_isotropy": "min over max of Z(c) = sum of exp(c.v), c over both directions of every eigenvector of V'V"
    " (Mu & Viswanath 2018, arXiv 1702.01417)",
}


class Degenerate(InputError):
    """Vectors whose isotropy is undefined: one is zero or not finite, or all are the same."""


class Moments:
    """Count, mean (d,) and scatter about the mean (d, d) of the rows seen so far, in float64.

    Chunks are merged about their own means (Chan, Golub & LeVeque 1983): a cloud far from the origin loses no digits.
    """

    def __init__(self, dimensions: int) -> None:
        self.count = 0
        self.mean: Matrix = np.zeros(dimensions)
        self.scatter: Matrix = np.zeros((dimensions, dimensions))

    def add(self, rows: Matrix) -> None:
        """Take in a chunk of rows, (k, d)."""
        mean = rows.mean(axis=0)
        centred, step, total = rows - mean, mean - self.mean, self.count + len(rows)
        self.scatter += centred.T @ centred + np.outer(step, step) * (self.count * len(rows) / total)
        self.mean += step * (len(rows) / total)
        self.count = total

    @property
    def second(self) -> Matrix:
        """V'V, the second moment about the origin, (d, d), not divided by n."""
        return np.asarray(self.scatter + self.count * np.outer(self.mean, self.mean))


def ill_posed(chunks: Chunks, names: Sequence[str], measured: dict[str, float]) -> dict[str, float]:
    """Return measure → by what share it moves where vectors move by float32 rounding, for those that move by more than `STABLE`.

    Such a number hangs on the last bits: eigenvectors of eigenvalues that are nearly equal, for one, point anywhere.
    """
    again = measure_chunks(lambda: (rounding.moved(np.asarray(chunk), 1) for chunk in chunks()), names, measured)
    shares = {name: abs(again[name] - value) / max(abs(value), 1e-12) for name, value in measured.items()}
    return {name: share for name, share in shares.items() if share > STABLE}


def measure(vectors: NDArray[np.floating], names: Sequence[str], wanted: Iterable[str] = tuple(MEASURES)) -> dict[str, float]:
    """Return the wanted MEASURES of (n, d) vectors; raise InputError naming a NaN, infinite or zero vector."""
    return measure_chunks(lambda: cut(vectors), names, wanted)


def cut(vectors: NDArray[np.floating]) -> Iterable[NDArray[np.floating]]:
    """Return (n, d) vectors chunk by chunk."""
    return (vectors[start : start + CHUNK] for start in range(0, len(vectors), CHUNK))


def measure_chunks(chunks: Chunks, names: Sequence[str], wanted: Iterable[str] = tuple(MEASURES)) -> dict[str, float]:
    """Return the wanted MEASURES in two passes: one for the moments, a second for the partition function, where it is wanted.

    `names` holds one id a row, for messages. Raise InputError for a faulty vector or a cloud without spread.
    """
    raw, unit = gather(chunks, names)
    n, d = raw.count, len(raw.mean)
    ratio = participation_ratio(raw)
    mean, sd = cosine(unit)
    found = {
        "isoscore": (ratio - 1) / (d - 1),
        "participation_ratio": ratio,
        "isoscore_ceiling": (min(n - 1, d) - 1) / (d - 1),
        "mean_cosine": mean,
        "sd_cosine": sd,
    }
    if "partition_isotropy" in (asked := set(wanted)):
        found["partition_isotropy"] = partition(chunks, raw)
    return {name: value for name, value in found.items() if name in asked}


def gather(chunks: Chunks, names: Sequence[str]) -> tuple[Moments, Moments]:
    """Return the moments of the vectors as they are and of the vectors at unit length."""
    raw: Moments | None = None
    unit: Moments | None = None
    for chunk in chunks():
        rows = np.asarray(chunk, dtype=np.float64)
        if rows.ndim != 2 or rows.shape[1] < 2 or (raw and rows.shape[1] != len(raw.mean)):
            raise InputError(f"isotropy needs vectors of one length of at least 2, not an array of shape {rows.shape}")
        raw, unit = raw or Moments(rows.shape[1]), unit or Moments(rows.shape[1])
        if len(rows):
            lengths = _lengths(rows, names, raw.count)
            raw.add(rows)
            unit.add(rows / lengths[:, None])
    if raw is None or unit is None or raw.count < 2:
        raise InputError("isotropy needs at least two vectors")
    return raw, unit


def _lengths(rows: Matrix, names: Sequence[str], before: int) -> Matrix:
    lengths = np.linalg.norm(rows, axis=1)
    faulty = ~np.isfinite(lengths) | (lengths == 0)
    if faulty.any():
        row = int(np.argmax(faulty))
        kind = "zero" if lengths[row] == 0 else "NaN or infinite"
        raise Degenerate(f"the vector of '{names[before + row]}' (row {before + row}) is {kind}")
    return np.asarray(lengths)


def participation_ratio(raw: Moments) -> float:
    """PR = tr(C)² / tr(C²), between 1 and min(n − 1, d); the divisor of C cancels."""
    spread = float(np.trace(raw.scatter))
    if spread <= 1e-24 * raw.count * float(raw.mean @ raw.mean):  # what rounding leaves of equal vectors
        raise Degenerate("all vectors are the same: their isotropy is undefined")
    shape = raw.scatter / spread  # first to trace 1, so that very small or large vectors neither vanish nor overflow
    return 1 / float(np.sum(shape * shape))


def cosine(unit: Moments) -> tuple[float, float]:
    """Mean and population sd of the cosine over all pairs i < j, exactly, from the moments of unit vectors.

    With u = m + a, a centred: u·u' = |m|² + m·a + m·a' + a·a'. Summed over pairs, every term is one of |m|², tr S,
    m'Sm and tr S² (S the scatter), and |u| = 1 gives what i = j must be taken off. Nothing large is subtracted.
    """
    n, m, scatter = unit.count, unit.mean, unit.scatter
    pairs, spread = n * (n - 1), float(np.trace(scatter)) / n
    offset = -spread / (n - 1)  # of the mean cosine from |m|²
    square = 2 * n * float(m @ scatter @ m) + float(np.sum(scatter * scatter)) - n * spread**2
    return float(m @ m) + offset, max(square / pairs - offset**2, 0.0) ** 0.5


def partition(chunks: Chunks, raw: Moments) -> float:
    """min Z(c) / max Z(c) with Z(c) = Σ exp(c·v), c over the eigenvectors of V'V: a second pass over the chunks.

    An eigenvector's sign is arbitrary and Z(c) is not Z(−c): both are looked at, so that the value is defined. Mu &
    Viswanath take one side, which a solver's last bits choose; that value is not kept.
    Sums are kept as logarithms, because long vectors overflow exp.
    """
    _, directions = np.linalg.eigh(raw.second)
    logs: Matrix = np.full(2 * len(raw.mean), -np.inf)
    seen = 0
    for chunk in chunks():
        powers = np.asarray(chunk, dtype=np.float64) @ directions
        if seen := seen + len(powers):
            logs = np.logaddexp(logs, np.concatenate([_log_sums(powers), _log_sums(-powers)]))
    if seen != raw.count:
        raise InputError(f"the second pass over the vectors gave {seen} of {raw.count}: each call must start a new pass")
    return float(np.exp(logs.min() - logs.max()))


def _log_sums(powers: Matrix) -> Matrix:
    top = powers.max(axis=0, initial=-np.inf)
    return np.asarray(top + np.log(np.exp(powers - top).sum(axis=0))) if len(powers) else top

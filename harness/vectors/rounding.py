"""Vectors moved by as much as float32 rounding may move them: what then changes hangs on the last bits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Standard deviation, against the root mean square of a vector's components, by which vectors of one text differ between
# instruction sets and batches: measured on a small encoder, two units in the last place of float32.
SIZE = 2.0**-22
_MIX = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)  # splitmix64 (Steele, Lea & Flood 2014)


def moved(vectors: NDArray[np.floating], seed: int) -> NDArray[np.float32]:
    """Return (n, d) vectors moved by rounding noise that their own bits and `seed` decide: equal vectors move alike."""
    rows = np.ascontiguousarray(vectors, dtype=np.float32)
    columns = np.arange(rows.shape[1], dtype=np.uint64) << np.uint64(32)
    noise = _uniform(rows.view(np.uint32).astype(np.uint64) ^ columns, seed) * np.sqrt(12.0)  # of variance 1
    size = SIZE * np.sqrt(np.mean(np.square(rows, dtype=np.float64), axis=1, keepdims=True))
    return np.asarray(rows + noise * size, dtype=np.float32)


def _uniform(bits: NDArray[np.uint64], seed: int) -> NDArray[np.float64]:
    """Return a number in [-1/2, 1/2) for each, by a hash of its bits."""
    with np.errstate(over="ignore"):
        mixed = bits + np.uint64(_MIX[0] * (seed + 1) % 2**64)
        for shift, factor in zip((30, 27), _MIX[1:], strict=True):
            mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
        mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(11)).astype(np.float64) / 2.0**53 - 0.5

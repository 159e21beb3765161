"""Where vectors lie: alignment and uniformity, and the two ways to even them out without training."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from harness.vectors.cache import Vectors
from harness.vectors.encoder import normalised

CHUNK = 1024  # rows at a time; bounds the memory, measures nothing
Move = Callable[[Vectors], Vectors]


def alignment(queries: Vectors, relevant: Vectors) -> float:
    """Return the mean squared distance of unit vectors of (query, relevant document) pairs, both (pairs, d).

    Wang & Isola 2020 (arXiv 2005.10242), section 4.1, alpha = 2.
    """
    return float(np.square(normalised(queries) - normalised(relevant)).sum(axis=1, dtype=np.float64).mean())


def uniformity(vectors: Vectors) -> float:
    """Return log mean exp(-2 |x - y|^2) over all pairs of different unit vectors, (n, d).

    Wang & Isola 2020 (arXiv 2005.10242), section 4.1, t = 2.
    """
    unit, total = normalised(vectors), 0.0
    for start in range(0, len(unit), CHUNK):  # each block of pairs once: those off the diagonal stand for two
        kernel = unit[start : start + CHUNK] @ unit[start:].T
        kernel -= 1.0
        kernel *= 4.0
        np.exp(kernel, out=kernel)
        total += 2 * float(kernel.sum(dtype=np.float64)) - float(kernel[:, : len(kernel)].sum(dtype=np.float64))
    n = len(unit)
    return float(np.log((total - n) / (n * (n - 1))))  # each vector with itself counted exp(0) = 1


def centring(documents: Vectors) -> Move:
    """Return the map that takes away the mean of `documents` (Mu & Viswanath 2018, arXiv 1702.01417, its first step)."""
    mean = documents.mean(axis=0, dtype=np.float64)
    return lambda vectors: (vectors - mean).astype(np.float32)


def whitening(documents: Vectors) -> Move:
    """Return the map under which `documents` have mean 0 and covariance I (Su et al. 2021, arXiv 2103.15316, equation 6).

    Directions in which they do not vary are left out.
    """
    mean = documents.mean(axis=0, dtype=np.float64)
    values, axes = np.linalg.eigh(np.cov(documents.astype(np.float64), rowvar=False))
    used = values > values[-1] * 1e-10
    transform = axes[:, used] / np.sqrt(values[used])
    return lambda vectors: ((vectors - mean) @ transform).astype(np.float32)

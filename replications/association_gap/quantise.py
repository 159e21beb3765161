"""Product quantisation (Jegou, Douze and Schmid 2011, section II): k-means in every part of a vector.

By scikit-learn, which the project already has: faiss would be one more large dependency for a few thousand vectors.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harness.errors import InputError

from .recipe import Quantiser

Vectors = NDArray[np.float32]
Codes = NDArray[np.int64]


def codebook(vectors: Vectors, settings: Quantiser, seed: int, where: str) -> Vectors:
    """Return (parts, values, d / parts) centroids of (n, d) vectors.

    Raise InputError, opened by `where`, for fewer vectors than centroids, or a width that the parts do not divide.
    """
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    count, width = vectors.shape
    if count < settings.values:
        raise InputError(f"{where}: quantiser.values: {settings.values} centroids, but there are {count} items; write at most {count}")
    if width % settings.parts:
        raise InputError(f"{where}: quantiser.parts: {settings.parts} parts do not divide the {width} values of a vector")
    with threadpool_limits(1):  # sums in one order, whatever the machine
        found = [KMeans(settings.values, n_init=1, random_state=seed).fit(part).cluster_centers_ for part in _cut(vectors, settings.parts)]
    return np.stack(found).astype(np.float32)


def codes(vectors: Vectors, book: Vectors) -> Codes:
    """Return (n, parts): the nearest centroid of every part, by squared distance; the first of several equally near ones."""
    near = [
        (np.square(centroids).sum(1)[None, :] - 2 * part.astype(np.float64) @ centroids.T.astype(np.float64)).argmin(1)
        for part, centroids in zip(_cut(vectors, len(book)), book, strict=True)
    ]
    return np.stack(near, axis=1)


def decoded(found: Codes, book: Vectors) -> Vectors:
    """Return (n, d): the centroids that codes stand for."""
    return np.concatenate([centroids[column] for centroids, column in zip(book, found.T, strict=True)], axis=1)


def _cut(vectors: Vectors, parts: int) -> list[Vectors]:
    return np.split(vectors, parts, axis=1)

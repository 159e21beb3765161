"""A taxonomy as paths from the root: distances, its kernel, and how deep in it a direction splits words (A5)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import InputError

Floats = NDArray[np.float64]
Paths = list[list[str]]


def paths(words: list[str], written: dict[str, str]) -> Paths:
    """Return each word's path, root first; raise InputError, with their number, for words whose path is missing or has another root."""
    found = [written.get(word, "").split(" > ") for word in words]
    root = found[0][0]
    if strange := [word for word, path in zip(words, found, strict=True) if path[0] != root or not root]:
        raise InputError(f"label path: {len(strange)} of {len(words)} words do not descend from '{root}', the first '{strange[0]}'")
    return found


def distances(given: Paths) -> Floats:
    """Return (n, n): edges between two words' nodes, by the first path of each."""
    depth = np.array([len(path) for path in given])
    shared = np.zeros((len(given), len(given)))
    for level in range(max(depth)):
        group = groups(given, level)
        deep = depth > level
        shared += (group[:, None] == group[None, :]) & deep[:, None] & deep[None, :]
    return depth[:, None] + depth[None, :] - 2 * shared


def groups(given: Paths, level: int) -> NDArray[np.intp]:
    """Return for each word the number of its ancestor at a depth (0: the root); a word that ends above it is its own group."""
    names = [" > ".join(path[: level + 1]) for path in given]
    return np.unique(names, return_inverse=True)[1]


def kernel(given: Paths, decay: float) -> Floats:
    """Return (n, n) exp(-b d), centred (Nava and Wyart 2026: co-occurrence as a function of tree distance)."""
    return centred(np.exp(-decay * distances(given)))


def centred(gram: Floats) -> Floats:
    """Return a Gram matrix of vectors with their mean taken away."""
    means = gram.mean(axis=0)
    found: Floats = gram - means[None, :] - means[:, None] + means.mean()
    return found


def leading(gram: Floats, count: int) -> Floats:
    """Return (n, count) eigenvectors of a symmetric matrix, largest eigenvalue first; raise InputError where it has too few."""
    from scipy.linalg import eigh

    size = len(gram)
    if count >= size:
        raise InputError(f"leading: {count} eigenvectors are asked for, but {size} words have at most {size - 1}; write fewer")
    _, vectors = eigh(gram, subset_by_index=[size - count, size - 1])
    found: Floats = vectors[:, ::-1]
    return found


def splits(given: Paths) -> tuple[Any, int]:
    """Return a sparse matrix whose rows average the words of a group, times the root of their number, for all depths; and how many depths."""
    from scipy.sparse import csr_array, vstack

    deepest = max(len(path) for path in given)
    found = []
    for level in range(deepest):
        group = groups(given, level)
        weight = 1 / np.sqrt(np.bincount(group))[group]
        found.append(csr_array((weight, (group, np.arange(len(given)))), shape=(group.max() + 1, len(given))))
    return vstack(found).tocsr(), deepest


def levels(vectors: Floats, into: tuple[Any, int]) -> Floats:
    """Return (k,): the mean depth at which the variance of each of (n, k) centred unit vectors is split.

    The share between groups rises from 0 at the root to 1 where every word is its own group; the mean of a depth is the sum over
    all depths of what is not yet split there.
    """
    matrix, deepest = into
    found: Floats = deepest - np.square(matrix @ vectors).sum(axis=0)
    return found


def alignment(one: Floats, other: Floats) -> Floats:
    """Return (k,): g(k) = |U_k' V_k|^2 / k of two (n, K) sets of orthonormal vectors, k from 1 to K (Nava and Wyart 2026).

    1 for the same subspace, 0 for orthogonal ones, k / n on average for random ones.
    """
    squares = np.square(one.T @ other)
    sizes = np.arange(1, squares.shape[0] + 1)
    found: Floats = np.array([squares[:k, :k].sum() for k in sizes]) / sizes
    return found


def area(found: Floats, words: int) -> float:
    """Return the mean over k of g(k) less k / (n - 1), what subspaces of centred vectors have by chance."""
    sizes = np.arange(1, len(found) + 1)
    return float((found - sizes / (words - 1)).mean())

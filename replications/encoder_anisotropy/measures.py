"""What is measured of a cloud of chunks, from their cosines alone: by chunk where it can be, so that intervals are by module."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Names = NDArray[np.str_]
Measure = tuple[str, str | None, float]
PARTED = ("subject", "unit")


def of(cosines: Matrix, ids: Sequence[str], labels: Mapping[str, Mapping[str, str]], neighbours: int) -> list[Measure]:
    """Return all measures of (n, n) cosines, `labels` (subject, unit, module) given by id; the order of ids is that of the rows."""
    subject, unit, module = (np.array([labels[name][one] for one in ids]) for name in ("subject", "unit", "module"))
    by_chunk: dict[str, Matrix] = {"cosine": _others(cosines, np.ones_like(cosines, dtype=bool))}
    for name, own in zip(PARTED, (subject, unit), strict=True):
        by_chunk[f"silhouette_{name}"] = silhouette(cosines, own)
        by_chunk[f"knn_{name}"] = knn(cosines, own, module, neighbours)
    same = subject[:, None] == subject[None, :]
    by_chunk["within"], by_chunk["between"] = _others(cosines, same), _others(cosines, ~same)
    by_chunk["gap"] = by_chunk["within"] - by_chunk["between"]
    inside = unit[:, None] == unit[None, :]
    by_chunk["gap_unit"] = _others(cosines, same & inside) - _others(cosines, same & ~inside)
    found = [(name, one, float(value)) for name, values in by_chunk.items() for one, value in zip(ids, values, strict=True)]
    for each in sorted(set(subject)):
        rows = np.flatnonzero(subject == each)
        found += [(f"knn_unit[{each}]", ids[i], float(by_chunk["knn_unit"][i])) for i in rows]
    return [*found, ("mean_vector_norm", None, float(np.sqrt(cosines.mean()))), ("variance_in_two", None, in_two(cosines))]


def _others(cosines: Matrix, which: NDArray[np.bool_]) -> Matrix:
    """Return each chunk's mean cosine with the other chunks that `which`, (n, n), marks; NaN where there is none."""
    alone = which & ~np.eye(len(cosines), dtype=bool)
    count = alone.sum(axis=1)
    sums = np.where(alone, cosines, 0.0).sum(axis=1)
    return np.asarray(np.divide(sums, count, out=np.full(len(cosines), np.nan), where=count > 0))


def silhouette(cosines: Matrix, labels: Names) -> Matrix:
    """Return each chunk's silhouette by cosine distance, (n,) (Rousseeuw 1987): 0 for a label that one chunk alone has."""
    from sklearn.metrics import silhouette_samples

    distances = np.clip(1 - cosines, 0, 2)
    np.fill_diagonal(distances, 0)  # what rounding leaves there
    return np.asarray(silhouette_samples(distances, labels, metric="precomputed"), dtype=np.float64)


def knn(cosines: Matrix, labels: Names, modules: Names, neighbours: int) -> Matrix:
    """Return 1 where the nearest chunks of other modules vote for a chunk's own label, else 0; (n,).

    Of labels with equally many votes the one with the nearest chunk wins. Chunks of the same module do not vote: they are
    neighbours in the book.
    """
    found = np.zeros(len(cosines))
    for i, row in enumerate(cosines):
        others = np.flatnonzero(modules != modules[i])
        nearest = others[np.argsort(-row[others], kind="stable")[:neighbours]]
        votes = Counter(labels[nearest].tolist())  # keeps the order of first sight: the nearest first
        found[i] = float(max(votes, key=votes.__getitem__) == labels[i])
    return found


def in_two(cosines: Matrix) -> float:
    """Return the share of the variance of unit vectors in their first two principal components, from their (n, n) cosines."""
    from scipy.linalg import eigh

    centred = cosines - cosines.mean(axis=0) - cosines.mean(axis=1)[:, None] + cosines.mean()
    last = len(centred) - 1
    top = eigh(centred, eigvals_only=True, subset_by_index=[max(0, last - 1), last])
    return float(top.sum() / np.trace(centred))

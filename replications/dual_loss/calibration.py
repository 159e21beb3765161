"""How well a cosine says whether two sentences belong together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def measure(cosines: Floats, labels: Floats, bins: int) -> list[tuple[str, str | None, float]]:
    """Return mean cosine of positive and negative pairs (pair by pair), AUC, and expected calibration error.

    `cosines` and `labels`, (pairs,). A pair's id is its place in the order given.
    """
    named = zip(("cosine_negative", "cosine_positive"), (labels < 0.5, labels > 0.5), strict=True)
    found: list[tuple[str, str | None, float]] = []
    for metric, chosen in named:
        found += [(metric, f"p{i:04d}", float(cosines[i])) for i in np.flatnonzero(chosen)]
    found.append(("auc", None, auc(cosines, labels)))
    return [*found, ("calibration_error", None, calibration_error(np.clip(cosines, 0, 1), labels, bins))]


def auc(scores: Floats, labels: Floats) -> float:
    """Return the share of (positive, negative) pairs in the right order, ties half: the area under the ROC curve."""
    from scipy.stats import rankdata

    positive = labels > 0.5
    count = int(positive.sum())
    ranks = rankdata(scores)[positive].sum() - count * (count + 1) / 2
    return float(ranks / (count * (len(labels) - count)))


def calibration_error(probabilities: Floats, labels: Floats, bins: int) -> float:
    """Return the expected calibration error over `bins` equal bins of [0, 1], the lowest one with both its ends.

    Naeini et al. 2015; each bin's |share of positives − mean probability|, weighted by its share of the pairs.
    """
    place = np.clip(np.ceil(probabilities * bins).astype(int) - 1, 0, bins - 1)
    error = 0.0
    for number in range(bins):
        inside = place == number
        if inside.any():
            error += abs(labels[inside].mean() - probabilities[inside].mean()) * inside.mean()
    return float(error)

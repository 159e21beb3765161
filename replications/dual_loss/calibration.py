"""How well a cosine says whether two sentences belong together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def measure(cosines: Floats, labels: Floats, bins: int, names: list[str]) -> list[tuple[str, str | None, float]]:
    """Return mean cosine of positive and negative pairs (pair by pair), AUC, and expected calibration error.

    `cosines`, `labels` and `names` of the pairs, (pairs,).
    """
    named = zip(("cosine_negative", "cosine_positive"), (labels < 0.5, labels > 0.5), strict=True)
    found: list[tuple[str, str | None, float]] = []
    for metric, chosen in named:
        found += [(metric, names[i], float(cosines[i])) for i in np.flatnonzero(chosen)]
    return [*found, *((metric, None, value) for metric, value in whole(cosines, labels, bins).items())]


def whole(cosines: Floats, labels: Floats, bins: int) -> dict[str, float]:
    """Return what is measured over all pairs at once, by metric."""
    return {"auc": auc(cosines, labels), "calibration_error": calibration_error(np.clip(cosines, 0, 1), labels, bins)}


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

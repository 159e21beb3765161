"""Shares of hits, which lie near 0 and 1: intervals and errors by the score method, clusters and seeds as a design effect."""

from __future__ import annotations

from collections import Counter

import numpy as np

from harness.rankings.scores import Measured
from harness.verdicts import student
from harness.verdicts.crossed import Spread
from harness.verdicts.influence import unit_names


def design_effect(leaf: Measured, spread: Spread) -> float:
    """Return how many times the variance of a share is that of as many independent queries, from the crossed model.

    `spread` is that of the share itself (weight 1). Four made-up queries, two hits and two misses, stand beside the seen
    ones, as one cluster where there are clusters (Agresti and Coull 1998): near 0 and 1 clusters count as wholly alike.
    """
    share, count = float(leaf.means.mean()), len(leaf.queries)
    sizes = Counter(unit_names(leaf)).values()
    alike = sum(size**2 for size in sizes) / count
    seen = _counted(spread, leaf) * count**2
    return (seen + alike) / (count * share * (1 - share) + 1)


def _counted(spread: Spread, leaf: Measured) -> float:
    """A share without clusters and seeds varies as the binomial has it, exactly."""
    if leaf.clusters is None and not spread.seeds:
        share = float(leaf.means.mean())
        return share * (1 - share) / len(leaf.queries)
    return spread.whole.variance


def interval(leaf: Measured, spread: Spread, confidence: float) -> tuple[float, float]:
    """Return Wilson's (1927) interval of a share of hits, with the queries that its design effect leaves."""
    share, left = float(leaf.means.mean()), len(leaf.queries) / design_effect(leaf, spread)
    freedom = np.inf if leaf.clusters is None and not spread.seeds else spread.whole.freedom
    z = student.bound((1 - confidence) / 2, freedom)
    middle = (share + z**2 / (2 * left)) / (1 + z**2 / left)
    half = z / (1 + z**2 / left) * (share * (1 - share) / left + z**2 / (4 * left**2)) ** 0.5
    return max(0.0, middle - half), min(1.0, middle + half)


def under(apart: float, ours: tuple[float, float], theirs: tuple[float, float]) -> float:
    """Return the variance of ours − theirs if the true shares stood `apart` (Mee 1984; Farrington and Manning 1990).

    `ours` and `theirs`: each a share and its effective number of queries. The shares under the hypothesis are the mean of
    both, weighed by their numbers, once moved apart.
    """
    (p, n), (q, m) = ours, theirs
    one = float(np.clip((n * p + m * (q + apart)) / (n + m), max(0.0, apart), min(1.0, 1.0 + apart)))
    other = float(np.clip(one - apart, 0.0, 1.0))
    return one * (1 - one) / n + other * (1 - other) / m

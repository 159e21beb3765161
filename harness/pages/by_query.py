"""How a recomputed value spreads over its queries: the worst, the best and how many lie where, small enough for every claim."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from harness.ledger.claims import Claim
from harness.rankings.scores import Key, Measured

ENDS, BINS = 5, 10  # queries shown at either end; bars of the histogram


def of(pairs: list[tuple[Claim, dict[str, str]]], spread: Callable[[Key], dict[str, Any] | None]) -> dict[str, dict[str, Any]]:
    """Return what stands behind each claim that one score of its own study recomputes, by claim key."""
    found: dict[str, dict[str, Any]] = {}
    for claim, row in pairs:
        key = (claim.study, row["variant"], row["collection"], row["score"])
        if not row["recomputed"] or not all(key) or claim.order is not None or claim.arithmetic is not None:
            continue
        if told := spread(key):
            found[claim.key] = told
    return found


def spread(one: Measured) -> dict[str, Any]:
    """Return the value of each seed and, where scores by query are kept, their worst, best and counts between lowest and highest."""
    told: dict[str, Any] = {"seeds": dict(zip(map(str, one.seeds), (_short(v) for v in one.means), strict=True))}
    if one.by_query is None or not len(one.queries):
        return told
    means = one.by_query.mean(axis=1)
    order = np.argsort(means, kind="stable")
    ends = min(ENDS, len(order) // 2)
    counts, edges = np.histogram(means, BINS) if np.ptp(means) > 0 else (np.array([len(means)]), means[[0, 0]])
    return told | {
        "worst": [[one.queries[i], _short(means[i])] for i in order[:ends]],
        "best": [[one.queries[i], _short(means[i])] for i in order[::-1][:ends]],
        "counts": counts.tolist(), "from": _short(edges[0]), "to": _short(edges[-1]),
    }  # fmt: skip


def _short(value: float) -> float:
    return round(float(value), 4)

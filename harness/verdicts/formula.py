"""The arithmetic of derived claims, on arrays: the same formula serves means, bootstrap draws and single seeds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from harness.errors import InputError
from harness.ledger.claims import Claim, Unit
from harness.rankings.scores import Floats, Measured

Formula = Callable[[Sequence[Floats]], Floats]  # one array a leaf, all of one shape, to an array of that shape
ORIGIN = {"difference": 0.0, "percent_change": 0.0, "ratio": 1.0}  # the value that says 'no effect'


def scale_of(claim: Claim, units: set[Unit]) -> float:
    """Percentage points from fractions, or the other way; percent and percent_change are percentages by themselves."""
    assert claim.arithmetic
    if claim.arithmetic.op in ("percent", "percent_change", "ratio", "product"):
        return 1.0
    if claim.unit == "percent" and "percent" not in units:
        return 100.0
    return 0.01 if units == {"percent"} and claim.unit == "fraction" else 1.0


def apply(op: str, parts: list[Floats]) -> Floats:
    """Carry out one operation of the ledger on arrays of one shape; a division by zero gives what is not finite."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if op in ("mean", "sum"):
            return np.asarray(sum(parts) / (len(parts) if op == "mean" else 1))
        if op == "product":
            return np.asarray(np.prod(parts, axis=0))
        if len(parts) != 2:
            raise InputError(f"arithmetic: '{op}' needs two operands, not {len(parts)}")
        a, b = parts
        results = {"difference": lambda: a - b, "ratio": lambda: a / b, "percent": lambda: 100 * a / b}
        return np.asarray(results[op]() if op in results else 100 * (a / b - 1))


def seed_spread(leaves: Sequence[Measured], formula: Formula) -> tuple[float | None, int | None]:
    """Return the sd of one more seed about our mean and its degrees of freedom, one variant's seeds moved at a time."""
    variance, freedom = 0.0, None
    for variant in dict.fromkeys(leaf.key[:2] for leaf in leaves):
        moved = [leaf for leaf in leaves if leaf.key[:2] == variant]
        if not any(leaf.stochastic for leaf in moved):
            continue
        k = min(len(leaf.seeds) for leaf in moved)
        if k < 2:
            return None, None
        values = formula([leaf.means[:k] if leaf in moved else np.full(k, leaf.means.mean()) for leaf in leaves])
        variance += float(values.var(ddof=1)) * (1 + 1 / k)
        freedom = k - 1 if freedom is None else min(freedom, k - 1)
    return variance**0.5, freedom

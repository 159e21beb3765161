"""The arithmetic of derived claims, on arrays: the same formula serves means, single seeds and derivatives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from harness.errors import InputError
from harness.ledger.claims import Claim, Unit
from harness.rankings.scores import Floats

Formula = Callable[[Sequence[Any]], Any]  # one array a leaf, all of one shape, to an array of that shape
ORIGIN = {"difference": 0.0, "percent_change": 0.0, "ratio": 1.0}  # the value that says 'no effect'
STEP = 1e-30  # of the complex-step derivative, which loses no digit however small it is


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


def slopes(formula: Formula, means: Sequence[float]) -> list[float]:
    """Return the derivative of a formula by each leaf at their means (complex step: Squire and Trapp 1998)."""
    found = []
    for place in range(len(means)):
        moved = [np.array([mean + (1j * STEP if i == place else 0)]) for i, mean in enumerate(means)]
        found.append(float(f"{formula(moved)[0].imag / STEP:.12g}"))  # equal sides stay equal to the last bit
    return found

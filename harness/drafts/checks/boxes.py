"""Printed numbers as the intervals that their rounding leaves open, and what can be reckoned from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.audits.arithmetic import bounds
from harness.drafts.grid import Number
from harness.ledger.printed import parse

SLACK = 1e-9


@dataclass(frozen=True)
class Box:
    """A value and the least and the largest that its rounding leaves open."""

    value: float
    low: float
    high: float

    def meets(self, other: Box) -> bool:
        """Say whether both may be one number."""
        slack = SLACK * max(1.0, abs(self.value), abs(other.value))
        return self.low <= other.high + slack and other.low <= self.high + slack

    @property
    def width(self) -> float:
        """How far apart its ends are."""
        return self.high - self.low


def box(number: Number) -> Box:
    """Return a number with what rounding to nearest leaves open; whole numbers are exact counts."""
    value = number.value
    return Box(value.value, value.low, value.high)


def wide(number: Number) -> Box:
    """Return a number with what is left open where its digits may have been cut off."""
    value = parse(number.told, None, "either") or number.value
    return Box(value.value, value.low, value.high)


def reckoned(op: str, parts: Sequence[Box]) -> Box | None:
    """Apply an operation of the ledger to boxes; None where a divisor may be 0."""
    if op in ("percent_change", "percent", "ratio") and parts[-1].low <= 0 <= parts[-1].high:
        return None
    if op in ("mean", "sum"):  # they rise in every part: two corners do
        share = len(parts) if op == "mean" else 1
        return Box(
            sum(part.value for part in parts) / share,
            sum(part.low for part in parts) / share,
            sum(part.high for part in parts) / share,
        )
    names = [str(at) for at in range(len(parts))]
    ends = {name: (part.low, part.high) for name, part in zip(names, parts, strict=True)}
    low, high = bounds(op, names, ends)
    middle = bounds(op, names, {name: (part.value, part.value) for name, part in zip(names, parts, strict=True)})[0]
    return Box(middle, low, high)

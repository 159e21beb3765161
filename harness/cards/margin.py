"""The margin of a card's values, by one rule that is written down before any run."""

from __future__ import annotations

from decimal import Decimal

from harness.cards.record import Unit

FLOOR = Decimal("0.0005")  # in fractions
NOISE = 6  # decimals: beyond, a printed float shows its own binary rounding (62.958000000000006)
RULE = (
    "half a unit of the last printed digit, and no less than 0.0005 ({floor} in this unit): library versions and precision "
    "move the fourth decimal, as the yardsticks of this project show"
)


def decimals(printed: list[str]) -> int:
    """Return the decimals that are meant: the most among values printed together, for printing programs drop trailing zeros."""
    found = [max(0, -int(Decimal(text).as_tuple().exponent)) for text in printed]
    fitting = [count for count in found if count <= NOISE]
    return max(fitting) if fitting else NOISE


def margin(printed: list[str], unit: Unit) -> dict[str, object]:
    """Return the margin of values printed together, and its reason, in their unit."""
    scale = 100 if unit == "percent" else 1
    floor = FLOOR * scale
    value = max(floor, Decimal(1).scaleb(-decimals(printed)) / 2)
    return {"value": float(value), "reason": RULE.format(floor=f"{float(floor):g}")}

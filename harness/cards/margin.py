"""The margin of a card's values, by one rule that is written down before any run."""

from __future__ import annotations

from decimal import Decimal

from harness.cards.record import Unit

FLOOR = Decimal("0.0005")  # in fractions
NOISE = 6  # decimals: beyond, digits say nothing of a mean that libraries agree on
ROUNDING = Decimal("1e-14")  # relative: what a sum or a product of floats adds
RULE = (
    "half a unit of the last printed digit, and no less than 0.0005 ({floor} in this unit): library versions and precision "
    "move the fourth decimal, as the yardsticks of this project show"
)


def decimals(printed: list[str]) -> int:
    """Return the decimals that are meant: the most among values printed together, for printing programs drop trailing zeros."""
    return max((_meant(Decimal(text)) for text in printed), default=NOISE)


def _meant(value: Decimal) -> int:
    """Return the decimals of one value, NOISE at most, and without what its own binary rounding added (62.958000000000006 has three)."""
    shown = max(0, -int(value.as_tuple().exponent))
    if shown <= NOISE:
        return shown
    near = abs(value) * ROUNDING
    return next((count for count in range(NOISE) if abs(value - round(value, count)) <= near), NOISE)


def margin(printed: list[str], unit: Unit) -> dict[str, object]:
    """Return the margin of values printed together, and its reason, in their unit."""
    scale = 100 if unit == "percent" else 1
    floor = FLOOR * scale
    value = max(floor, Decimal(1).scaleb(-decimals(printed)) / 2)
    return {"value": float(value), "reason": RULE.format(floor=f"{float(floor):g}")}

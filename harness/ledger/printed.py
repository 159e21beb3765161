"""Printed numbers: a string as it stood on the page, and the interval of values that round to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

_NUMBER = r"[+\-\u2212]?\s?\d[\d,]*(?:\.\d+)?(?:[eE][+-]?\d+)?"
_SINGLE = re.compile(rf"^\s*(?P<about>~|about |over |under )?(?P<number>{_NUMBER})(?P<tail>\s*%|\+)?\s*$")
_RANGE = re.compile(rf"^\s*(?P<low>{_NUMBER})\s*%?\s*(?:-|\u2013|to)\s*(?P<high>{_NUMBER})\s*%?\s*$")


@dataclass(frozen=True)
class Printed:
    """The interval [low, high] of values that would be printed so; `value` is the number read as it stands."""

    value: float
    low: float
    high: float
    decimals: int
    exact: bool  # False for 'about', 'over', '520+' and ranges: they do not claim the digits


def parse(printed: str, decimals: int | None = None) -> Printed | None:
    """Read one printed number or range ('0.76', '+3.18', '46-48', 'over 500'); None for words.

    `decimals`: the decimals meant, where the printing program drops trailing zeros ('0.76' for 0.760).
    """
    if match := _SINGLE.match(printed):
        value, unit, shown = _read(match["number"])
        if decimals is not None and decimals > shown:
            unit, shown = Decimal(1).scaleb(-decimals), decimals
        half = unit / 2
        loose = bool(match["about"]) or (match["tail"] or "").strip() == "+"
        return Printed(float(value), float(value - half), float(value + half), shown, not loose)
    if match := _RANGE.match(printed):
        (low, low_unit, shown), (high, high_unit, _) = _read(match["low"]), _read(match["high"])
        if low <= high:
            middle = (low + high) / 2
            return Printed(float(middle), float(low - low_unit / 2), float(high + high_unit / 2), shown, False)
    return None


def _read(number: str) -> tuple[Decimal, Decimal, int]:
    """Return the value, the unit of its last digit and the decimals of a number such as '-1,234.50' or '2e-5'."""
    value = Decimal(re.sub(r"[,\s]", "", number).replace("\u2212", "-"))
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    return value, Decimal(1).scaleb(exponent), max(0, -exponent)


def rounds_to(value: float, printed: Printed) -> bool:
    """Say whether `value` would be printed so, either way of rounding a half (a hair of float error allowed)."""
    slack = 1e-12 * max(1.0, abs(printed.value))
    return printed.exact and printed.low - slack <= value <= printed.high + slack

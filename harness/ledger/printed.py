"""Printed numbers: a string as it stood on the page, and the interval of values that would be printed so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from math import inf
from typing import Literal

Rule = Literal["nearest", "truncated", "either"]

LONGEST = 100  # characters: what is longer is words
LARGEST = 300  # powers of ten that a float holds

_MARK = r"[*\u2020\u2021\u00a7\u00b6#\u2191\u2193]"
_NUMBER = r"[+\-\u2212\u2013]?\s?(?:\d[\d,.]*|\.\d+)(?:[eE][+-]?\d+)?"
_PERCENT = r"(?:%|percent|per cent)"
_ABOVE = r">=|>|\u2265|over |more than |at least "
_BELOW = r"<=|<|\u2264|under |less than |fewer than |at most |up to "
_SINGLE = re.compile(
    rf"^(?P<before>{_MARK}*)\s*(?P<bound>{_ABOVE}|{_BELOW})?(?P<about>~|\u2248|about |around |approximately |nearly )?\s*"
    rf"(?P<number>{_NUMBER})\s*(?P<more>\+)?\s*(?P<sign>{_PERCENT})?\s*(?P<marks>{_MARK}*)"
    rf"(?:\s*(?:(?:\u00b1|\+/-|\+-)\s*(?P<spread>{_NUMBER})|\((?:\u00b1\s*)?(?P<braced>{_NUMBER})\))\s*)?"
    rf"(?P<sign_after>{_PERCENT})?\s*(?P<after>{_MARK}*)$"
)
_RANGE = re.compile(
    rf"^(?P<low>{_NUMBER})\s*(?P<sign>{_PERCENT})?\s*(?:-|\u2013|\u2212|to)\s*(?P<high>{_NUMBER})\s*(?P<sign_after>{_PERCENT})?$"
)
_PLAIN = re.compile(r"(?:\d+\.?\d*|\.\d+)")
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?")
_DECIMAL_COMMA = re.compile(r"\d+,\d+")


class Unreadable(ValueError):
    """A number that cannot be read one way only, or that no float holds."""


@dataclass(frozen=True)
class Printed:
    """The interval [low, high] of values that would be printed so; `value` is the number read as it stands.

    `exact`: False for 'about 0.5', bounds and ranges, which do not claim the digits. `bound`: '<' or '>' where the number
    is only a limit; the interval then has no other end. `spread`: what stands after ± or in brackets. `marks`: signs of
    footnotes. `percent`: a per cent sign was printed. `grouped`: a comma was read as one of thousands.
    """

    value: float
    low: float
    high: float
    decimals: int
    exact: bool
    bound: Literal["", "<", ">"] = ""
    spread: float | None = None
    marks: str = ""
    percent: bool = False
    grouped: bool = False


@lru_cache(maxsize=1 << 16)
def parse(printed: str, decimals: int | None = None, rule: Rule = "nearest", scale: int = 0) -> Printed | None:
    """Read one printed number or range ('0.76', '.76*', '46-48', '<0.001', '0.76 ± 0.02'); None for words.

    `decimals`: the decimals meant, where the printing program drops trailing zeros ('0.76' for 0.760). `rule`: how the
    digits came about. `scale`: a power of ten to multiply by (-2: per cent to fraction). Raise Unreadable.
    """
    text = printed.strip()
    if len(text) > LONGEST:
        return None
    if match := _SINGLE.match(text):
        return _single(match, decimals, rule, scale)
    if match := _RANGE.match(text):
        low, high = (_interval(match[end], decimals, rule, scale) for end in ("low", "high"))
        if low and high and low[0] <= high[0]:
            signed = bool(match["sign"] or match["sign_after"])
            value = (low[0] + high[0]) / 2
            return Printed(float(value), float(low[1]), float(high[2]), low[3], False, percent=signed)
    return None


def ends(printed: str, rule: Rule = "nearest", scale: int = 0) -> tuple[Printed, Printed] | None:
    """Return the two ends of a printed range, a single number twice; None for words."""
    match = _RANGE.match(printed.strip())
    texts = (match["low"], match["high"]) if match and not _SINGLE.match(printed.strip()) else (printed, printed)
    low, high = (parse(text, None, rule, scale) for text in texts)
    return (low, high) if low and high else None


def rounds_to(value: float, printed: Printed) -> bool:
    """Say whether `value` would be printed so, either way of rounding a half (a hair of float error allowed)."""
    slack = 1e-12 * max(1.0, abs(printed.value))
    return printed.exact and printed.low - slack <= value <= printed.high + slack


def _single(match: re.Match[str], decimals: int | None, rule: Rule, scale: int) -> Printed | None:
    if (read := _interval(match["number"], decimals, rule, scale)) is None:
        return None
    value, low, high, shown = read
    spread = match["spread"] or match["braced"]
    aside = _interval(spread, None, "nearest", scale) if spread else None
    bound: Literal["", "<", ">"] = ""
    if match["bound"] or match["more"]:
        bound = ">" if match["more"] or re.match(_ABOVE, match["bound"]) else "<"
    return Printed(
        float(value), -inf if bound == "<" else float(value if bound else low), inf if bound == ">" else float(value if bound else high),
        shown, not (bound or match["about"]), bound, float(aside[0]) if aside else None,
        match["before"] + match["marks"] + match["after"], bool(match["sign"] or match["sign_after"]),
        bool(_THOUSANDS.fullmatch(match["number"].lstrip("+-\u2212\u2013 "))),
    )  # fmt: skip


def _interval(text: str, decimals: int | None, rule: Rule, scale: int) -> tuple[Decimal, Decimal, Decimal, int] | None:
    """Return value, lowest, highest and the decimals shown of a number such as '-1,234.50' or '2e-5'; None for none."""
    if (value := _decimal(text)) is None:
        return None
    value = value.scaleb(scale)
    exponent = int(value.as_tuple().exponent)  # a finite number's
    if decimals is not None:
        exponent = min(exponent, scale - decimals)
    unit = Decimal(1).scaleb(exponent)
    below = Decimal(0) if rule == "truncated" else unit / 2
    above = unit / 2 if rule == "nearest" else unit
    if text.lstrip()[0] in "-\u2212\u2013":  # cut off towards zero
        below, above = above, below
    return value, value - below, value + above, max(0, -exponent)


def _decimal(text: str) -> Decimal | None:
    """Read the digits; a comma is one of thousands before groups of three, else the one of decimals, else refused."""
    digits, _, power = re.sub(r"\s", "", text).translate({0x2212: "-", 0x2013: "-"}).lower().partition("e")
    sign, digits = (digits[0], digits[1:]) if digits[0] in "+-" else ("", digits)
    if _THOUSANDS.fullmatch(digits):
        digits = digits.replace(",", "")
    elif _DECIMAL_COMMA.fullmatch(digits):
        digits = digits.replace(",", ".")
    elif "," in digits:
        raise Unreadable(f"'{text}' can be read in two ways; write it without commas, with a point before the decimals")
    elif not _PLAIN.fullmatch(digits):
        return None
    if len(power) > 5 or abs(int(power or 0)) > LARGEST:
        raise Unreadable(f"'{text}' is beyond the numbers that can be computed with (1e-{LARGEST} to 1e{LARGEST})")
    return Decimal(f"{sign}{digits}e{power or 0}")

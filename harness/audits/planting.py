"""Errors to plant in a ledger, one at a time: what slips of the pen, of a script and of a spreadsheet do to printed numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal

import numpy as np

from harness.audits import prose
from harness.audits.arithmetic import reckon
from harness.audits.select import results
from harness.ledger.claims import Claim, Ledger

Rng = np.random.Generator
Changed = dict[str, dict[str, object]]  # claim id → what is changed of it
Kind = Callable[[Ledger, str, Rng], Changed]  # the ledger, the claim to be hit, chance
PLAIN = re.compile(r"[+-]?\d+(\.\d+)?")


def hittable(ledger: Ledger) -> list[str]:
    """Return the ids of the results that print a plain number of their own."""
    return [c.id for c in results(ledger) if PLAIN.fullmatch(c.printed) and not c.restates and c.value and c.value.value != 0]


def digit(ledger: Ledger, name: str, rng: Rng) -> Changed:
    """One significant digit is another one."""
    text = _find(ledger, name).printed
    place = int(rng.choice(_significant(text)))
    other = str(rng.choice([d for d in "0123456789" if d != text[place]]))
    return {name: {"printed": text[:place] + other + text[place + 1 :]}}


def last_digit(ledger: Ledger, name: str, rng: Rng) -> Changed:
    """The last digit is one more or one less."""
    text = _find(ledger, name).printed
    unit = Decimal(1).scaleb(int(Decimal(text).as_tuple().exponent))
    return {name: {"printed": _signed(text, Decimal(text) + unit * int(rng.choice([-1, 1])))}}


def decimal_shift(ledger: Ledger, name: str, rng: Rng) -> Changed:
    """The decimal point stands one place off."""
    text = _find(ledger, name).printed
    return {name: {"printed": _signed(text, Decimal(text).scaleb(int(rng.choice([-1, 1]))))}}


def transposition(ledger: Ledger, name: str, rng: Rng) -> Changed:
    """Two neighbouring digits have changed places."""
    text = _find(ledger, name).printed
    places = _significant(text)
    pairs = [(a, b) for a, b in zip(places, places[1:], strict=False) if text[a] != text[b]]
    if not pairs:
        return {}
    a, b = pairs[int(rng.integers(len(pairs)))]
    return {name: {"printed": text[:a] + text[b] + text[a + 1 : b] + text[a] + text[b + 1 :]}}


def sign_flip(ledger: Ledger, name: str, rng: Rng) -> Changed:
    """The sign is the other one."""
    text = _find(ledger, name).printed
    return {name: {"printed": text[1:] if text[0] == "-" else "-" + text.lstrip("+")}}


def row_swap(ledger: Ledger, name: str, rng: Rng) -> Changed:
    """Two cells of one column have changed places."""
    return _swapped(ledger, name, rng, column=True)


def column_swap(ledger: Ledger, name: str, rng: Rng) -> Changed:
    """Two cells of one row have changed places."""
    return _swapped(ledger, name, rng, column=False)


def copied_neighbour(ledger: Ledger, name: str, rng: Rng) -> Changed:
    """The cell holds what stands beside or above it."""
    found = [c for along in (True, False) for c in _neighbours(ledger, name, column=along)]
    return {name: {"printed": str(rng.choice(sorted({c.printed for c in found})))}} if found else {}


def wrong_n(ledger: Ledger, name: str, rng: Rng) -> Changed:
    """The number of queries is off by up to a tenth, for each cell of the table that shares it."""
    claim = _find(ledger, name)
    if not claim.n:
        return {}
    n = claim.n + int(rng.choice([-1, 1])) * int(rng.integers(1, max(2, claim.n // 10)))
    table = name.split(".")[0]
    return {c.id: {"n": n} for c in ledger.claims if c.id.split(".")[0] == table and c.n == claim.n}


def stale_mean(ledger: Ledger, name: str, rng: Rng) -> Changed:
    """A part of a mean was measured anew, by 2 to 20 % another value; the mean was not computed anew."""
    parts = {part for c in ledger.claims if c.arithmetic and c.arithmetic.op == "mean" for part in c.arithmetic.of}
    text = _find(ledger, name).printed
    if name not in parts:
        return {}
    factor = Decimal(str(round(1 + float(rng.uniform(0.02, 0.2)) * int(rng.choice([-1, 1])), 4)))
    return {name: {"printed": _signed(text, (Decimal(text) * factor).quantize(Decimal(text)))}}


def wrong_base(ledger: Ledger, name: str, rng: Rng) -> Changed:
    """A percent change over another base: another number of the same metric and collection, or the larger of the two."""
    claim, claims = _find(ledger, name), {c.id: c for c in ledger.claims}
    if not claim.arithmetic or claim.arithmetic.op != "percent_change" or not set(claim.arithmetic.of) <= set(claims):
        return {}
    top, base = (claims[part] for part in claim.arithmetic.of)
    others = [
        c for c in results(ledger) if (c.metric, c.collection) == (base.metric, base.collection) and c.id not in (top.id, base.id)
    ]
    if not others or not (top.value and base.value):
        return {}
    other = others[int(rng.integers(len(others)))].value
    assert other
    value = Decimal(str(reckon("percent_change", [top.value.value, other.value]))).quantize(Decimal(claim.printed))
    return {name: {"printed": _signed(claim.printed, value)}}


def wrong_best(ledger: Ledger, name: str, rng: Rng) -> Changed:
    """The sentence puts a system first that it should put second."""
    tiers = [list(tier) for tier in _find(ledger, name).order or []]
    first, second = int(rng.integers(len(tiers[0]))), int(rng.integers(len(tiers[1])))
    tiers[0][first], tiers[1][second] = tiers[1][second], tiers[0][first]
    return {name: {"order": tiers}}


def sentences(ledger: Ledger) -> list[str]:
    """Return the ids of the orderings that agree with the numbers they are about."""
    right = {name for f in prose.find([ledger]) if f.outcome == "consistent" for name in f.claims}
    return [claim.id for claim in ledger.claims if claim.key in right]


KINDS: dict[str, Kind] = {
    "digit": digit, "decimal shift": decimal_shift, "transposition": transposition, "sign flip": sign_flip,
    "row swap": row_swap, "column swap": column_swap, "wrong n": wrong_n, "copied neighbour": copied_neighbour,
    "last digit": last_digit, "mean not recomputed": stale_mean, "wrong percentage base": wrong_base, "wrong best-of": wrong_best,
}  # fmt: skip


def planted(ledger: Ledger, changed: Changed) -> Ledger | None:
    """Return the ledger with the changes, or None where they change nothing that is printed."""
    claims = {claim.id: claim for claim in ledger.claims}
    if all(getattr(claims[name], key) == value for name, changes in changed.items() for key, value in changes.items()):
        return None
    found = [c.model_copy(update=changed[c.id]) if c.id in changed else c for c in ledger.claims]
    return ledger.model_copy(update={"claims": found})


def _find(ledger: Ledger, name: str) -> Claim:
    return next(claim for claim in ledger.claims if claim.id == name)


def _significant(text: str) -> list[int]:
    first = next(i for i, sign in enumerate(text) if sign in "123456789")
    return [i for i, sign in enumerate(text) if sign.isdigit() and i >= first]


def _signed(like: str, value: Decimal) -> str:
    return f"+{value:f}" if like.startswith("+") and value > 0 else f"{value:f}"


def _neighbours(ledger: Ledger, name: str, column: bool) -> list[Claim]:
    """Return the plain numbers of the same column or row with other digits."""
    parts, cells = name.split(".", 2), hittable(ledger)
    if len(parts) != 3:
        return []
    table, row, at = parts
    claims = {c.id: c for c in ledger.claims if c.id in set(cells)}
    fits: Iterable[Claim] = (c for other, c in claims.items() if _beside(other.split(".", 2), table, row, at, column))
    return [c for c in fits if name in claims and c.printed != claims[name].printed]


def _beside(parts: list[str], table: str, row: str, at: str, column: bool) -> bool:
    return len(parts) == 3 and parts[0] == table and (parts[2] == at if column else parts[1] == row)


def _swapped(ledger: Ledger, name: str, rng: Rng, column: bool) -> Changed:
    found = _neighbours(ledger, name, column)
    if not found:
        return {}
    other = found[int(rng.integers(len(found)))]
    return {name: {"printed": other.printed}, other.id: {"printed": _find(ledger, name).printed}}

"""Arithmetic: does a derived number follow from the numbers it is said to follow from, given their rounding?"""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import product

from harness.audits.finding import Finding
from harness.audits.select import by_id, span
from harness.errors import InputError
from harness.ledger.claims import UNNAMED, Arithmetic, Claim, Ledger
from harness.ledger.printed import parse

SLACK = 1e-9


def find(ledgers: list[Ledger]) -> list[Finding]:
    """Recompute every derived number as an interval and compare it with the printed one."""
    findings = []
    for ledger in ledgers:
        for claim in ledger.claims:
            if claim.arithmetic and UNNAMED not in claim.arithmetic.of and claim.value and claim.status != "predicted":
                findings.append(_one(ledger, claim, claim.arithmetic))
        findings += _common_baseline(ledger)
    return findings


def reckon(op: str, values: list[float]) -> float:
    """Apply one operation of the ledger; raise ZeroDivisionError where a quotient has no divisor."""
    if op == "mean":
        return sum(values) / len(values)
    if op == "sum":
        return sum(values)
    first, second = values
    return {
        "difference": lambda: first - second,
        "percent_change": lambda: 100 * (first / second - 1),
        "percent": lambda: 100 * first / second,
        "ratio": lambda: first / second,
        "product": lambda: first * second,
    }[op]()


def bounds(op: str, names: list[str], boxes: dict[str, tuple[float, float]]) -> tuple[float, float]:
    """Return the least and largest result over the rounding intervals; a number that comes twice is rounded once.

    Each op is monotone in each operand, so the corners suffice; mean and sum rise in all, so two corners do.
    """
    order = list(boxes)
    corners = zip(*boxes.values(), strict=True) if op in ("mean", "sum") else product(*boxes.values())
    results = [reckon(op, [dict(zip(order, corner, strict=True))[name] for name in names]) for corner in corners]
    return min(results), max(results)


def _box(claims: dict[str, Claim], name: str) -> tuple[float, float, float] | None:
    """Return an operand's value and the ends of its rounding; whole numbers that are counts or literals have none."""
    value = claims[name].value if name in claims else parse(name)
    if value is None:
        return None
    if value.exact and value.decimals == 0 and (name not in claims or claims[name].kind == "count"):
        return value.value, value.value, value.value
    return value.value, *(span(claims[name]) if name in claims else (value.low, value.high))


def _one(ledger: Ledger, claim: Claim, made: Arithmetic) -> Finding:
    claims, op = by_id(ledger), made.op
    if op not in ("mean", "sum") and len(made.of) != 2:
        raise InputError(f"{ledger.study}/claims.yaml: entry '{claim.id}': arithmetic: '{op}' takes two numbers, not {made.of}")
    against = tuple(f"{ledger.study}:{name}" for name in made.of if name in claims)
    read = {name: box for name in made.of if (box := _box(claims, name))}
    words = [name for name in made.of if name not in read]
    divisor = read.get(made.of[-1]) if op in ("ratio", "percent", "percent_change") else None
    if words or (divisor and divisor[1] <= 0 <= divisor[2]):
        why = f"'{words[0]}' holds no number" if words else f"the divisor '{made.of[-1]}' may be 0"
        statement = f"{claim.printed} ({claim.id}) is not recomputed: {why}"
        return Finding("arithmetic", "not run", ledger.study, (claim.key,), against, statement, "", None)
    values = [read[name][0] for name in made.of]
    low, high = bounds(op, made.of, {name: box[1:] for name, box in read.items()})
    least, most = span(claim)
    holds = least <= high + SLACK and low - SLACK <= most
    told = ", ".join(f"{value:g}" for value in values)
    line = f"{op}({told}) = {reckon(op, values):.6g}, within [{low:.6g}, {high:.6g}]; printed {claim.printed}"
    outcome = "consistent" if holds else "inconsistent"
    verb = "follows" if holds else "does not follow"
    statement = f"{claim.printed} ({claim.id}) {verb} from the numbers it is made of"
    return Finding("arithmetic", outcome, ledger.study, (claim.key,), against, statement, line, None if holds else 0.0)  # type: ignore[arg-type]


def _common_baseline(ledger: Ledger) -> list[Finding]:
    """Predicted ranges with percent ranges over a baseline that is not named: is there one that fits them all?"""
    families: dict[str, list[tuple[Claim, Claim, float, float]]] = defaultdict(list)
    claims = by_id(ledger)
    for claim in ledger.claims:
        if not (claim.arithmetic and UNNAMED in claim.arithmetic.of and claim.arithmetic.op == "percent_change" and claim.value):
            continue
        source = claims.get(claim.arithmetic.of[0])
        if not source or not source.value:
            raise InputError(
                f"{ledger.study}/claims.yaml: entry '{claim.id}': arithmetic: the first of two must be a claim with a number, "
                f"not {claim.arithmetic.of}"
            )
        # Either end of the range over the matching end of the percent range, each with its rounding.
        bottom, top = _ends(source.printed), _ends(claim.printed)
        lows = [bottom[0][i] / (1 + top[0][j] / 100) for i in (0, 1) for j in (0, 1)]
        highs = [bottom[1][i] / (1 + top[1][j] / 100) for i in (0, 1) for j in (0, 1)]
        low, high = max(min(lows), min(highs)), min(max(lows), max(highs))
        families[claim.family or claim.id].append((claim, source, low, high))
    findings = []
    for family, entries in families.items():
        low, high = max(e[2] for e in entries), min(e[3] for e in entries)
        told = "; ".join(
            f"{s.printed} as {c.printed}: [{a:.4f}, {b:.4f}]" if a <= b else f"{s.printed} as {c.printed}: none"
            for c, s, a, b in entries
        )
        fits = low <= high
        outcome = "consistent" if fits else "inconsistent"
        statement = (
            f"the predicted ranges of '{family}' share a baseline in [{low:.4f}, {high:.4f}]"
            if fits
            else f"the {len(entries)} predicted ranges of '{family}' (predictions, no results) fit no single baseline"
        )
        keys = tuple(c.key for c, _, _, _ in entries)
        against = tuple(s.key for _, s, _, _ in entries)
        findings.append(Finding("arithmetic", outcome, ledger.study, keys, against, statement, told, None if fits else 0.0))  # type: ignore[arg-type]
    return findings


def _ends(printed: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the rounding intervals of the two ends of a printed range."""
    text = printed.replace("%", "").replace("\u2013", "-").replace(" to ", "-")
    parts = [part for part in re.split(r"(?<=\d)\s*-\s*", text.strip()) if part]
    ends = [parse(part.strip()) for part in (parts if len(parts) == 2 else parts * 2)]
    assert ends[0] and ends[1]
    return (ends[0].low, ends[0].high), (ends[1].low, ends[1].high)

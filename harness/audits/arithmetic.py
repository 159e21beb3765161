"""Arithmetic: does a derived number follow from the numbers it is said to follow from, given their rounding?"""

from __future__ import annotations

from collections import defaultdict
from itertools import product

from harness.audits.select import number, operand
from harness.finding import Finding
from harness.ledger import UNNAMED, Claim, Ledger

SLACK = 1e-9


def find(ledgers: list[Ledger]) -> list[Finding]:
    """Recompute every derived number as an interval and compare it with the printed one."""
    findings = []
    for ledger in ledgers:
        for claim in ledger.claims:
            if claim.arithmetic and UNNAMED not in claim.arithmetic.of and claim.value and claim.status != "predicted":
                findings.append(_one(ledger, claim))
        findings += _common_baseline(ledger)
    return [finding for finding in findings if finding]


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


def bounds(op: str, boxes: list[tuple[float, float]]) -> tuple[float, float]:
    """Return the least and largest result over the operands' rounding intervals (each op is monotone in each)."""
    results = [reckon(op, list(corner)) for corner in product(*boxes)]
    return min(results), max(results)


def _one(ledger: Ledger, claim: Claim) -> Finding | None:
    assert claim.arithmetic
    read = [operand(ledger, name) for name in claim.arithmetic.of]
    if any(value is None for value in read):
        return None
    op, printed = claim.arithmetic.op, number(claim)
    values = [value for value in read if value]
    same = len(set(claim.arithmetic.of)) < len(claim.arithmetic.of)  # a number over itself has no rounding error
    boxes = [(v.value, v.value) if same else (v.low, v.high) for v in values]
    low, high = bounds(op, boxes)
    centre = reckon(op, [v.value for v in values])
    holds = printed.low <= high + SLACK and low - SLACK <= printed.high
    line = f"{op}({', '.join(f'{v.value:g}' for v in values)}) = {centre:.6g}, within [{low:.6g}, {high:.6g}]; printed {claim.printed}"
    names = [name for name in claim.arithmetic.of if name in {c.id for c in ledger.claims}]
    against = tuple(f"{ledger.study}:{name}" for name in names)
    outcome = "consistent" if holds else "inconsistent"
    verb = "follows" if holds else "does not follow"
    statement = f"{claim.printed} ({claim.id}) {verb} from the numbers it is made of"
    return Finding("arithmetic", outcome, ledger.study, (claim.key,), against, statement, line, None if holds else 0.0)  # type: ignore[arg-type]


def _common_baseline(ledger: Ledger) -> list[Finding]:
    """Predicted ranges with percent ranges over a baseline that is not named: is there one that fits them all?"""
    families: dict[str, list[tuple[Claim, Claim, float, float]]] = defaultdict(list)
    claims = {claim.id: claim for claim in ledger.claims}
    for claim in ledger.claims:
        if not (claim.arithmetic and UNNAMED in claim.arithmetic.of and claim.arithmetic.op == "percent_change" and claim.value):
            continue
        source = claims[claim.arithmetic.of[0]]
        value = number(source)
        # Either end of the range over the matching end of the percent range, each with its rounding.
        bottom, top = _ends(source.printed), _ends(claim.printed)
        lows = [bottom[0][i] / (1 + top[0][j] / 100) for i in (0, 1) for j in (0, 1)]
        highs = [bottom[1][i] / (1 + top[1][j] / 100) for i in (0, 1) for j in (0, 1)]
        low, high = max(min(lows), min(highs)), min(max(lows), max(highs))
        assert value
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
    import re

    from harness.printed import parse

    text = printed.replace("%", "").replace("\u2013", "-").replace(" to ", "-")
    parts = [part for part in re.split(r"(?<=\d)\s*-\s*", text.strip()) if part]
    ends = [parse(part.strip()) for part in (parts if len(parts) == 2 else parts * 2)]
    assert ends[0] and ends[1]
    return (ends[0].low, ends[0].high), (ends[1].low, ends[1].high)

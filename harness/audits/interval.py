"""Interval on the published value: how far n units can tell two systems apart."""

from __future__ import annotations

from math import comb, sqrt

from harness.audits.finding import Finding
from harness.audits.granularity import counts, units
from harness.audits.select import Scoped, by_id, grain, number
from harness.audits.units import settled
from harness.ledger.claims import Claim, Ledger

Z = 1.959963984540054  # 97.5 % point of the normal distribution


def find(ledgers: list[Ledger]) -> list[Finding]:
    """For claims that order two printed shares of n units, ask whether n can carry the difference."""
    findings = []
    for ledger in settled(ledgers):
        claims = by_id(ledger)
        for claim, _ in scope(ledger):
            for a, b in _pairs(claims, claim):
                findings += _pair(ledger, claim, a, b)
    return findings


def scope(ledger: Ledger) -> list[Scoped]:
    """Return the orderings, each with what it lacks for a test of its counts."""
    found, claims = [c for c in ledger.claims if c.order and c.status != "predicted"], by_id(ledger)
    return [(claim, _lacking(ledger, _pairs(claims, claim))) for claim in found]


def _lacking(ledger: Ledger, pairs: list[tuple[Claim, Claim]]) -> str:
    if not pairs:
        return "its sides are no printed numbers"
    counted = any(_count(ledger, a) is not None and _count(ledger, b) is not None for a, b in pairs)
    return "" if counted else "its sides are no shares of a known n"


def _pairs(claims: dict[str, Claim], claim: Claim) -> list[tuple[Claim, Claim]]:
    sides = [[claims[side] for side in tier if isinstance(side, str)] for tier in claim.order or []]
    return [(a, b) for upper, lower in zip(sides, sides[1:], strict=False) for a in upper for b in lower]


def wilson(k: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share k/n (Wilson 1927)."""
    p, z2 = k / n, Z * Z
    centre, half = (p + z2 / (2 * n)) / (1 + z2 / n), Z * sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def fisher(a: int, n: int, b: int, m: int) -> float:
    """Return Fisher's exact two-sided p for a of n against b of m."""
    total, hits = n + m, a + b

    def chance(k: int) -> float:
        return comb(n, k) * comb(m, hits - k) / comb(total, hits)

    seen = chance(a)
    return min(1.0, sum(p for k in range(max(0, hits - m), min(n, hits) + 1) if (p := chance(k)) <= seen * (1 + 1e-9)))


def _count(ledger: Ledger, claim: Claim) -> int | None:
    if claim.status == "predicted" or not (
        claim.n and grain(ledger, claim) == 1 and units(claim) == claim.n and claim.value and claim.value.exact
    ):
        return None
    found = counts(number(claim), claim.n, percent=False)
    return found[0] if len(found) == 1 and 0 <= found[0] <= claim.n else None


def _gap(a: int, n: int, b: int, m: int) -> str:
    return f"{abs(a - b)} of {n}" if n == m else f"{a} of {n} against {b} of {m}"


def _pair(ledger: Ledger, claim: Claim, one: Claim, other: Claim) -> list[Finding]:
    a, b = _count(ledger, one), _count(ledger, other)
    if a is None or b is None or not one.n or not other.n:
        return []
    p = fisher(a, one.n, b, other.n)
    if p < 0.05:
        return []
    (low, high), (low2, high2) = wilson(a, one.n), wilson(b, other.n)
    line = f"{a}/{one.n} [{low:.3f}, {high:.3f}] against {b}/{other.n} [{low2:.3f}, {high2:.3f}], Fisher p = {p:.3f}"
    statement = (
        f"'{claim.printed}': {one.variant} and {other.variant} differ by {_gap(a, one.n, b, other.n)} on {one.metric}, which unpaired "
        "counts cannot tell apart; units that share a document make the intervals wider still"
    )
    return [Finding("interval", "caution", ledger.study, (claim.key,), (one.key, other.key), statement, line, None)]

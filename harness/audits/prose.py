"""Prose against table: orderings, best-of and trends that the printed cells do not bear out."""

from __future__ import annotations

from harness.audits.finding import Finding
from harness.audits.select import Scoped, below, by_id, number, span
from harness.audits.units import settled
from harness.ledger.claims import Claim, Ledger

SLACK = 1e-12


def find(ledgers: list[Ledger]) -> list[Finding]:
    """Compare each claim's order with the printed numbers it is about."""
    findings = []
    for ledger in settled(ledgers):
        claims = by_id(ledger)
        for claim, lacking in scope(ledger):
            if not lacking:
                findings.append(_compare(ledger, claim, _tiers(claims, claim)))
    return findings


def scope(ledger: Ledger) -> list[Scoped]:
    """Return the orderings, each with what it lacks to be compared with printed numbers."""
    found, claims = [c for c in ledger.claims if c.order and c.status != "predicted"], by_id(ledger)
    return [(claim, "" if all(_tiers(claims, claim)) else "a side has no printed number") for claim in found]


def _tiers(claims: dict[str, Claim], claim: Claim) -> list[list[Claim]]:
    sides = [[claims[side] for side in tier if isinstance(side, str)] for tier in claim.order or []]
    return [[side for side in tier if side.value and side.status != "predicted"] for tier in sides]


def _overlap(one: Claim, other: Claim) -> bool:
    (low, high), (low2, high2) = span(one), span(other)
    return low < high2 - SLACK and low2 < high - SLACK


def _compare(ledger: Ledger, claim: Claim, tiers: list[list[Claim]]) -> Finding:
    pairs = [(a, b) for upper, lower in zip(tiers, tiers[1:], strict=False) for a in upper for b in lower]
    reversed_ = [(a, b) for a, b in pairs if below(a, b)]
    rest = [(a, b) for a, b in pairs if (a, b) not in reversed_]
    tied = [(a, b) for a, b in rest if number(a).value < number(b).value or _overlap(a, b)]
    wrong = reversed_ or tied
    told = ", ".join(
        f"{a.printed} ({a.variant or a.id}) {_sign(a, b)} {b.printed} ({b.variant or b.id})" for a, b in wrong or pairs
    )
    sides = tuple(dict.fromkeys(side.key for pair in wrong or pairs for side in pair))
    if reversed_:
        statement = (
            f"'{claim.printed}' ({claim.metric}): the printed numbers say the reverse for {len(reversed_)} of {len(pairs)} pairs"
        )
        return Finding("prose", "inconsistent", ledger.study, (claim.key,), sides, statement, told, 0.0)
    if tied:
        statement = f"'{claim.printed}' ({claim.metric}): {len(tied)} of {len(pairs)} pairs {_same(tied)}"
        return Finding("prose", "caution", ledger.study, (claim.key,), sides, statement, told, None)
    statement = f"'{claim.printed}' ({claim.metric}) agrees with its numbers"
    return Finding("prose", "consistent", ledger.study, (claim.key,), sides, statement, told, None)


def _same(tied: list[tuple[Claim, Claim]]) -> str:
    equal = all(number(a).value == number(b).value for a, b in tied)
    return "are printed equal" if equal else "are not told apart by their printed digits"


def _sign(a: Claim, b: Claim) -> str:
    one, other = number(a).value, number(b).value
    return "<" if one < other else "=" if one == other else ">"

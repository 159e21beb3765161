"""Prose against table: orderings, best-of and trends that the printed cells do not bear out."""

from __future__ import annotations

from harness.audits.finding import Finding
from harness.audits.select import by_id, span
from harness.ledger.claims import Claim, Ledger

SLACK = 1e-12


def find(ledgers: list[Ledger]) -> list[Finding]:
    """Compare each claim's order with the printed numbers it is about."""
    findings = []
    for ledger in ledgers:
        claims = by_id(ledger)
        for claim in ledger.claims:
            if claim.order and claim.status != "predicted":
                sides = [[claims[side] for side in tier if isinstance(side, str)] for tier in claim.order]
                tiers = [[side for side in tier if side.value and side.status != "predicted"] for tier in sides]
                if all(tiers):
                    findings.append(_compare(ledger, claim, tiers))
    return findings


def _compare(ledger: Ledger, claim: Claim, tiers: list[list[Claim]]) -> Finding:
    pairs = [(a, b) for upper, lower in zip(tiers, tiers[1:], strict=False) for a in upper for b in lower]
    # 0.76 and 0.764 may be one number: only what rounding cannot swap is above or below.
    reversed_ = [(a, b) for a, b in pairs if span(a)[1] <= span(b)[0] + SLACK and _value(a) < _value(b)]
    tied = [
        (a, b)
        for a, b in pairs
        if (a, b) not in reversed_ and span(a)[0] < span(b)[1] - SLACK and span(b)[0] < span(a)[1] - SLACK
    ]
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
    equal = all(_value(a) == _value(b) for a, b in tied)
    return "are printed equal" if equal else "are not told apart by their printed digits"


def _value(claim: Claim) -> float:
    assert claim.value
    return claim.value.value


def _sign(a: Claim, b: Claim) -> str:
    return "<" if _value(a) < _value(b) else "=" if _value(a) == _value(b) else ">"

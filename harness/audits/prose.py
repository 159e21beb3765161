"""Prose against table: orderings, best-of and trends that the printed cells do not bear out."""

from __future__ import annotations

from harness.audits.select import by_id
from harness.finding import Finding
from harness.ledger import Claim, Ledger


def find(ledgers: list[Ledger]) -> list[Finding]:
    """Compare each claim's order with the printed numbers it is about."""
    findings = []
    for ledger in ledgers:
        claims = by_id(ledger)
        for claim in ledger.claims:
            if claim.order and claim.status != "predicted":
                tiers = [[claims[side] for side in tier if isinstance(side, str) and claims[side].value] for tier in claim.order]
                if all(tiers):
                    findings.append(_compare(ledger, claim, tiers))
    return findings


def _compare(ledger: Ledger, claim: Claim, tiers: list[list[Claim]]) -> Finding:
    pairs = [(a, b) for upper, lower in zip(tiers, tiers[1:], strict=False) for a in upper for b in lower]
    reversed_ = [(a, b) for a, b in pairs if _value(a) < _value(b)]
    tied = [(a, b) for a, b in pairs if _value(a) == _value(b)]
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
        statement = f"'{claim.printed}' ({claim.metric}): {len(tied)} of {len(pairs)} pairs are printed equal"
        return Finding("prose", "caution", ledger.study, (claim.key,), sides, statement, told, None)
    statement = f"'{claim.printed}' ({claim.metric}) agrees with its numbers"
    return Finding("prose", "consistent", ledger.study, (claim.key,), sides, statement, told, None)


def _value(claim: Claim) -> float:
    assert claim.value
    return claim.value.value


def _sign(a: Claim, b: Claim) -> str:
    return "<" if _value(a) < _value(b) else "=" if _value(a) == _value(b) else ">"

"""What several audits ask of a ledger: which claims are results, of which quantity, of which system."""

from __future__ import annotations

from harness.ledger import Claim, Ledger
from harness.printed import Printed, parse


def results(ledger: Ledger) -> list[Claim]:
    """Return the claims that assert a number as a result; predictions are none."""
    numeric = ("absolute", "difference")
    return [c for c in ledger.claims if c.kind in numeric and c.status != "predicted" and c.value is not None]


def quantity(ledger: Ledger, claim: Claim) -> str | None:
    """Return what a claim measures, in the ledger's vocabulary."""
    return ledger.metrics[claim.metric].quantity if claim.metric else None


def number(claim: Claim) -> Printed:
    """Return the printed number of a claim that is known to hold one."""
    value = claim.value
    assert value is not None
    return value


def operand(ledger: Ledger, name: str) -> Printed | None:
    """Return the number behind an operand: a claim's, or a literal's."""
    for claim in ledger.claims:
        if claim.id == name:
            return claim.value
    return parse(name)


def by_id(ledger: Ledger) -> dict[str, Claim]:
    """Return the claims by id."""
    return {claim.id: claim for claim in ledger.claims}

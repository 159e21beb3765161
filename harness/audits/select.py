"""What several audits ask of a ledger: which claims are results, of which quantity, of which system."""

from __future__ import annotations

from math import inf

from harness.ledger.claims import Claim, Ledger
from harness.ledger.printed import Printed


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


def span(claim: Claim) -> tuple[float, float]:
    """Return the values that the printed number leaves open; 'over 500' and '520+' have no upper end."""
    value, text = number(claim), claim.printed.strip()
    if text.startswith("over ") or text.endswith("+"):
        return value.value, inf
    return (-inf, value.value) if text.startswith("under ") else (value.low, value.high)


def by_id(ledger: Ledger) -> dict[str, Claim]:
    """Return the claims by id."""
    return {claim.id: claim for claim in ledger.claims}

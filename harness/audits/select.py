"""What several audits ask of a ledger: which claims are results, of which quantity, and what their digits leave open."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from harness.audits.finding import Outcome
from harness.ledger.claims import Claim, Ledger
from harness.ledger.printed import Printed, Rule, parse

Scoped = tuple[Claim, str]  # a claim that an audit is about, and why it cannot look at it ('' where it can)
RULES: tuple[Rule, ...] = ("nearest", "truncated")
TRUNCATED = "truncated? it fits digits that were cut off, not rounded"


def results(ledger: Ledger) -> list[Claim]:
    """Return the claims that assert a number as a result; predictions and bounds ('<0.001') are none."""
    numeric = ("absolute", "difference")
    found = [c for c in ledger.claims if c.kind in numeric and c.status != "predicted"]
    return [c for c in found if c.value is not None and not c.value.bound]


def quantity(ledger: Ledger, claim: Claim) -> str | None:
    """Return what a claim measures, in the ledger's vocabulary."""
    return ledger.metrics[claim.metric].quantity if claim.metric else None


def grain(ledger: Ledger, claim: Claim) -> int | None:
    """Return the whole parts that one query's value comes in, or None where it is not known."""
    return ledger.metrics[claim.metric].grain if claim.metric else None


def number(claim: Claim, rule: Rule = "nearest") -> Printed:
    """Return the number of a claim known to hold one, in the unit of scores: per cents as fractions.

    `rule`: how its digits came about, where the source does not say.
    """
    value = parse(claim.printed, claim.decimals, stated(claim) or rule, scale(claim))
    assert value is not None
    return value


def scale(claim: Claim) -> int:
    """Return the power of ten from a claim's unit to that of scores."""
    return -2 if claim.unit == "percent" else 0


def stated(claim: Claim) -> Rule | None:
    """Return how the source says that it cuts its digits, None where it does not say."""
    return claim.rounding if claim.rounding != "unknown" else None


def span(claim: Claim, rule: Rule = "nearest") -> tuple[float, float]:
    """Return the values that the printed number leaves open; 'over 500' and '520+' have no upper end."""
    value = number(claim, rule)
    return value.low, value.high


def judged(fits: Callable[[Rule], bool], claims: Iterable[Claim]) -> Outcome:
    """Return consistent, or a caution where only cut-off digits would fit and no source says that they were rounded."""
    if fits("nearest"):
        return "consistent"
    unsaid = any(claim.value and stated(claim) is None for claim in claims)
    return "caution" if unsaid and fits("either") else "inconsistent"


def below(one: Claim, other: Claim) -> bool:
    """Say whether one number is below another however digits are cut, both in one way: 0.76 and 0.764 may be the same."""
    return number(one).value < number(other).value and all(span(one, rule)[1] <= span(other, rule)[0] + 1e-12 for rule in RULES)


def hundredfold(one: Claim, other: Claim) -> bool:
    """Say whether two numbers would be the same if one of them, whose unit nobody states, were a per cent or a fraction."""
    if "none" not in (one.unit, other.unit):
        return False
    (low, high), (low2, high2) = span(one, "either"), span(other, "either")
    return low * high > 0 and any(low <= high2 * k and low2 * k <= high for k in (100, 0.01))


def by_id(ledger: Ledger) -> dict[str, Claim]:
    """Return the claims by id."""
    return {claim.id: claim for claim in ledger.claims}

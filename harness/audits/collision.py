"""Cell collision: a number equal, digit for digit, to another statistic of the same system."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations

from harness.audits.finding import Finding
from harness.audits.select import number, quantity, results
from harness.ledger.claims import Claim, Ledger


def find(ledgers: list[Ledger]) -> list[Finding]:
    """Compare the different quantities of each system in each document."""
    findings = []
    for ledger in ledgers:
        systems: dict[tuple[str, str], list[Claim]] = defaultdict(list)
        for claim in results(ledger):
            if claim.variant and claim.kind == "absolute" and not claim.restates and _telling(claim):
                systems[claim.document, claim.variant].append(claim)
        pairs = [pair for claims in systems.values() for pair in combinations(claims, 2) if _differ(ledger, *pair)]
        for one, other in pairs:
            if number(one).value == number(other).value:
                findings.append(_finding(ledger, one, other, len(pairs)))
    return findings


def _telling(claim: Claim) -> bool:
    """Say whether equal digits mean anything: three significant ones, and no round number."""
    digits = f"{number(claim).value:.12g}".replace(".", "").replace("-", "").lstrip("0").rstrip("0")
    return len(digits) >= 3


def _differ(ledger: Ledger, one: Claim, other: Claim) -> bool:
    """Say whether two cells measure different things that are not tied by definition (recall and hits may be equal)."""
    kinds = {quantity(ledger, one), quantity(ledger, other)}
    tied = ({"hit_rate", "f1"}, {"hit_rate", "recall"}, {"hit_rate", "mrr"}, {"recall", "f1"}, {"accuracy", "hit_rate"})
    return len(kinds) == 2 and kinds not in tied and "other" not in kinds and "loss" not in kinds and "count" not in kinds


def _finding(ledger: Ledger, one: Claim, other: Claim, comparisons: int) -> Finding:
    chance = min(1.0, comparisons * 10.0 ** -number(one).decimals)
    suspect = _out_of_place(ledger, one, other)
    keys = (suspect.key,) if suspect else (one.key, other.key)
    against = tuple(c.key for c in (one, other) if c is not suspect) if suspect else ()
    names = f"{one.metric} and {other.metric} of {one.variant} are both printed {one.printed}"
    guess = f"; {suspect.metric} is the one that cannot be, so it likely stands in the wrong cell" if suspect else ""
    line = f"{comparisons} pairs compared, chance of equal digits about {comparisons} x 10^-{number(one).decimals}"
    return Finding(
        "collision", "inconsistent" if suspect else "caution", ledger.study, keys, against, names + guess, line, chance
    )


def _out_of_place(ledger: Ledger, one: Claim, other: Claim) -> Claim | None:
    """Return the one of two equal cells that breaks a bound, if exactly one does."""
    from harness.audits import bounds

    alone = ledger.model_copy(update={"claims": [one, other]})
    flagged = {key for finding in bounds.find([alone]) for key in finding.claims}
    broken = [claim for claim in (one, other) if claim.key in flagged]
    return broken[0] if len(broken) == 1 else None

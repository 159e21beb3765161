"""Predicted ranges with their percent changes over a baseline that nobody names: is there one that fits them all?"""

from __future__ import annotations

from collections import defaultdict

from harness.audits.finding import Finding, Outcome
from harness.audits.select import RULES, by_id, scale
from harness.errors import InputError
from harness.ledger.claims import UNNAMED, Claim, Ledger
from harness.ledger.printed import Rule, ends

Pair = tuple[Claim, Claim]  # the percent range and the range that it is about


def find(ledger: Ledger) -> list[Finding]:
    """Return one finding for each family of percent ranges over an unnamed baseline; raise InputError for words as ranges."""
    families: dict[str, list[Pair]] = defaultdict(list)
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
        families[claim.family or claim.id].append((claim, source))
    return [_shared(ledger, family, pairs) for family, pairs in families.items()]


def baselines(pair: Pair, rule: Rule) -> tuple[float, float]:
    """Return the least and largest baseline that both ends of a range allow; the least is above the largest if none does."""
    change, source = pair
    percents, values = (ends(claim.printed, rule, scale(claim)) for claim in (change, source))
    assert percents and values
    fits = [
        [value / (1 + percent) for value in (end.low, end.high) for percent in (over.low, over.high)]
        for end, over in zip(values, percents, strict=True)
    ]
    return max(map(min, fits)), min(map(max, fits))


def _shared(ledger: Ledger, family: str, pairs: list[Pair]) -> Finding:
    def common(rule: Rule) -> tuple[float, float]:
        spans = [baselines(pair, rule) for pair in pairs]
        return max(low for low, _ in spans), min(high for _, high in spans)

    # The ranges of one list are written by one rule.
    found = next(((low, high) for low, high in map(common, RULES) if low <= high), None)
    spans = [(source.printed, change.printed, *baselines((change, source), "nearest")) for change, source in pairs]
    told = "; ".join(
        f"{of} as {as_}: [{low:.4f}, {high:.4f}]" if low <= high else f"{of} as {as_}: none" for of, as_, low, high in spans
    )
    outcome: Outcome = "consistent" if found else "inconsistent"
    statement = (
        f"the predicted ranges of '{family}' share a baseline in [{found[0]:.4f}, {found[1]:.4f}]"
        if found
        else f"the {len(pairs)} predicted ranges of '{family}' (predictions, no results) fit no single baseline"
    )
    keys, against = tuple(c.key for c, _ in pairs), tuple(s.key for _, s in pairs)
    return Finding("arithmetic", outcome, ledger.study, keys, against, statement, told, None if found else 0.0)

"""Claims that need no run: a setting or a count against what a public file says, and what only restates another claim."""

from __future__ import annotations

from dataclasses import replace

from harness.errors import InputError
from harness.ledger.claims import Claim
from harness.ledger.printed import Printed, parse
from harness.verdicts.join import Scores
from harness.verdicts.words import UNJUDGED, Verdict


def told(claim: Claim, scores: Scores, where: str) -> str | None:
    """Return what the public file has in the claim's place; None for words. Raise InputError, opened by `where`, for no such count."""
    fact = claim.fact
    if fact is None or fact.collection is None:
        return fact.value if fact else None
    key = (claim.study, fact.collection, str(fact.count))
    if key not in scores.counts:
        raise InputError(
            f"{where}: fact: no count of {fact.count} is pinned for the source's own '{fact.collection}'; "
            "its definition needs `counts`, and the same `identity` as the role of experiment.yaml"
        )
    return str(scores.counts[key])


def judge(claim: Claim, value: str | None) -> Verdict:
    """Return `exact` where a public file says the same, `contradicted` where the data say otherwise, and where code does, `inconsistent as printed`."""
    fact = claim.fact
    assert fact
    where = fact.of or f"the {fact.count} of {fact.collection}"
    holds = fact.holds if value is None else _same(claim.value, parse(value))
    said = where if value is None else f"{where}: {value}"
    if holds:
        return Verdict("exact", f"as in {said}" if value is None else said, "another revision of the file")
    word = "contradicted" if fact.collection else "inconsistent as printed"
    return Verdict(word, f"{claim.printed} is printed, but not so in {said}" if value is None else f"{claim.printed} is printed; {said}", "a correction by the source")


def _same(printed: Printed | None, found: Printed | None) -> bool:
    """Say whether the printed number is the one found: its interval of rounding holds it, as must that of 'about' and of a limit."""
    return printed is not None and found is not None and printed.low <= found.value <= printed.high


def restated(claim: Claim, other: Claim, verdict: Verdict) -> Verdict | None:
    """Return the verdict of the claim that this one only repeats; None where it says something else, or the other has no verdict of use."""
    if not claim.untested or claim.printed != other.printed or claim.unit != other.unit:
        return None
    if verdict.word in UNJUDGED - {"out of reach", "not decidable here", "not identifiable", "inconsistent as printed"}:
        return None
    return replace(verdict, reason=f"restates {other.id}: {verdict.reason}")

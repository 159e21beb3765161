"""Units, settled once before any audit: which numbers are per cents, and which ones must be asked about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from harness.audits.select import by_id, number, results
from harness.ledger.claims import Claim, Ledger

SLACK = 1e-9
Kin = tuple[str, str | None, str, str]
Alike = dict[Kin, tuple[int, int]]
FEW = 3  # cells of one metric and document that show by themselves in which unit they stand


def settled(ledgers: Iterable[Ledger]) -> list[Ledger]:
    """Return the ledgers with `unit: percent` wherever a number is a per cent, said or not, and commas read as they must be.

    Nobody need write that a percent change is a per cent. A number out of its metric's range that would be in range as a
    per cent, or with a decimal comma, is read so: `doubtful` asks, and no other audit accuses it for its unit.
    """
    return [_settled(ledger) for ledger in ledgers]


def doubtful(ledger: Ledger) -> list[tuple[Claim, str]]:
    """Return the claims whose unit or comma must be asked about, each with the question."""
    ledger = _derived(ledger)
    alike = _alike(ledger)
    found = [(claim, *_reread(ledger, claim, alike)) for claim in results(ledger)]
    return [(claim, question) for claim, question, _ in found if question]


def limits(ledger: Ledger, claim: Claim) -> tuple[float, float] | None:
    """Return the range of a claim's metric in the unit of scores: one of 0 to 100 is that of a share."""
    given = ledger.metrics[claim.metric].range if claim.metric else None
    if given is None:
        return None
    share = claim.unit in ("percent", "fraction") and given[1] == 100
    return (given[0] / 100, 1.0) if share else (given[0], given[1])


def inside(ledger: Ledger, claim: Claim) -> bool:
    """Say whether a number can be in the range of its metric, however its digits were cut."""
    if claim.kind != "absolute" or not (given := limits(ledger, claim)):  # a difference has another range
        return True
    value = number(claim, "either")
    return given[0] - SLACK <= value.high and value.low <= given[1] + SLACK


def _settled(ledger: Ledger) -> Ledger:
    ledger = _derived(ledger)
    alike = _alike(ledger)
    changed = {claim.id: changes for claim in results(ledger) if (changes := _reread(ledger, claim, alike)[1])}
    claims = [claim.model_copy(update=changed[claim.id]) if claim.id in changed else claim for claim in ledger.claims]
    return ledger.model_copy(update={"claims": claims}) if changed else ledger


def _derived(ledger: Ledger) -> Ledger:
    """Where no unit stands, what is made of per cents is a per cent."""
    claims = by_id(ledger)
    found = {c.id for c in ledger.claims if c.unit == "none" and _percent(c, claims, frozenset())}
    changed = [claim.model_copy(update={"unit": "percent"}) if claim.id in found else claim for claim in ledger.claims]
    return ledger.model_copy(update={"claims": changed}) if found else ledger


def _percent(claim: Claim, claims: dict[str, Claim], seen: frozenset[str]) -> bool:
    if claim.unit != "none" or claim.arithmetic is None or claim.id in seen:
        return claim.unit == "percent"
    if claim.arithmetic.op in ("percent", "percent_change"):
        return True
    parts = [claims[name] for name in claim.arithmetic.of if name in claims]
    alike = claim.arithmetic.op in ("mean", "sum", "difference")
    return alike and bool(parts) and all(_percent(part, claims, seen | {claim.id}) for part in parts)


def _reread(ledger: Ledger, claim: Claim, alike: Alike) -> tuple[str, dict[str, str]]:
    """Return the question that a number out of range raises and how to read it meanwhile; nothing where it raises none."""
    if inside(ledger, claim):
        return "", {}
    ways = [("is the unit percent?", {"unit": "percent"})] if claim.unit != "percent" else []
    if claim.value and claim.value.grouped and claim.printed.count(",") == 1:
        point = {"printed": claim.printed.replace(",", ".")}
        ways += [
            ("is its comma one of decimals?", point),
            ("is it a per cent with a decimal comma?", point | {"unit": "percent"}),
        ]
    for question, changes in ways:
        if inside(ledger, claim.model_copy(update=changes)) and ("printed" in changes or not _alone(claim, alike)):
            return question, changes
    return "", {}


def _kin(claim: Claim) -> Kin:
    return claim.document, claim.metric, claim.unit, claim.kind


def _alike(ledger: Ledger) -> Alike:
    """Count the cells of each metric, document and unit, without noughts: those in range, and all."""
    counts: Alike = defaultdict(lambda: (0, 0))
    for claim in results(ledger):
        if number(claim).value != 0:
            fitting, every = counts[_kin(claim)]
            counts[_kin(claim)] = fitting + inside(ledger, claim), every + 1
    return counts


def _alone(claim: Claim, alike: Alike) -> bool:
    """Say whether the other cells of the same metric and document show that the number itself is off, not its unit."""
    fitting, every = alike[_kin(claim)]  # this one among all, and not among the fitting
    if claim.unit == "none":
        return fitting >= FEW and fitting == every - 1
    return fitting > 0 or every == 1  # the unit is stated: it is doubted where no cell of it fits

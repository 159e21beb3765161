"""Baseline anchoring: the paper's baseline against the public record of the same model on the same collection."""

from __future__ import annotations

from collections import defaultdict
from math import comb

from harness.audits.finding import Finding
from harness.audits.select import TRUNCATED, Scoped, hundredfold, judged, number, results, scale, span
from harness.audits.units import settled
from harness.ledger.claims import Claim, Ledger
from harness.ledger.printed import Rule

Place = tuple[str, str, str]  # model, collection, score identifier
Records = dict[Place, list[Claim]]
SLACK = 1e-12


def find(ledgers: list[Ledger]) -> list[Finding]:
    """Compare rows that name a public model with its record, and rows built on it with the record's level.

    A record is a claim about a model made by a study whose method is that model: its ledger names no `built_on`.
    """
    ledgers = settled(ledgers)
    records = recorded(ledgers)
    findings = []
    for ledger in (ledger for ledger in ledgers if not _is_record(ledger)):
        rows = [claim for claim in results(ledger) if _row(claim)]
        findings += [f for claim in rows if (f := _baseline(ledger, claim, records))]
        findings += _heads(ledger, rows, records)
    return findings


def recorded(ledgers: list[Ledger]) -> Records:
    """Return the public records of each model, collection and score."""
    records: Records = defaultdict(list)
    for ledger in filter(_is_record, ledgers):
        for claim in results(ledger):
            if place := _place(ledger, claim, claim.model):
                records[place].append(claim)
    return records


def held(ledger: Ledger, ledgers: list[Ledger]) -> set[str]:
    """Return the studies whose records the rows of a paper are held against: no other ledger bears on what is found of it."""
    rows = [] if _is_record(ledger) else [claim for claim in results(ledger) if _row(claim)]
    places = {place for claim in rows for model in (claim.model, claim.built_on) if (place := _place(ledger, claim, model))}
    return {claim.study for place, claims in recorded(ledgers).items() if place in places for claim in claims}


def scope(ledger: Ledger, records: Records) -> list[Scoped]:
    """Return the rows of a paper, each with what it lacks to be held against a record; a record is held against none."""
    return [] if _is_record(ledger) else [(c, _lacking(ledger, c, records)) for c in results(ledger) if _row(c)]


def _row(claim: Claim) -> bool:
    return claim.kind == "absolute" and not claim.restates and claim.status in ("measured", "copied")


def _lacking(ledger: Ledger, claim: Claim, records: Records) -> str:
    if not (claim.model or claim.built_on):
        return "no public model"
    if not claim.collection:
        return "no collection"
    if not claim.metric or not ledger.metrics[claim.metric].score:
        return "no score"
    places = [_place(ledger, claim, model) for model in (claim.model, claim.built_on)]
    return "" if any(place in records for place in places) else "no public record of this model, collection and score"


def _is_record(ledger: Ledger) -> bool:
    models = {claim.model for claim in ledger.claims}
    return len(models) == 1 and None not in models and not any(claim.built_on for claim in ledger.claims)


def _place(ledger: Ledger, claim: Claim, model: str | None) -> Place | None:
    score = ledger.metrics[claim.metric].score if claim.metric else None
    return (model, claim.collection, score) if model and claim.collection and score else None


def _margin(claim: Claim, record: Claim) -> float:
    """The larger of the margins that both were declared with, in the unit of scores."""
    return max([margin.value * 10.0 ** scale(c) for c in (claim, record) if (margin := c.margin)], default=0.0)


def _baseline(ledger: Ledger, claim: Claim, records: Records) -> Finding | None:
    place = _place(ledger, claim, claim.model)
    if place not in records:
        return None
    # Of several records the nearest: the row is accused only if it is none of them.
    record = min(records[place], key=lambda r: abs(number(claim).value - number(r).value))
    margin = _margin(claim, record)

    def fits(rule: Rule) -> bool:
        (low, high), (low2, high2) = span(claim, rule), span(record, rule)
        return low <= high2 + margin + SLACK and low2 <= high + margin + SLACK

    outcome, gap = judged(fits, (claim, record)), number(claim).value - number(record).value
    half = sum((high - low) / 2 for low, high in (span(claim), span(record)))
    line = f"{claim.printed} - {record.printed}: {gap:+.4f}, allowed {half + margin:.4f}"
    where = f"{claim.model} on {claim.collection}"
    side = "below" if gap < 0 else "above"
    if outcome == "inconsistent" and hundredfold(claim, record):
        outcome, statement = (
            "caution",
            f"the row {claim.id}, called {where}, differs from its record by a factor of 100: is the unit percent?",
        )
    elif outcome == "inconsistent":
        statement = f"the row {claim.id}, called {where}, is {side} its public record: this baseline is not that model"
    elif outcome == "caution":
        statement = f"the row {claim.id}, called {where}, is {side} its public record; {TRUNCATED}"
    else:
        statement = f"the baseline {claim.id} meets the public record of {where}"
    chance = 0.0 if outcome == "inconsistent" else None
    return Finding("anchoring", outcome, ledger.study, (claim.key,), (record.key,), statement, line, chance)


def _heads(ledger: Ledger, rows: list[Claim], records: Records) -> list[Finding]:
    built: Records = defaultdict(list)
    for claim in rows:
        if place := _place(ledger, claim, claim.built_on):
            built[place].append(claim)
    findings = []
    for place, claims in built.items():
        if place not in records:
            continue
        record = min(records[place], key=lambda r: number(r).value)
        below = [c for c in claims if span(c, "either")[1] < span(record)[0]]
        best = max(claims, key=lambda c: number(c).value)
        if 2 * len(below) <= len(claims):
            continue
        share = "every one" if len(below) == len(claims) else f"{len(below)}"
        statement = f"{share} of the {len(claims)} systems built on {place[0]} is below its public record on {place[1]}"
        line = f"record {record.printed}; best {best.printed} ({best.variant}), {100 * (number(best).value / number(record).value - 1):+.2f} %"
        keys = tuple(c.key for c in below)
        chance = _sign_chance(len(below), len(claims))
        findings.append(Finding("anchoring", "caution", ledger.study, keys, (record.key,), statement, line, chance))
    return findings


def _sign_chance(below: int, total: int) -> float:
    """The chance that so many or more of `total` fair coins fall one way (sign test, one-sided)."""
    return sum(comb(total, k) for k in range(below, total + 1)) / 2.0**total

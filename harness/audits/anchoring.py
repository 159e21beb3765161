"""Baseline anchoring: the paper's baseline against the public record of the same model on the same collection."""

from __future__ import annotations

from collections import defaultdict
from math import comb

from harness.audits.finding import Finding
from harness.audits.select import number, results
from harness.ledger.claims import Claim, Ledger

Place = tuple[str, str, str]  # model, collection, score identifier


def find(ledgers: list[Ledger]) -> list[Finding]:
    """Compare rows that name a public model with its record, and rows built on it with the record's level.

    A record is a claim about a model made by a study whose method is that model: its ledger names no `built_on`.
    """
    public = [ledger for ledger in ledgers if _is_record(ledger)]
    records: dict[Place, list[Claim]] = defaultdict(list)
    for ledger in public:
        for claim in results(ledger):
            if place := _place(ledger, claim, claim.model):
                records[place].append(claim)
    findings = []
    for ledger in ledgers:
        if ledger in public:
            continue
        rows = [claim for claim in results(ledger) if not claim.restates and claim.status in ("measured", "copied")]
        findings += [f for claim in rows if (f := _baseline(ledger, claim, records))]
        findings += _heads(ledger, rows, records)
    return findings


def _is_record(ledger: Ledger) -> bool:
    models = {claim.model for claim in ledger.claims}
    return len(models) == 1 and None not in models and not any(claim.built_on for claim in ledger.claims)


def _place(ledger: Ledger, claim: Claim, model: str | None) -> Place | None:
    score = ledger.metrics[claim.metric].score if claim.metric else None
    return (model, claim.collection, score) if model and claim.collection and score else None


def _allowed(claim: Claim, record: Claim) -> float:
    """The rounding of both and the margin that each was declared with."""
    half = (number(claim).high - number(claim).low + number(record).high - number(record).low) / 2
    return half + max(margin.value for c in (claim, record) if (margin := c.margin)) if claim.margin or record.margin else half


def _baseline(ledger: Ledger, claim: Claim, records: dict[Place, list[Claim]]) -> Finding | None:
    place = _place(ledger, claim, claim.model)
    if place not in records:
        return None
    # Of several records the nearest: the row is accused only if it is none of them.
    record = min(records[place], key=lambda r: abs(number(claim).value - number(r).value))
    gap = number(claim).value - number(record).value
    holds = abs(gap) <= _allowed(claim, record)
    line = f"{claim.printed} - {record.printed} = {gap:+.4f}, allowed {_allowed(claim, record):.4f}"
    where = f"{claim.model} on {claim.collection}"
    if holds:
        statement = f"the baseline {claim.id} meets the public record of {where}"
        return Finding("anchoring", "consistent", ledger.study, (claim.key,), (record.key,), statement, line, None)
    side = "below" if gap < 0 else "above"
    statement = f"the row {claim.id}, called {where}, is {side} its public record: this baseline is not that model"
    return Finding("anchoring", "inconsistent", ledger.study, (claim.key,), (record.key,), statement, line, 0.0)


def _heads(ledger: Ledger, rows: list[Claim], records: dict[Place, list[Claim]]) -> list[Finding]:
    built: dict[Place, list[Claim]] = defaultdict(list)
    for claim in rows:
        if place := _place(ledger, claim, claim.built_on):
            built[place].append(claim)
    findings = []
    for place, claims in built.items():
        if place not in records:
            continue
        record = min(records[place], key=lambda r: number(r).value)
        below = [c for c in claims if number(c).high < number(record).low]
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

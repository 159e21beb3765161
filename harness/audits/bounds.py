"""Bounds and identities: what no data at all could give."""

from __future__ import annotations

from collections import defaultdict

from harness.audits.finding import Finding
from harness.audits.select import number, quantity, results
from harness.ledger.claims import Claim, Ledger

SLACK = 1e-9


def find(ledgers: list[Ledger]) -> list[Finding]:
    """Test every result against the range of its metric, the rank bounds and the identities."""
    findings = []
    for ledger in ledgers:
        for claim in results(ledger):
            if claim.metric and claim.kind == "absolute":  # a difference has another range
                findings += _range(ledger, claim) + _rank(ledger, claim) + _cone(ledger, claim)
        findings += _one_positive(ledger)
    return findings


def _finding(ledger: Ledger, claims: tuple[Claim, ...], statement: str, line: str) -> Finding:
    return Finding("bounds", "inconsistent", ledger.study, tuple(c.key for c in claims), (), statement, line, 0.0)


def _range(ledger: Ledger, claim: Claim) -> list[Finding]:
    limits = ledger.metrics[str(claim.metric)].range
    value = number(claim)
    if not limits:
        return []
    scale = 100 if claim.unit == "percent" and limits[1] <= 1 else 1
    low, high = limits[0] * scale, limits[1] * scale
    if low - SLACK <= value.high and value.low <= high + SLACK:
        return []
    line = f"{claim.printed} is outside [{low:g}, {high:g}]"
    return [_finding(ledger, (claim,), f"{claim.printed} is no possible {claim.metric}", line)]


def _rank(ledger: Ledger, claim: Claim) -> list[Finding]:
    """n points span at most n - 1 dimensions: PR ≤ min(n-1, d), IsoScore ≤ (min(n-1, d) - 1)/(d - 1)."""
    kind = quantity(ledger, claim)
    if not (claim.points and claim.dimensions and kind in ("isoscore", "participation_ratio")):
        return []
    rank = min(claim.points - 1, claim.dimensions)
    most = float(rank) if kind == "participation_ratio" else (rank - 1) / (claim.dimensions - 1)
    most *= 100 if claim.unit == "percent" and kind == "isoscore" else 1
    if number(claim).low <= most + SLACK:
        return []
    line = f"min({claim.points} - 1, {claim.dimensions}) = {rank} dimensions at most, so {kind} <= {most:.4f} < {claim.printed}"
    return [_finding(ledger, (claim,), f"{claim.printed} breaks the rank bound of {kind} ({claim.variant})", line)]


def _cone(ledger: Ledger, claim: Claim) -> list[Finding]:
    if quantity(ledger, claim) != "mean_cosine" or not claim.points:
        return []
    least = -(100 if claim.unit == "percent" else 1) / (claim.points - 1)
    if number(claim).high >= least - SLACK:
        return []
    line = f"the mean cosine of {claim.points} points is at least -1/({claim.points} - 1) = {least:.5f}"
    return [_finding(ledger, (claim,), f"{claim.printed} is no possible mean cosine", line)]


def _one_positive(ledger: Ledger) -> list[Finding]:
    """With one positive a query Recall@k is the hit rate: the metric's step says how many positives there may be."""
    cells: dict[tuple[str, str | None, str | None, int | None], dict[str, Claim]] = defaultdict(dict)
    for claim in results(ledger):
        if claim.metric and quantity(ledger, claim) in ("recall", "hit_rate") and ledger.metrics[claim.metric].step == 1:
            place = (claim.document, claim.variant, claim.collection, ledger.metrics[claim.metric].cutoff)
            cells[place][str(quantity(ledger, claim))] = claim
    findings = []
    for found in cells.values():
        if len(found) == 2 and (
            number(found["recall"]).low > number(found["hit_rate"]).high
            or number(found["hit_rate"]).low > number(found["recall"]).high
        ):
            pair = (found["recall"], found["hit_rate"])
            line = f"recall {pair[0].printed}, hit rate {pair[1].printed}"
            findings.append(_finding(ledger, pair, "with one positive a query, recall and hit rate must agree", line))
    return findings

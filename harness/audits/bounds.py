"""Bounds and identities: what no data at all could give."""

from __future__ import annotations

from collections import defaultdict

from harness.audits.finding import Finding
from harness.audits.select import TRUNCATED, Scoped, judged, number, quantity, results, span
from harness.audits.units import doubtful, inside, limits, settled
from harness.ledger.claims import Claim, Ledger
from harness.ledger.printed import Rule

SLACK = 1e-9


def find(ledgers: list[Ledger]) -> list[Finding]:
    """Test every result against the range of its metric, the rank bounds and the identities; ask where a unit is in doubt."""
    findings = []
    for raw, ledger in zip(ledgers, settled(ledgers), strict=True):
        for claim in results(ledger):
            if claim.metric and claim.kind == "absolute":  # a difference has another range
                findings += _range(ledger, claim) + _rank(ledger, claim) + _cone(ledger, claim)
        findings += _one_positive(ledger) + [_question(raw, claim, question) for claim, question in doubtful(raw)]
    return findings


def scope(ledger: Ledger) -> list[Scoped]:
    """Return the numbers that a metric describes, each with what it lacks to be bounded."""
    found = [claim for claim in results(ledger) if claim.metric and claim.kind == "absolute"]
    return [(claim, "" if limits(ledger, claim) else "its metric has no range") for claim in found]


def _finding(ledger: Ledger, claims: tuple[Claim, ...], statement: str, line: str) -> Finding:
    return Finding("bounds", "inconsistent", ledger.study, tuple(c.key for c in claims), (), statement, line, 0.0)


def _question(ledger: Ledger, claim: Claim, question: str) -> Finding:
    least, most = limits(ledger, claim) or (0.0, 0.0)
    statement = f"{claim.printed} ({claim.id}) is no possible {claim.metric} as it stands: {question}"
    line = f"{claim.printed} is outside [{least:g}, {most:g}]; read so, it is inside"
    return Finding("bounds", "caution", ledger.study, (claim.key,), (), statement, line, None)


def _shown(claim: Claim, value: float) -> str:
    """Return a bound as the claim would print it."""
    return f"{value * (100 if claim.unit == 'percent' else 1):.4f}"


def _range(ledger: Ledger, claim: Claim) -> list[Finding]:
    if inside(ledger, claim):
        return []
    least, most = limits(ledger, claim) or (0.0, 0.0)
    line = f"{claim.printed} is outside [{_shown(claim, least)}, {_shown(claim, most)}]"
    return [_finding(ledger, (claim,), f"{claim.printed} is no possible {claim.metric}", line)]


def _rank(ledger: Ledger, claim: Claim) -> list[Finding]:
    """n points span at most n - 1 dimensions: PR ≤ min(n-1, d), IsoScore ≤ (min(n-1, d) - 1)/(d - 1)."""
    kind, n, d = quantity(ledger, claim), claim.points, claim.dimensions
    if not (n and d) or kind not in ("isoscore", "participation_ratio"):
        return []
    rank = min(n - 1, d)
    most = float(rank) if kind == "participation_ratio" else (rank - 1) / (d - 1)
    if number(claim, "either").low <= most + SLACK:
        return []
    line = f"min({n} - 1, {d}) = {rank} dimensions at most, so {kind} <= {_shown(claim, most)} < {claim.printed}"
    statement = f"{claim.printed} breaks the rank bound of {kind} ({claim.variant})"
    # The package IsoScore 1.0 wants dimensions by samples: given the transpose, it scores d points of n dimensions.
    if kind == "isoscore" and number(claim, "either").low <= (min(d - 1, n) - 1) / (n - 1) + SLACK:
        statement += "; the transposed matrix could give it: an error of orientation?"
        line += f"; {d} points of {n} dimensions have another bound, and that is how IsoScore 1.0 reads a row for each text"
    return [_finding(ledger, (claim,), statement, line)]


def _cone(ledger: Ledger, claim: Claim) -> list[Finding]:
    if quantity(ledger, claim) != "mean_cosine" or not claim.points:
        return []
    least = -1 / (claim.points - 1)
    if number(claim, "either").high >= least - SLACK:
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
    pairs = [(found["recall"], found["hit_rate"]) for found in cells.values() if len(found) == 2]
    return [finding for recall, hit in pairs for finding in _same(ledger, recall, hit)]


def _same(ledger: Ledger, recall: Claim, hit: Claim) -> list[Finding]:
    def fits(rule: Rule) -> bool:
        (low, high), (low2, high2) = span(recall, rule), span(hit, rule)
        return low <= high2 + SLACK and low2 <= high + SLACK

    outcome, line = judged(fits, (recall, hit)), f"recall {recall.printed}, hit rate {hit.printed}"
    statement = "with one positive a query, recall and hit rate must agree"
    if outcome == "caution":
        return [Finding("bounds", outcome, ledger.study, (recall.key, hit.key), (), f"{statement}; {TRUNCATED}", line, None)]
    return [_finding(ledger, (recall, hit), statement, line)] if outcome == "inconsistent" else []

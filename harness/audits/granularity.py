"""Granularity: is a mean over n units some k/(n·step)? (GRIM; Brown & Heathers 2017), and can hits, F1 and MRR coexist?"""

from __future__ import annotations

from collections import defaultdict
from math import ceil, floor

from harness.audits.finding import Finding
from harness.audits.select import TRUNCATED, Scoped, grain, judged, number, quantity, results
from harness.audits.units import settled
from harness.ledger.claims import Claim, Ledger
from harness.ledger.printed import Printed, Rule

SLACK = 1e-9


def find(ledgers: list[Ledger]) -> list[Finding]:
    """Test each table's means against the integers that their n allows."""
    findings: list[Finding] = []
    for ledger in settled(ledgers):
        groups: dict[tuple[str, str], list[Claim]] = defaultdict(list)
        for claim, lacking in scope(ledger):
            if not lacking:
                groups[claim.document, claim.id.split(".")[0]].append(claim)
        for (_, table), claims in groups.items():
            findings += _table(ledger, table, claims)
        findings += _joint(ledger)
    return findings


def scope(ledger: Ledger) -> list[Scoped]:
    """Return the printed means, each with what it lacks to be tested."""
    return [(c, _lacking(ledger, c)) for c in results(ledger) if c.metric and c.kind == "absolute" and not c.restates]


def _lacking(ledger: Ledger, claim: Claim) -> str:
    if not claim.n:
        return "no n"
    if not grain(ledger, claim):
        return "no step, nor one that follows from the cut-off"
    if not number(claim).exact:
        return "about or a range"
    if number(claim).spread is not None and claim.printed_runs == "unknown":
        return "a mean of nobody knows how many runs"
    return "" if _cells(ledger, claim) * 10.0 ** -number(claim).decimals < 1 else "digits coarser than 1/(n step)"


def counts(value: Printed, cells: int, percent: bool) -> list[int]:
    """Return every integer k whose k/cells would be printed as `value`."""
    scale = cells / 100 if percent else cells
    return list(range(ceil(value.low * scale - SLACK), floor(value.high * scale + SLACK) + 1))


def units(claim: Claim) -> int:
    """Return the n of a claim, times the runs that it is a mean of."""
    word, _, runs = claim.printed_runs.rpartition(" of ")
    return (claim.n or 1) * (int(runs) if word == "mean" else 1)


def _cells(ledger: Ledger, claim: Claim) -> int:
    return units(claim) * (grain(ledger, claim) or 1)


def _fits(claim: Claim, cells: int, rule: Rule = "nearest") -> bool:
    return bool(counts(number(claim, rule), cells, percent=False))


def chance(ledger: Ledger, claim: Claim) -> float:
    """The share of printable values that are some k/cells, at most 1."""
    return min(1.0, (_cells(ledger, claim) + 1) / (10.0 ** number(claim).decimals + 1))


def _table(ledger: Ledger, table: str, claims: list[Claim]) -> list[Finding]:
    fitting = [claim for claim in claims if _fits(claim, _cells(ledger, claim))]
    findings = [_misfit(ledger, claim) for claim in claims if claim not in fitting]
    if not fitting:
        return findings
    luck, told = 1.0, []
    for claim in fitting:
        cells = _cells(ledger, claim)
        found = counts(number(claim), cells, percent=False)
        luck *= chance(ledger, claim)
        told.append(f"{claim.printed} = {found[0]}{f'..{found[-1]}' if len(found) > 1 else ''}/{cells}")
    sizes = ", ".join(f"k/{cells}" for cells in sorted({_cells(ledger, c) for c in fitting}))
    means = f"all {len(fitting)} means" if not findings else f"all {len(fitting)} of {len(claims)} means that fit"
    statement = f"table {table}: {means} are some {sizes}{_rivals(ledger, fitting)}"
    keys = tuple(c.key for c in fitting)
    return [*findings, Finding("granularity", "consistent", ledger.study, keys, (), statement, "; ".join(told), luck)]


def _misfit(ledger: Ledger, claim: Claim) -> Finding:
    cells = _cells(ledger, claim)
    outcome = judged(lambda rule: _fits(claim, cells, rule), [claim])
    near = floor(number(claim).value * cells)
    line = f"{near}/{cells} and {near + 1}/{cells} both round elsewhere"
    statement = f"{claim.printed} ({claim.metric}, {claim.variant}) is no k/{cells}"
    if outcome == "caution":
        found = counts(number(claim, "either"), cells, percent=False)
        statement, line = f"{statement} rounded; {TRUNCATED}", f"{found[0]}/{cells} = {found[0] / cells:.6f}"
    return Finding("granularity", outcome, ledger.study, (claim.key,), (), statement, line, None if outcome == "caution" else 0.0)


def _rivals(ledger: Ledger, claims: list[Claim]) -> str:
    """Name which other n near the stated one would fail: how much the fit says for the stated n."""
    sizes = {units(claim) for claim in claims}
    if len(sizes) != 1:
        return ""
    (n,) = sizes
    rivals = [m for m in range(max(2, n - 5), n + 6) if m != n]
    failing = [str(m) for m in rivals if any(not _fits(c, m * (grain(ledger, c) or 1)) for c in claims)]
    return f"; n = {', '.join(failing)} would fail" if failing else ""


def _joint(ledger: Ledger) -> list[Finding]:
    """Test hits, credits and MRR of one system, collection and cut-off together; recall counts where it has a step."""
    systems: dict[tuple[object, ...], dict[str, Claim]] = defaultdict(dict)
    for claim in results(ledger):
        kind, cutoff = quantity(ledger, claim), ledger.metrics[claim.metric].cutoff if claim.metric else None
        stepped = kind == "mrr" or grain(ledger, claim)
        if kind in ("hit_rate", "f1", "recall", "mrr") and claim.n and cutoff and stepped and not claim.restates:
            systems[claim.document, claim.variant, claim.collection, units(claim), cutoff][str(kind)] = claim
    return [
        _coexist(ledger, cells["hit_rate"], cells[credit], cells["mrr"])
        for cells in systems.values()
        for credit in ("f1", "recall")
        if {"hit_rate", credit, "mrr"} <= set(cells)
    ]


def _coexist(ledger: Ledger, hit: Claim, credit: Claim, mrr: Claim) -> Finding:
    """Hits h, credits k in steps: h <= k <= step h; each hit adds between 1/cutoff and 1 to MRR n."""
    n, cutoff, step = units(hit), ledger.metrics[str(mrr.metric)].cutoff or 1, grain(ledger, credit) or 1

    def read(rule: Rule) -> tuple[list[int], list[int], float, float]:
        hits, credits = counts(number(hit, rule), n, percent=False), counts(number(credit, rule), n * step, percent=False)
        return hits, credits, number(mrr, rule).low * n, number(mrr, rule).high * n

    def fits(rule: Rule) -> bool:
        hits, credits, low, high = read(rule)
        return any(h <= k <= step * h and h / cutoff <= high + SLACK and low - SLACK <= h for h in hits for k in credits)

    outcome = judged(fits, (hit, credit, mrr))
    hits, credits, low, high = read("either" if outcome == "caution" else "nearest")
    line = f"hits {hits}, credits/{step} {credits}, MRR·{n} in [{low:.2f}, {high:.2f}]"
    verb = {"consistent": "can", "caution": "can, if cut off, not rounded,", "inconsistent": "cannot"}[outcome]
    statement = f"hit rate, F1 and MRR of {hit.variant} {verb} come from one set of {n} rankings"
    alarm = 0.0 if outcome == "inconsistent" else None
    return Finding("granularity", outcome, ledger.study, (hit.key, credit.key, mrr.key), (), statement, line, alarm)

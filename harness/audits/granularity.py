"""Granularity: is a mean over n units some k/(n·step)? (GRIM; Brown & Heathers 2017), and can hits, F1 and MRR coexist?"""

from __future__ import annotations

from collections import defaultdict
from math import ceil, floor

from harness.audits.finding import Finding
from harness.audits.select import number, quantity, results
from harness.ledger.claims import Claim, Ledger
from harness.ledger.printed import Printed

SLACK = 1e-9


def find(ledgers: list[Ledger]) -> list[Finding]:
    """Test each table's means against the integers that their n allows."""
    findings: list[Finding] = []
    for ledger in ledgers:
        groups: dict[tuple[str, str], list[Claim]] = defaultdict(list)
        for claim in results(ledger):
            if claim.n and claim.metric and ledger.metrics[claim.metric].step and number(claim).exact and not claim.restates:
                groups[claim.document, claim.id.split(".")[0]].append(claim)
        for (_, table), claims in groups.items():
            findings += _table(ledger, table, claims)
        findings += _joint(ledger)
    return findings


def counts(value: Printed, cells: int, percent: bool) -> list[int]:
    """Return every integer k whose k/cells would be printed as `value`."""
    scale = cells / 100 if percent else cells
    return list(range(ceil(value.low * scale - SLACK), floor(value.high * scale + SLACK) + 1))


def _cells(ledger: Ledger, claim: Claim) -> int:
    assert claim.n and claim.metric
    return claim.n * (ledger.metrics[claim.metric].step or 1)


def _chance(claim: Claim, cells: int) -> float:
    """The share of printable values that are some k/cells, at most 1."""
    printable: float = 10.0 ** number(claim).decimals * (100 if claim.unit == "percent" else 1) + 1
    return min(1.0, (cells + 1) / printable)


def _table(ledger: Ledger, table: str, claims: list[Claim]) -> list[Finding]:
    fitting: list[Claim] = []
    failing: list[Claim] = []
    chance, told = 1.0, []
    for claim in claims:
        cells = _cells(ledger, claim)
        found = counts(number(claim), cells, claim.unit == "percent")
        (fitting if found else failing).append(claim)
        if found:
            chance *= _chance(claim, cells)
            told.append(
                f"{claim.printed} = {found[0]}/{cells}"
                if len(found) == 1
                else f"{claim.printed} = {found[0]}..{found[-1]}/{cells}"
            )
    findings = []
    for claim in failing:
        cells = _cells(ledger, claim)
        near = floor(number(claim).value * (cells / 100 if claim.unit == "percent" else cells))
        line = f"{near}/{cells} and {near + 1}/{cells} both round elsewhere"
        statement = f"{claim.printed} ({claim.metric}, {claim.variant}) is no k/{cells}"
        findings.append(Finding("granularity", "inconsistent", ledger.study, (claim.key,), (), statement, line, 0.0))
    if fitting:
        sizes = ", ".join(f"k/{cells}" for cells in sorted({_cells(ledger, c) for c in fitting}))
        statement = (
            f"table {table}: all {len(fitting)} of {len(claims)} means that fit are some {sizes}{_rivals(ledger, fitting)}"
        )
        if not failing:
            statement = f"table {table}: all {len(fitting)} means are some {sizes}{_rivals(ledger, fitting)}"
        keys = tuple(c.key for c in fitting)
        findings.append(Finding("granularity", "consistent", ledger.study, keys, (), statement, "; ".join(told), chance))
    return findings


def _rivals(ledger: Ledger, claims: list[Claim]) -> str:
    """Name which other n near the stated one would fail: how much the fit says for the stated n."""
    sizes = {claim.n for claim in claims}
    if len(sizes) != 1:
        return ""
    (n,) = sizes
    assert n is not None
    rivals = [m for m in range(max(2, n - 5), n + 6) if m != n]

    def fails(m: int) -> bool:
        return any(not counts(number(c), m * (_cells(ledger, c) // n), c.unit == "percent") for c in claims)

    failing = [str(m) for m in rivals if fails(m)]
    return f"; n = {', '.join(failing)} would fail" if failing else ""


def _joint(ledger: Ledger) -> list[Finding]:
    """Test hits, credits and MRR of one system, collection and cut-off together; recall counts where it has a step."""
    systems: dict[tuple[object, ...], dict[str, Claim]] = defaultdict(dict)
    for claim in results(ledger):
        kind, cutoff = quantity(ledger, claim), ledger.metrics[claim.metric].cutoff if claim.metric else None
        stepped = kind == "mrr" or (claim.metric and ledger.metrics[claim.metric].step)
        if kind in ("hit_rate", "f1", "recall", "mrr") and claim.n and cutoff and stepped and not claim.restates:
            systems[claim.document, claim.variant, claim.collection, claim.n, claim.unit, cutoff][kind] = claim
    return [
        _coexist(ledger, cells["hit_rate"], cells[credit], cells["mrr"])
        for cells in systems.values()
        for credit in ("f1", "recall")
        if {"hit_rate", credit, "mrr"} <= set(cells)
    ]


def _coexist(ledger: Ledger, hit: Claim, credit: Claim, mrr: Claim) -> Finding:
    """Hits h, credits k in steps: h <= k <= step h; each hit adds between 1/cutoff and 1 to MRR n."""
    n, percent = hit.n or 1, hit.unit == "percent"
    cutoff, step = ledger.metrics[str(mrr.metric)].cutoff or 1, ledger.metrics[str(credit.metric)].step or 1
    scale = n / 100 if percent else n
    low, high = number(mrr).low * scale, number(mrr).high * scale
    hits, credits = counts(number(hit), n, percent), counts(number(credit), n * step, percent)
    fits = any(h <= k <= step * h and h / cutoff <= high + SLACK and low - SLACK <= h for h in hits for k in credits)
    line = f"hits {hits}, credits/{step} {credits}, MRR·{n} in [{low:.2f}, {high:.2f}]"
    statement = f"hit rate, F1 and MRR of {hit.variant} {'can' if fits else 'cannot'} come from one set of {n} rankings"
    keys, outcome = (hit.key, credit.key, mrr.key), "consistent" if fits else "inconsistent"
    return Finding("granularity", outcome, ledger.study, keys, (), statement, line, None if fits else 0.0)  # type: ignore[arg-type]

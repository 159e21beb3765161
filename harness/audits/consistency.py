"""Cross-table consistency: what is repeated must be the same, and what describes one cloud must fit one cloud."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from harness.audits import clouds
from harness.audits.clouds import least_isoscore
from harness.audits.finding import Finding
from harness.audits.select import TRUNCATED, Scoped, below, by_id, hundredfold, judged, number, quantity, results, span
from harness.audits.units import settled
from harness.ledger.claims import Claim, Ledger
from harness.ledger.printed import Rule

__all__ = ["find", "least_isoscore", "scope"]


def find(ledgers: list[Ledger]) -> list[Finding]:
    """Test restatements, swapped columns, one cell printed twice, ranked lists, and IsoScore against the cosine table."""
    findings = []
    for ledger in settled(ledgers):
        findings += _restated(ledger) + _columns(ledger) + _twice(ledger) + _ranked(ledger) + clouds.find(ledger)
    return findings


def scope(ledger: Ledger) -> list[Scoped]:
    """Return the numbers, each with what it lacks to be held against another one: a claim that it restates, a list, a cloud."""
    lacking = clouds.lacking(ledger)
    named = {claim.restates for claim in ledger.claims if claim.restates}
    found = [c for c in ledger.claims if c.value and c.status != "predicted" and c.kind in ("absolute", "difference", "count")]
    return [
        (c, "" if c.restates or c.ranked or c.id in named else lacking.get(c.id, "nothing restates it, and no list or cloud has it"))
        for c in found
    ]  # fmt: skip


def _meets(one: Claim, other: Claim, rule: Rule = "nearest") -> bool:
    (low, high), (low2, high2) = span(one, rule), span(other, rule)
    return low <= high2 + 1e-12 and low2 <= high + 1e-12


def _restated(ledger: Ledger) -> list[Finding]:
    claims, findings = by_id(ledger), []
    for claim in ledger.claims:
        target = claims.get(claim.restates or "")
        if not (target and claim.value and target.value):
            continue
        outcome = judged(lambda rule, one=claim, other=target: _meets(one, other, rule), (claim, target))  # type: ignore[misc]
        if outcome == "consistent":
            continue
        statement = (
            f"{claim.document} gives {claim.id} as {claim.printed}; {target.document} ({target.place}) has {target.printed}"
        )
        if outcome == "inconsistent" and hundredfold(claim, target):
            outcome, statement = "caution", f"{statement}: is one of them a per cent?"
        elif outcome == "caution":
            statement += f"; {TRUNCATED}"
        line, chance = f"{claim.printed} != {target.printed}", 0.0 if outcome == "inconsistent" else None
        findings.append(Finding("consistency", outcome, ledger.study, (claim.key,), (target.key,), statement, line, chance))
    return findings


def _ranked(ledger: Ledger) -> list[Finding]:
    """The values of a list that is printed best first must fall."""
    lists: dict[tuple[str, str], list[Claim]] = defaultdict(list)
    for claim in results(ledger):
        if claim.ranked:
            lists[claim.document, claim.ranked].append(claim)
    findings = []
    for (_, name), claims in lists.items():
        rising = [(a, b) for a, b in pairwise(claims) if below(a, b)]
        line = ", ".join(f"{a.printed} before {b.printed}" for a, b in rising) or ", ".join(c.printed for c in claims)
        keys = tuple(dict.fromkeys(c.key for pair in rising for c in pair)) or tuple(c.key for c in claims)
        told = "is ranked best first, but rises" if rising else "falls, as a ranked list must"
        outcome, chance = ("inconsistent", 0.0) if rising else ("consistent", None)
        findings.append(Finding("consistency", outcome, ledger.study, keys, (), f"the list {name} {told}", line, chance))  # type: ignore[arg-type]
    return findings


def _columns(ledger: Ledger) -> list[Finding]:
    """Where a restated column differs, look for the column of the same table that it really is."""
    claims = by_id(ledger)
    columns: dict[tuple[str, str, str], list[tuple[Claim, str, str]]] = defaultdict(list)
    for claim in ledger.claims:
        parts = (claim.restates or "").split(".", 2)
        if len(parts) == 3 and claim.value:
            columns[claim.document, parts[0], parts[2]].append((claim, parts[1], parts[2]))
    findings = []
    for (document, table, column), cells in columns.items():
        wrong = [
            (c, row) for c, row, _ in cells
            if c.restates and claims[c.restates].value and not _meets(c, claims[c.restates], "either")
        ]  # fmt: skip
        others = {name.split(".", 2)[2] for name in claims if name.startswith(f"{table}.") and name.count(".") >= 2} - {column}
        for other in sorted(others):
            twins = [claims.get(f"{table}.{row}.{other}") for _, row in wrong]
            if len(wrong) >= 2 and all(
                t and t.value and number(c).value == number(t).value for (c, _), t in zip(wrong, twins, strict=True)
            ):
                keys = tuple(c.key for c, _ in wrong)
                found = tuple(t.key for t in twins if t)
                line = "; ".join(f"{c.printed} = {t.id}" for (c, _), t in zip(wrong, twins, strict=True) if t)
                chance = 1.0
                for c, _ in wrong:
                    chance *= len(others) * 10.0 ** -number(c).decimals
                statement = f"{document} gives as column '{column}' of {table} what is its column '{other}' ({len(wrong)} cells)"
                findings.append(
                    Finding("consistency", "inconsistent", ledger.study, keys, found, statement, line, min(1.0, chance))
                )
    return findings


def _twice(ledger: Ledger) -> list[Finding]:
    """One system, metric and collection printed with two values in two documents: both stand."""
    places: dict[tuple[str, ...], list[Claim]] = defaultdict(list)
    for claim in results(ledger):
        told_once = claim.kind == "absolute" and claim.source == "primary" and not claim.restates
        if told_once and claim.variant and claim.metric and quantity(ledger, claim) not in ("loss", "cosine", "other"):
            shape = (str(claim.n), str(claim.dimensions), str(claim.points))
            places[(claim.variant, claim.metric, claim.collection or "", *shape)].append(claim)
    findings = []
    for (variant, metric, *_), claims in places.items():
        first = claims[0]
        differing = [c for c in claims[1:] if c.document != first.document and not _meets(first, c, "either")]
        if differing:
            told = "; ".join(f"{c.printed} in {c.document}" for c in [first, *differing])
            keys = tuple(c.key for c in [first, *differing])
            statement = f"{metric} of {variant} is printed with {len(differing) + 1} values: several runs, or an error"
            findings.append(Finding("consistency", "caution", ledger.study, keys, (), statement, told, None))
    return findings

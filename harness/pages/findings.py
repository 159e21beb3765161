"""What the audit found, as people read it: a sentence that several findings share is said once."""

from __future__ import annotations

from collections import Counter
from itertools import takewhile
from typing import Any

from harness.audits.finding import Finding

Row = dict[str, str]
OUTCOMES = ("inconsistent", "caution", "not run", "consistent")  # the gravest first
SHARED = 6  # last words that make two findings of one audit say the same thing


def cells(finding: Finding) -> Row:
    """Return the strings of one finding."""
    plain = {key: str(getattr(finding, key)) for key in ("audit", "outcome", "study", "statement", "arithmetic")}
    return {
        **plain,
        "claims": " ".join(finding.claims),
        "against": " ".join(finding.against),
        "chance": chance(finding.false_alarm),
    }


def chance(value: float | None) -> str:
    """Write the chance of a false alarm; empty where nobody is accused."""
    return "" if value is None else "none" if value == 0 else f"{value:.1g}"


def groups(findings: list[Finding]) -> list[dict[str, Any]]:
    """Group findings of one study, audit and outcome that end in the same words: `sentence` once, and a line of `rows` for each.

    Findings that are alike in words and arithmetic are one row, with `count` of the claims that it concerns.
    """
    by_end: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        end = " ".join(finding.statement.split()[-SHARED:])
        by_end.setdefault((finding.outcome, finding.study, finding.audit, end), []).append(finding)
    ranked = sorted(by_end.items(), key=lambda one: OUTCOMES.index(one[0][0]))
    return [_group(outcome, study, audit, members) for (outcome, study, audit, _), members in ranked]


def _group(outcome: str, study: str, audit: str, members: list[Finding]) -> dict[str, Any]:
    alike: dict[tuple[str, str], list[Finding]] = {}
    for finding in members:
        alike.setdefault((finding.statement, finding.arithmetic), []).append(finding)
    shared = ending([statement.split() for statement, _ in alike])
    if not shared and len(alike) > 1:
        shared = [f"{len(alike)} findings"]
    rows = []
    for (statement, arithmetic), same in alike.items():
        words = statement.split()
        kept = len(words) - len(shared) if words[-len(shared) :] == shared else len(words)
        own = " ".join(words[:kept]).rstrip(":;,") if len(alike) > 1 else ""
        claims = list(dict.fromkeys(claim for one in same for claim in one.claims))
        rows.append(
            {"own": own, "arithmetic": arithmetic, "chance": chance(same[0].false_alarm), "claims": claims, "count": len(claims)}
        )
    sentence = " ".join(shared) if len(alike) > 1 else next(iter(alike))[0]
    return {"outcome": outcome, "study": study, "audit": audit, "sentence": sentence, "rows": rows}


def ending(statements: list[list[str]]) -> list[str]:
    """Return the last words that all statements share, from the end of a clause on: none begins inside a quotation."""
    backwards = takewhile(lambda words: len(set(words)) == 1, zip(*(reversed(words) for words in statements), strict=False))
    shared = [words[0] for words in backwards][::-1]
    while shared and not all(len(words) == len(shared) or words[-len(shared) - 1][-1] in ":;,)" for words in statements):
        shared = shared[1:]
    return shared


def page(findings: list[Finding]) -> dict[str, Any]:
    """Return what the pages show of the audit: a count for each audit and outcome, and the groups of what is not consistent."""
    counted = Counter((f.audit, str(f.outcome)) for f in findings)
    table = [(audit, [counted[audit, o] or "" for o in OUTCOMES]) for audit in sorted({f.audit for f in findings})]
    ranked = sorted(findings, key=lambda f: OUTCOMES.index(f.outcome))
    return {
        "outcomes": OUTCOMES, "counts": table, "total": len(findings), "all": [cells(f) for f in ranked],
        "groups": groups([f for f in ranked if f.outcome != "consistent"]),
    }  # fmt: skip

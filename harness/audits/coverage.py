"""Coverage: how many claims each audit could look at, and what the others lack; no finding is not a clean bill."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from harness.audits import anchoring, arithmetic, bounds, collision, consistency, granularity, interval, prose
from harness.audits.select import Scoped
from harness.audits.units import settled
from harness.errors import InputError
from harness.ledger.claims import Ledger
from harness.text import write_text

ALONE = (granularity, arithmetic, bounds, collision, prose, consistency, interval)


@dataclass(frozen=True)
class Coverage:
    """So many claims of a study were looked at by an audit, or, with `why`, could not be."""

    audit: str
    study: str
    claims: int
    why: str


def counted(ledgers: list[Ledger]) -> list[Coverage]:
    """Count for each audit and study the claims that it is about: those looked at first, then the others by what they lack."""
    ledgers = settled(ledgers)
    records = anchoring.recorded(ledgers)
    found: list[Coverage] = []
    for ledger in ledgers:
        for audit in ALONE:
            found += _rows(audit.__name__.rpartition(".")[2], ledger.study, audit.scope(ledger))
        found += _rows("anchoring", ledger.study, anchoring.scope(ledger, records))
    return found


def _rows(audit: str, study: str, scoped: list[Scoped]) -> list[Coverage]:
    counts = Counter(why for _, why in scoped)
    return [
        Coverage(audit, study, n, why) for why, n in sorted(counts.items(), key=lambda item: (item[0] != "", -item[1], item[0]))
    ]


def told(rows: list[Coverage]) -> list[str]:
    """Return a line for each audit over all studies: what it looked at, and why not at the rest."""
    lines = []
    for audit in dict.fromkeys(row.audit for row in rows):
        counts: Counter[str] = Counter()
        for row in rows:
            if row.audit == audit:
                counts[row.why] += row.claims
        missed = "; ".join(f"{n} {why}" if n != 1 else f"one {why}" for why, n in counts.most_common() if why)
        lines.append(f"{audit:>12}  looked at {counts['']} of {counts.total()} claims" + (f"; not at {missed}" if missed else ""))
    return lines


def beside(path: Path) -> Path:
    """Return where the coverage stands, beside a file of findings."""
    return path.with_suffix(f".coverage{path.suffix}")


def save(rows: list[Coverage], path: Path) -> None:
    """Write the counts as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([[field.name for field in fields(Coverage)], *map(astuple, rows)])
    write_text(path, text.getvalue())


def load(path: Path) -> list[Coverage]:
    """Read what `save` wrote; raise InputError if the audit has not run."""
    if not path.exists():
        raise InputError(f"{path}: missing; run `python -m harness.audit` first")
    with path.open(encoding="utf-8", newline="") as opened:
        return [Coverage(r["audit"], r["study"], int(r["claims"]), r["why"]) for r in csv.DictReader(opened)]

"""What an audit shows about printed numbers."""

from __future__ import annotations

import csv
import io
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Literal

from harness.text import read_sealed, write_sealed

Outcome = Literal["inconsistent", "caution", "consistent", "not run"]


@dataclass(frozen=True)
class Finding:
    """One audit finding; `claims` and `against` hold claim keys (`study:id`).

    `false_alarm` is the chance that clean data would raise it (0.0 where arithmetic leaves no doubt, None where
    the finding accuses nobody).
    """

    audit: str
    outcome: Outcome
    study: str
    claims: tuple[str, ...]
    against: tuple[str, ...]
    statement: str
    arithmetic: str
    false_alarm: float | None

    @property
    def asks_for_unit(self) -> bool:
        """Whether it asks if the unit is another, instead of accusing."""
        return self.outcome == "caution" and "unit percent?" in self.statement


def save(findings: list[Finding], path: Path) -> None:
    """Write findings as CSV, claims separated by blanks."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([field.name for field in fields(Finding)])
    for finding in findings:
        row = [" ".join(part) if isinstance(part, tuple) else part for part in astuple(finding)]
        writer.writerow(["" if part is None else f"{part:.3g}" if isinstance(part, float) else part for part in row])
    write_sealed(path, text.getvalue())


def load(path: Path) -> list[Finding]:
    """Read what `save` wrote; raise InputError if the audit has not run: no findings and no audit are two things."""
    rows = list(csv.DictReader(io.StringIO(read_sealed(path, "audit"), newline="")))
    return [
        Finding(
            r["audit"], r["outcome"], r["study"], tuple(r["claims"].split()), tuple(r["against"].split()),  # type: ignore[arg-type]
            r["statement"], r["arithmetic"], float(r["false_alarm"]) if r["false_alarm"] else None,
        )
        for r in rows
    ]  # fmt: skip

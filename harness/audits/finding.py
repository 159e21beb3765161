"""What an audit shows about printed numbers."""

from __future__ import annotations

import csv
import io
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Literal, get_args

from harness.errors import InputError
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
    text = read_sealed(path, "audit")
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        if list(reader.fieldnames or []) != [field.name for field in fields(Finding)]:
            raise ValueError("other columns")
        return [_finding(row) for row in reader]
    except (csv.Error, ValueError) as error:
        raise InputError(f"{path}: malformed ({str(error)[:200]}); run `python -m harness.audit` again") from None


def _finding(row: dict[str, str]) -> Finding:
    if None in row or None in row.values() or row["outcome"] not in get_args(Outcome):
        raise ValueError("a row that is cut or of no known outcome")
    chance = float(row["false_alarm"]) if row["false_alarm"] else None
    claims, against = tuple(row["claims"].split()), tuple(row["against"].split())
    outcome: Outcome = row["outcome"]  # type: ignore[assignment]
    return Finding(row["audit"], outcome, row["study"], claims, against, row["statement"], row["arithmetic"], chance)

"""What an audit shows about printed numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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

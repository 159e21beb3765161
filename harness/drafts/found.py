"""What the checks of a source find, and how much of it each of them could look at."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from harness.drafts.shape import Place


@dataclass(frozen=True)
class Found:
    """One finding: the family, what is wrong, the line it stands on and its words; `guess`: what it rests on that nobody said."""

    family: str
    place: Place
    quoted: str
    statement: str
    guess: str = ""


@dataclass
class Coverage:
    """How many of the numbers that a family is about it looked at, and what it lacks for the others."""

    family: str
    what: str = "numbers in tables"
    looked: int = 0
    lacking: Counter[str] = field(default_factory=Counter)

    def add(self, looked: int, others: int, lacking: str) -> None:
        """Count numbers that were looked at, and others that were not, with what would let them be."""
        self.looked += looked
        if others > 0:
            self.lacking[lacking] += others

    @property
    def total(self) -> int:
        """All numbers that the family is about."""
        return self.looked + self.lacking.total()


Result = tuple[list[Found], Coverage]

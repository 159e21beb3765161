"""Of which system a number of a sentence is said: 'X reaches 84.3', with nothing but such words between."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.drafts import vocabulary
from harness.drafts.grid import Grid

LONG = 4  # letters of a name that may be looked for in sentences; shorter ones must hold a capital or a digit
_LINK = re.compile(
    r"^[\s,:;(]*(?:\((?:ours)?\)\s*)?(?:(?:also|only|still|now|even|thus|clearly|on average|overall|model|baseline|method|system)\s+)*(?:reach(?:es|ed)?|achiev(?:es|ed|e)|obtain(?:s|ed)?|scor(?:es|ed|e)|gets?|got|attain(?:s|ed)?|has|had|yields?|yielded|gives?|is|was|at|with|of|from)?"
    r"\s*(?:an?|the)?\s*(?:(?:average|mean|overall|avg\.?|score|best|highest|value|result|accuracy|[\w-]*@\d+|nDCG|MRR|MAP|F1|recall|precision|Spearman|correlation)\s*)*(?:score\s*)?(?:of|is|at|=|:|\()?\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Told:
    """A number of a sentence: its digits, value and where it stands."""

    text: str
    value: float
    start: int
    end: int


def names_in(grids: list[Grid]) -> dict[str, str]:
    """Return the names of systems that can be told in a sentence, by small letters; those that are also headings are left out."""
    rows = {name for grid in grids for row in grid.rows for name in row.names[-1:] if _nameable(name)}
    columns = {name.lower() for grid in grids for column in grid.columns for name in column.names}
    return {name.lower(): name for name in rows if name.lower() not in columns and vocabulary.kind(name) == ""}


def _nameable(name: str) -> bool:
    plain = name.strip()
    letters = sum(sign.isalpha() for sign in plain)
    return len(plain) <= 40 and (
        letters >= LONG or (letters >= 2 and any(sign.isupper() or sign.isdigit() for sign in plain[1:]))
    )


def beside(text: str, told: Told, names: dict[str, str]) -> str:
    """Return the name that a number is said of: 'X reaches 84.3', nothing but such words between; '' where it is not plain."""
    before = text[: told.start].lower()
    best = max(((before.rfind(name), len(name), name) for name in names if name in before), default=(-1, 0, ""))
    at, length, name = best
    if at < 0 or (at and before[at - 1].isalnum()) or not _LINK.match(text[at + length : told.start]):
        return ""
    longer = any(
        other != name
        and name in other
        and before.rfind(other) >= 0
        and before.rfind(other) <= at < before.rfind(other) + len(other)
        for other in names
    )
    rest = text[told.end : told.end + 30].lower()
    return (
        ""
        if longer
        or re.match(
            r"\s*(?:%|points?)?\s*(?:points?\s+)?(?:higher|lower|better|worse|above|below|more|less|improvement|gain|over|drop)",
            rest,
        )
        else names[name]
    )

"""A cell as runs of letters in one style, whatever the format; joined, they are the cell."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from harness.drafts.shape import Cell

SIGNS = "*†‡§¶⋆∗#♣♠♦♥△▲◇◆○●⋄∘"
_FOOTNOTE = re.compile(
    rf"^[\s,({{\[]*(?:[{re.escape(SIGNS)}]+|[a-z]|[ivx]+|\d)(?:\s*[,\s]\s*(?:[{re.escape(SIGNS)}]+|[a-z]))*[\s)}}\]]*$"
)
_SIGNS = re.compile(rf"[{re.escape(SIGNS)}]")
_NUMBER = re.compile(r"\d")
_PLAIN = re.compile(r"^[(±\s]*\d*\.?\d+[)\s]*$")


@dataclass(frozen=True)
class Style:
    """How letters are set; `level`: 1 raised, -1 lowered."""

    bold: bool = False
    underline: bool = False
    faint: bool = False
    level: int = 0


@dataclass(frozen=True)
class Run:
    """Letters in one style."""

    text: str
    style: Style


def joined(runs: list[Run], heading: bool = False, picture: bool = False) -> Cell:
    """Return the cell that runs make: raised signs are its marks, raised or lowered words its small print."""
    body: list[Run] = []
    marks, aside = "", ""
    for run in _merged(runs):
        if run.style.level == 0:
            body.append(run)
            continue
        inner, before = run.text.strip(), "".join(one.text for one in body).strip()
        if not inner:
            continue
        if run.style.level > 0 and _FOOTNOTE.match(inner) and not before.endswith("10"):
            marks += inner
        elif run.style.level > 0 and before.endswith("10"):
            body.append(replace(run, text=f"^{inner}"))
        elif inner[0] in "±" or (run.style.level < 0 and _PLAIN.match(inner) and _NUMBER.search(before)):
            body.append(replace(run, text=f" ± {inner.strip('±() ')}"))
        elif _NUMBER.search(before) and re.match(r"^[+\-−↑↓▲▼(]", inner):
            aside += f" {inner}"
        else:
            body.append(run)
    text = re.sub(r"\s+", " ", "".join(run.text for run in body)).strip()
    style = _leading(body)
    marks += "".join(_SIGNS.findall(text)) if _NUMBER.search(text) else ""
    return Cell(text, style.bold, style.underline, marks.strip(), aside.strip(), style.faint, heading, picture=picture)


def _merged(runs: list[Run]) -> list[Run]:
    """Join neighbours that are raised, or lowered, alike."""
    found: list[Run] = []
    for run in runs:
        if found and run.style.level and found[-1].style.level == run.style.level:
            found[-1] = replace(found[-1], text=found[-1].text + run.text)
        else:
            found.append(run)
    return found


def _leading(runs: list[Run]) -> Style:
    """Return the style of the first digit, else of the first letter."""
    for pattern in (_NUMBER, re.compile(r"\w")):
        for run in runs:
            if pattern.search(run.text):
                return run.style
    return Style()

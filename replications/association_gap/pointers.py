"""Probes by pointer: a file, its lines and a part of them; the text is cut out of the syllabus and held against its sha1.

The syllabi may not be redistributed, so that no word of them stands in the shipped file (data/README.md).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from harness.errors import InputError

LONGEST, PART = 60, 45  # words of a unit that stays whole, and of the parts that a longer one is cut into
LABEL = re.compile(r"(?:\*\*[^*]{2,60}\*\*\s*:?(?![\s]*[,.(])|(?:\*\*)?[A-Z][A-Za-z/&'’ -]{1,39}:+(?:\*\*)?:?)\s*")
LABELS = 2  # in a row: a heading, then the label proper


def plain(text: str) -> str:
    """Return a line of Markdown without its marks, white space as single blanks."""
    text = re.sub(r"\\([-.*_#])", r"\1", text)
    text = re.sub(r"-{3,}", " ", re.sub(r"[*_#>|]+", " ", text))
    return " ".join(text.split()).strip(" ,;-")


def parts(text: str) -> list[str]:
    """Return a unit whole, or cut behind sentences where it is longer than 60 words, into parts of at most 45 (one sentence may be longer)."""
    if len(text.split()) <= LONGEST:
        return [text]
    found = [""]
    for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z\"“])", text):
        joined = f"{found[-1]} {sentence}".strip()
        if found[-1] and len(joined.split()) > PART:
            found.append(sentence)
        else:
            found[-1] = joined
    return found


def resolve(pointer: dict[str, object], lines: list[str]) -> tuple[str, str] | None:
    """Return the passage, and the same with its leading label cut off; None where the lines no longer hold it."""
    first, last, part = (pointer[key] for key in ("line_start", "line_end", "part"))
    assert isinstance(first, int) and isinstance(last, int) and isinstance(part, int)
    raw = " ".join(lines[first - 1 : last])
    found = parts(plain(raw))
    if len(found) <= part or hashlib.sha1(found[part].encode(), usedforsecurity=False).hexdigest()[:16] != pointer["sha1"]:
        return None
    if part:
        return found[part], found[part]
    label = len(plain(raw)) - len(plain(unlabelled(raw)))
    return found[0], found[0][label:].strip(" ,;:-") or found[0]


def unlabelled(raw: str) -> str:
    """Return a passage without the label in front: bold words, or at most 40 letters before a colon, twice where a heading leads.

    A passage that is nothing but its label stays whole.
    """
    left = re.sub(r"^(?:[\s>#+-]|\*(?!\*))*", "", raw)
    for _ in range(LABELS):
        shorter = LABEL.sub("", left, count=1) if LABEL.match(left) else left
        left = shorter if plain(shorter) else left
    return left


def refuse_changed(where: str, faults: Iterable[str], total: int) -> None:
    """Raise InputError that counts and names the probes whose text is not the one that they were made from."""
    found = list(faults)
    if found:
        named = ", ".join(found[:5]) + (", ..." if len(found) > 5 else "")
        raise InputError(
            f"{where}: {len(found)} of {total} probes point to a text that is not there or has changed (its sha1 differs): {named}; "
            "get the syllabi again, or take these probes out of the file"
        )

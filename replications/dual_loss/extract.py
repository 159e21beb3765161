"""The answerer that needs no model: a rule for each kind of question, read off the retrieved text."""

from __future__ import annotations

import re

from .answers import NONE, TITLE, bare, credits_in, states

NAME = r"[A-Z][\w'’-]+(?:\s+(?:[A-Z]\.|\([A-Z]+\)|[A-Z][\w'’-]+)){1,3}"
CUES = {
    "faculty": r"(?:instructors?|professors?|lecturers?|taught by|faculty|dr\.|prof\.)",
    "ta": r"(?:(?:teaching|graduate|course|lab|section)\s+assistants?|\bT\.?A\.?s?\b|assistants?)",
}
REACH = 80  # characters after the cue within which a name is taken to belong to it


def answer(category: str, text: str) -> str:
    """Return the answer that the text gives: names joined by ';', or a number; 'EMPTY' where it says nothing."""
    return next(iter(credits_in(text)), NONE) if category == "course" else _names(category, text)


def right(category: str, given: str, gold: str) -> bool:
    """Say whether an answer is the label's: one of its names, its number, or that the text does not say."""
    if NONE in (given, gold):
        return given == gold
    return given == gold if category == "course" else states(given, category, gold)


def _names(category: str, text: str) -> str:
    words = bare(text)
    found: list[str] = []
    for cue in re.finditer(CUES[category], words, re.IGNORECASE):
        reach = words[cue.end() : cue.end() + REACH]
        if name := re.search(rf"^[\s:.,(is]*(?:the\s)?(?:{TITLE}\s*)?(?P<name>{NAME})", reach):
            found.append(name["name"])
    return ";".join(dict.fromkeys(found)) or NONE

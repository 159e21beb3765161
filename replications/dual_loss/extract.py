"""The answerer that needs no model: a rule for each kind of question, read off the retrieved text."""

from __future__ import annotations

import re

from .answers import credits_in, states
from .names import CAPITAL, DEGREE, HONORIFIC, INITIAL, NAME, NONE, PLACEHOLDER, SURNAME, TITLES
from .plain import bare

CUES = {
    "faculty": r"(?:instructors?|professors?|lecturers?|taught by|faculty|dr\.|prof\.)",
    # An assistant professor assists nobody.
    "ta": r"(?:(?:teaching|graduate|course|lab|section)\s+assistants?|\bT\.?A\.?s?\b|assistants?(?!\s+(?:prof|lecturer|instructor)))",
}
REACH = 80  # characters after the cue within which a name is taken to belong to it
SOMEBODY = rf"(?!{PLACEHOLDER}(?!\w))"
TITLED = rf"(?>(?i:{TITLES})){SOMEBODY}"  # never without the title that is there: 'Professor TBA' is nobody
# 'Instructor: Brandt, Ada', and not 'Instructor: Brandt, Room 4'.
NO_FIRST = (
    r"(?!(?:Room|Office|Hall|Building|Email|E-mail|Phone|Tel|Department|School|Dean|Chair|Director|Fall|Spring|Summer|Winter"
    r"|Section|Teaching|Instructor|Professor|Lecturer|[JS]r)\b)"
)
FORMS = (
    re.compile(rf"^[\s:.,(is]*(?:the\s)?{TITLED}(?P<name>{NAME})"),
    re.compile(
        rf"^\s?:\s?{TITLED}(?P<last>{SURNAME}),\s{NO_FIRST}(?P<first>(?:{CAPITAL}|{INITIAL}(?:\s{INITIAL})*))(?![\w'’-])(?!\s[A-Z\d])"
    ),
    re.compile(rf"^(?:[\s:.,(is]*(?:the\s)?(?P<title>{HONORIFIC}))?\s?{SOMEBODY}(?P<surname>{SURNAME})"),
)


def answer(category: str, text: str) -> str:
    """Return the answer that the text gives: names joined by ';', or a number; 'EMPTY' where it says nothing."""
    return next(iter(credits_in(text)), NONE) if category == "course" else _names(category, text)


def right(category: str, given: str, gold: str) -> bool:
    """Say whether an answer is the label's: one of its names, its number, or that the text does not say."""
    if NONE in (given, gold):
        return given == gold
    return given == gold if category == "course" else states(given, category, gold)


def _names(category: str, text: str) -> str:
    """Return the names behind the cues: whole ones, else those written surname first, else surnames with a title."""
    words = bare(text)
    cues = list(re.finditer(CUES[category], words, re.IGNORECASE))
    for form in FORMS:
        found = [(cue[0], form.search(words[cue.end() : cue.end() + REACH])) for cue in cues]
        if names := [name for cue, one in found if one and (name := _name(cue, one))]:
            return ";".join(dict.fromkeys(names))
    return NONE


def _name(cue: str, found: re.Match[str]) -> str:
    """Write what was found as a name, first name first and without degrees; nothing for a surname that has no title."""
    parts = found.groupdict()
    if "name" in parts:
        words = parts["name"].split()
        ends = [i for i, word in enumerate(words) if i > 1 and DEGREE.fullmatch(word)]  # what follows a degree is no name
        return " ".join(words[: min(ends, default=None)])
    if "last" in parts:
        return "" if DEGREE.fullmatch(parts["first"]) else f"{parts['first']} {parts['last']}"
    title = parts["title"] or (cue if cue.istitle() and cue.startswith(("Dr.", "Prof")) else "")
    return f"{title} {parts['surname']}" if title else ""

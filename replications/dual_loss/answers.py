"""Does a text state the answer? Names as people write them, credits as a number beside its unit."""

from __future__ import annotations

import re

NONE = "EMPTY"  # a label that says: the syllabus does not say
CATEGORIES = {"course": "credit_hours", "faculty": "instructors", "ta": "tas"}  # category of a question → column of the labels
WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
TITLE = r"(?:dr|prof|professor|mr|mrs|ms|instructor)\.?"
HOURS = r"(?:hours?|hrs?)\.?"
KIND = r"(?:semester|quarter|academic|course|graduate|undergraduate)"


def plain(text: str) -> str:
    """Fold case, drop Markdown's marks, and turn every run of white space into one space."""
    return " ".join(re.sub(r"[*_#\\|\[\]`]+", " ", text).casefold().split())


def pattern(category: str, answer: str) -> re.Pattern[str]:
    """Return what finds a label's answer in plain text: any one of several names, or the number of credits."""
    if category == "course":
        return re.compile(_credits(answer.strip()))
    return re.compile("|".join(_name(name) for name in answer.split(";") if name.strip()))


def states(text: str, category: str, answer: str) -> bool:
    """Say whether a text states the answer of a label; one that is EMPTY is stated nowhere."""
    return answer != NONE and pattern(category, answer).search(plain(text)) is not None


def _name(name: str) -> str:
    """First name or initial before the surname, up to two words between; or a title before the surname.

    'Surname, First' is how bibliographies write, and is not counted; a label with a surname alone matches it alone.
    """
    parts = plain(re.sub(r"\(.*?\)", " ", name)).replace(".", " ").split()
    last = re.escape(parts[-1])
    if len(parts) == 1:
        return rf"\b{last}\b"
    first, initial = re.escape(parts[0]), re.escape(parts[0][0])
    between = r"(?:\s+[^\s,;:]+){0,2}?"
    return rf"\b{first}{between}\s+{last}\b|\b{initial}\.(?:\s?\w\.)*\s*{last}\b|\b{TITLE}\s+{last}\b"


def _credits(answer: str) -> str:
    """The number, as digits or as a word, before or after 'credit' or 'unit'."""
    word = f"|{WORDS[int(answer)]}" if answer.isdigit() and int(answer) < len(WORDS) else ""
    number = rf"(?:{re.escape(answer)}(?:\.0)?{word})"
    before = rf"(?<![\d.:-])\b{number}\b[\s-]{{0,2}}(?:{KIND}\W{{1,2}})?(?:{HOURS}\W{{1,2}})?(?:of\s+)?(?:credits?|units?)\b"
    after = rf"\b(?:credits?|units?)\b(?:\W{{1,3}}{HOURS})?\W{{0,8}}{number}\b(?![.:%]?\d)"
    return f"{before}|{after}"

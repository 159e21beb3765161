"""Does a text state the answer? Names as people write them, credits as a number beside its unit."""

from __future__ import annotations

import re

from harness.errors import InputError

from .names import NONE, pattern, placeholder
from .plain import plain, unmarked

CATEGORIES = {"course": "credit_hours", "faculty": "instructors", "ta": "tas"}  # category of a question → column of the labels
WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]

HOURS = r"(?:hours?|hrs?\.?)"
TERM = r"(?:semester|quarter|sem\b\.?|qtr\b\.?)"
KIND = rf"(?:{TERM}|academic|course|graduate|undergraduate|ects)"
DIGITS = r"[0-9]{1,2}(?:\.[0-9]{1,2}|,[05])?"
ONE = rf"(?:{DIGITS}|{'|'.join(WORDS)})\b"
# '1-3', 'one to three': variable credit; and 'three (3)', whose first number is read.
NUMBER = rf"(?P<n>{ONE}(?:(?:[\u2013\u2014-]| (?:to|or) ){ONE})?)(?: ?\((?:{ONE})\))?"
# A number is of its own: not the end of 3:4 or of a fraction's sign, not that of a heading, not 'zero credit' for late work.
# The dash of '241-3 S.H.' stands behind a course's number.
ALONE = (
    r"(?:(?<![\d.:\u2044-])|(?<=\b\d\d\d-))(?<!\bunit )(?<!\bchapter )(?<!\blesson )(?<!\bextra )\b(?!(?:zero|0) credit\b(?! h))"
)
UNITS = r"(?:credits|units|(?:credit|unit)(?![ -](?:card|check|exam|quiz|rating|report|risk|score|test|union)))\b"
SHORT = rf"(?:{TERM}[\s-]{{0,2}}{HOURS}|s\.\s?h\b|sh\b|crs?\b|c\.p\b|cp\b|ects\b)"
BEFORE = rf"{ALONE}{NUMBER}[\s-]{{0,2}}(?:(?:{KIND}\W{{1,2}})?(?:{HOURS}\W{{1,2}})?(?:of\s+)?{UNITS}|{SHORT})"
# 'Extra credit' is marks, and so is credit with points or per cent behind it; a full stop or a comma ends what credit is said of.
MARKS = "".join(rf"(?<!\b{word}\W)" for word in ("extra", "bonus", "partial", "full", "half"))
MEANT = rf"(?:{HOURS}|units?\b|value\b|weight\b|load\b|points?\b)"
CREDIT = rf"{MARKS}\bcredit(?:s\b|\(s\)|\b)(?:\W{{1,3}}{MEANT})?(?![.,;!?]['\")]*\s)\W{{0,8}}"
# 'Unit 3' is a part of the course: the number of units stands behind a colon, or units behind a dash, in brackets, or alone.
UNIT = r"\bunit(?:s?\s?[:=]|s\s?(?:[\u2013\u2014]|--|- |\((?=[\w.]+\))))\W{0,4}|^units (?=[\w.]+$)"
# Short forms are too short to go without a mark behind them; ECTS is not.
SAID = rf"\bects\b\W{{0,4}}|\b(?:{TERM}[\s-]{{0,2}}{HOURS}|s\.?h|c\.?p|crs?\.? {HOURS})\.?\s?[:=(]\W{{0,4}}|\bcrs?(?:\.|\s?[:=(])\W{{0,4}}"
ITEM = r"(?:(?<=\n\d)|(?<=\n\d\d)) ?[.)] \w"  # '3. Late work' after a line that ends with 'credit'
# A dash that ends its line says that there is none; three and more are the line under a heading.
NO_DASH = r"(?<![^-][-?\u2013\u2014]\n)(?<![^-]--\n)"
AFTER = rf"(?:{CREDIT}|{UNIT}|{SAID}){NO_DASH}{NUMBER}(?![.:%-]?\d|\u2044|[ -]?(?:%|per ?cent|points?\b|pts\b|marks?\b)|{ITEM})"
# '3-0-3': hours of lectures, hours of laboratory, credits; in brackets, alone in its line or cell, or beside what it is of.
TRIPLE = r"\d-\d-\d(?![\w-])"
HOLDS = rf"(?:\bcredits?|\bcr\.?|\b{HOURS}|\b[a-z]{{2,5}} ?\d{{3,4}}[a-z]?)\W{{1,4}}(?={TRIPLE})"
ALONG = rf"(?<![\w.-])(?={TRIPLE} (?:credit|crs?\b|{HOURS}|sem|course))"
LAST = rf"(?:(?<=\()(?={TRIPLE}\))|(?:^|(?<= : ))(?={TRIPLE}(?: :|$))|{HOLDS}|{ALONG})(?P<all>\d-\d-(?P<n>\d))"


def label(category: str, words: str) -> str:
    """Return a label as it is compared: EMPTY, names, or a number; raise InputError for words that are none of these.

    A placeholder is EMPTY, and beside names it is dropped: nobody is named by it.
    """
    named = [one.strip() for one in words.split(";") if one.strip() and not placeholder(one)]
    if words.strip().upper() == NONE or (not named and any(map(placeholder, words.split(";")))):
        return NONE
    words = ";".join(named) or words.strip()
    if category != "course":
        pattern(words)
    elif not re.fullmatch(rf"{DIGITS}(?:[\u2013-]{DIGITS})?", words):
        raise InputError(f"'{words}' is no number of credits, such as 3, 1.5 or 1-3; write {NONE} where there is none")
    return _value(words) if category == "course" else words


def credits_in(text: str) -> list[str]:
    """Return the numbers that a text gives as credits: those before the unit, then those after it, then those of '3-0-3'."""
    return [value for value, _ in _credits(text)]


def matched(text: str, category: str, answer: str) -> str | None:
    """Return the words, as they are compared, with which a text states the answer of a label; EMPTY is stated nowhere."""
    if answer == NONE:
        return None
    if category == "course":
        wanted = label(category, answer)
        return next((words for value, words in _credits(text) if value == wanted), None)
    found = pattern(answer).search(unmarked(text))
    return found[0] if found else None


def states(text: str, category: str, answer: str) -> bool:
    """Say whether a text states the answer of a label; one that is EMPTY is stated nowhere."""
    return matched(text, category, answer) is not None


def _credits(text: str) -> list[tuple[str, str]]:
    """Return each number that a text gives as credits, with the words that give it."""
    # Lines and cells stay apart: the unit of one line is not that of the next, and a cell's end is as good as a colon.
    lines = (plain(line.strip().strip("|").replace("|", " : ")) for line in text.splitlines())
    flat = "\n".join(line for line in lines if line)
    found = [one for way in (BEFORE, AFTER) for one in re.finditer(way, flat, re.MULTILINE)]
    found += [one for one in re.finditer(LAST, flat, re.MULTILINE) if _adds_up(one["all"])]
    return [(_value(one["n"]), " ".join(one[0].split())) for one in found]


def _adds_up(triple: str) -> bool:
    """Say whether hours of lectures and laboratory can give so many credits: no date, no '1-2-9'."""
    lectures, laboratory, number = map(int, triple.split("-"))
    return 0 < number <= lectures + laboratory


def _value(number: str) -> str:
    """Write a number of credits in one way: '3' for 'three', '3.0' and '03'; '1-3' for 'one to three'."""
    ends = [_digits(one) for one in re.split(r"[\u2013\u2014-]| to | or ", number)]
    # '3-0' is no range: so many credits, and no laboratory.
    return f"{ends[0]}-{ends[-1]}" if float(ends[0]) < float(ends[-1]) else ends[0]


def _digits(number: str) -> str:
    return str(WORDS.index(number)) if number in WORDS else f"{float(number.replace(',', '.')):g}"

"""Does a text state the answer? Names as people write them, credits as a number beside its unit."""

from __future__ import annotations

import re
import unicodedata

from harness.errors import InputError

NONE = "EMPTY"  # a label that says: the syllabus does not say
CATEGORIES = {"course": "credit_hours", "faculty": "instructors", "ta": "tas"}  # category of a question → column of the labels
WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
TITLE = r"(?:dr|prof|professor|mr|mrs|ms|instructor)\.?"

# Apostrophes in one way; raised and lowered digits mark footnotes, and NFKC would glue them to the number or the name before.
SAME = dict.fromkeys(map(ord, "\u2018\u2019\u201b\u2032\u02b9\u02bb\u02bc\u00b4"), "'")
SAME |= dict.fromkeys([0xB2, 0xB3, 0xB9, *range(0x2070, 0x20A0)], " ")

HOURS = r"(?:hours?|hrs?\.?)"
KIND = r"(?:semester|quarter|academic|course|graduate|undergraduate)"
DIGITS = r"[0-9]{1,2}(?:\.[0-9]{1,2})?"
NUMBER = rf"(?P<n>{DIGITS}|{'|'.join(WORDS)})\b"
# A number is of its own: not the end of 3:4 or of a fraction's sign, not that of a heading, not 'zero credit' for late work.
ALONE = r"(?<![\d.:\u2044-])(?<!\bunit )(?<!\bchapter )(?<!\blesson )(?<!\bextra )\b(?!(?:zero|0) credit\b(?! h))"
UNITS = r"(?:credits|units|(?:credit|unit)(?![ -](?:card|exam|quiz|risk|test)))\b"
BEFORE = rf"{ALONE}{NUMBER}[\s-]{{0,2}}(?:{KIND}\W{{1,2}})?(?:{HOURS}\W{{1,2}})?(?:of\s+)?{UNITS}"
# 'Extra credit' is marks, and so is credit with points or per cent behind it; a full stop or a comma ends what credit is said of.
MARKS = "".join(rf"(?<!\b{word}\W)" for word in ("extra", "bonus", "partial", "full", "half"))
CREDIT = rf"{MARKS}\bcredits?\b(?:\W{{1,3}}(?:{HOURS}|units?\b))?(?![.,;!?]['\")]*\s)\W{{0,8}}"
# 'Unit 3' is a part of the course: the number of units stands behind a colon, or units behind a dash, in brackets, or alone.
UNIT = r"\bunit(?:s?\s?[:=]|s\s?(?:[\u2013\u2014]|--|- |\((?=[\w.]+\))))\W{0,4}|^units (?=[\w.]+$)"
ITEM = r"(?:(?<=\n\d)|(?<=\n\d\d)) ?[.)] \w"  # '3. Late work' after a line that ends with 'credit'
AFTER = rf"(?:{CREDIT}|{UNIT}){NUMBER}(?![.:%]?\d|\u2044|[ -]?(?:%|per ?cent|points?\b|pts\b|marks?\b)|{ITEM})"


def bare(text: str) -> str:
    """Drop Markdown's marks, write characters and apostrophes in one way, and turn runs of white space into one space."""
    same = unicodedata.normalize("NFKC", text.translate(SAME))
    return " ".join(re.sub(r"[*_#\\|\[\]`]+", " ", same).split())


def plain(text: str) -> str:
    """Return the bare text in folded case."""
    return bare(text).casefold()


def label(category: str, words: str) -> str:
    """Return a label as it is compared: EMPTY, names, or a number; raise InputError for words that are none of these."""
    words = words.strip()
    if words.upper() == NONE:
        return NONE
    if category != "course":
        pattern(words)
    elif not re.fullmatch(DIGITS, words):
        raise InputError(f"'{words}' is no number of credits, such as 3 or 1.5; write {NONE} where there is not one number")
    return _value(words) if category == "course" else words


def credits_in(text: str) -> list[str]:
    """Return the numbers that a text gives as credits: those before the unit, then those after it."""
    # Lines and cells stay apart: the unit of one line is not that of the next, and a cell's end is as good as a colon.
    lines = (plain(line.strip().strip("|").replace("|", " : ")) for line in text.splitlines())
    flat = "\n".join(line for line in lines if line)
    return [_value(found["n"]) for way in (BEFORE, AFTER) for found in re.finditer(way, flat, re.MULTILINE)]


def pattern(names: str) -> re.Pattern[str]:
    """Return what finds any one of several names in plain text; raise InputError for words that are no names."""
    given = [name for name in names.split(";") if name.strip()] or [names]
    return re.compile("|".join(_name(name) for name in given))


def states(text: str, category: str, answer: str) -> bool:
    """Say whether a text states the answer of a label; one that is EMPTY is stated nowhere."""
    if answer == NONE:
        return False
    if category == "course":
        return label(category, answer) in credits_in(text)
    return pattern(answer).search(plain(text)) is not None


def _name(name: str) -> str:
    """First name or initial before the surname, up to two words between; or a title before the surname.

    'Surname, First' is how bibliographies write, and is not counted; a label with a surname alone matches it alone.
    """
    words = re.sub(r"\(.*?\)", " ", plain(name)).replace(".", " ").split()
    parts = [word for word in words if any(map(str.isalpha, word))]
    if not parts or parts == [NONE.casefold()]:
        raise InputError(f"'{name.strip()}' is no name; write names separated by ';', and {NONE} alone where there is none")
    last = re.escape(parts[-1])
    if len(parts) == 1:
        return rf"\b{last}\b"
    first, initial = re.escape(parts[0]), re.escape(parts[0][0])
    between = r"(?:\s+[^\s,;:]+){0,2}?"
    return rf"\b{first}{between}\s+{last}\b|\b{initial}\.(?:\s?\w\.)*\s*{last}\b|\b{TITLE}\s+{last}\b"


def _value(number: str) -> str:
    """Write a number of credits in one way: '3' for 'three', '3.0' and '03'."""
    return str(WORDS.index(number)) if number in WORDS else f"{float(number):g}"

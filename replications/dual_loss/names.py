"""Names of people: their titles and degrees, what stands where there is no name, and how one name is found in a text."""

from __future__ import annotations

import re

from harness.errors import InputError

from .plain import bare, unmarked

NONE = "EMPTY"  # a label that says: the syllabus does not say
TITLE = r"(?:dr|doctor|prof|professor|mr|mrs|ms|mx|miss|instructor|lecturer)\b\.?"
RANK = r"(?:assoc|asst|associate|assistant|adjunct|visiting|senior)\b\.?"
TITLES = rf"(?:(?:{RANK}\s*){{0,3}}{TITLE}\s*){{0,4}}"  # bounded: a text may repeat one without end
# 'MA' and 'Ed.D.' stand behind a name; 'Ma' and 'Ed' are names, so that case counts.
DEGREE = re.compile(
    r"(?:Ph\.?\s?D|Ed\.?\s?D|Psy\.?D|D\.?\s?Phil|M\.?\s?Phil|M\.?\s?Sc|B\.?\s?Sc|M\.?\s?Ed|M\.?B\.?A|M\.?F\.?A|M\.?P\.?H|M\.?S\.?W|M\.?S\.?N"
    r"|[MB]\.?\s?[AS]|M\.?D|J\.?D|LL\.?[BMD]|P\.?E|R\.?N|C\.?P\.?A|[Ee]sq|[Jj]r|[Ss]r|JR|SR|I{2,3}|IV)\.?"
)
# What people write where there is nobody yet, or no number; 'Na' is a name, and 'NA' is not.
NOBODY = (
    r"(?:(?i:t\.?\s?b\.?\s?[acdn]\b\.?|n\s?/\s?a\b|n\.\s?a\.|none\b|nobody\b|no\s?one\b|to\s+be\s+[a-z]+|not\s+(?:yet\s+)?[a-z]+"
    r"|un(?:assigned|known|decided|specified|determined)\b|vacant\b|pending\b|various\b"
    r"|(?:the\s+)?(?:(?:department(?:al)?|teaching|course|graduate|faculty)\s+)?staff\b)|NA\b)"
)
PLACEHOLDER = rf"(?:{NOBODY}|[-\u2013\u2014?.\u2026]+)"
PARTICLES = "de la las los del della di da dos das du van von vom der den ter ten zu zur bin ibn al el y".split()
UPPER = "".join(filter(str.isupper, map(chr, range(0x2000))))  # Latin with all its accents, Greek, Cyrillic
CAPITAL = rf"(?!(?:Ph|Ed|Psy)\.\s?D\b)[{UPPER}][\w'’-]+"
INITIAL = rf"[{UPPER}]\.(?:-?[{UPPER}]\.)*(?!\w)"
PARTICLE = rf"(?:{'|'.join(PARTICLES)})\s+"
NAME = rf"(?:{CAPITAL}|{INITIAL})(?:\s+(?:{INITIAL}|\([A-Z]+\)|(?:{PARTICLE})*{CAPITAL})){{1,3}}"
# A title that says of a capital word behind it that it is a surname: 'instructor' does not.
HONORIFIC = r"(?:Dr|Prof|Professor|Mr|Mrs|Ms|Mx|Miss)\b\.?"
SURNAME = rf"(?:{PARTICLE})*{CAPITAL}(?![\w'’-])"
# 'Surname, First' is how bibliographies write: it counts behind the name of a role alone, and behind others written so.
ROLE = r"\b(?:instructors?|professors?|lecturers?|faculty|taught by|t\.?a\.?s?|assistants?)(?!\w)[\s:-]{1,3}"
INVERTED = rf"{ROLE}(?:[\w'. -]{{2,40}},[\w'. -]{{1,40}};\s?){{0,9}}{TITLES}"


def placeholder(words: str) -> bool:
    """Say whether words stand where there is no answer: TBA, staff, none, N/A, a dash."""
    return re.fullmatch(rf"\s*\(?\s*{PLACEHOLDER}(?:\s+(?:later|soon|in class|yet))?\s*\)?\.?\s*", bare(words)) is not None


def undegreed(words: list[str]) -> list[str]:
    """Return a name's words without the degrees at the end; two words are a name, unless the second has a degree's dots."""
    while len(words) > 1 and DEGREE.fullmatch(words[-1]) and (len(words) > 2 or "." in words[-1][:-1]):
        words = words[:-1]
    return words


def parts(name: str) -> list[str]:
    """Return a name's words, first name first, as they are compared: no title, no degree, nothing in brackets."""
    written = re.sub(r"\(.*?\)", " ", bare(name))
    written = re.sub(r"\b(Ph|Ed)\. D\b", r"\1.D", written).strip(" ,")
    written = re.sub(rf"^{TITLES}(?=\S)", "", written, flags=re.IGNORECASE)
    family, *rest = (part.strip() for part in written.split(","))
    given = [part for part in rest if not all(map(DEGREE.fullmatch, part.split()))]
    words = undegreed(" ".join([*given[:1], family]).split())
    return [word for word in unmarked(" ".join(words)).replace(".", " ").split() if any(map(str.isalpha, word))]


def pattern(names: str) -> re.Pattern[str]:
    """Return what finds any one of several names in unmarked text; raise InputError for words that are no names."""
    given = [name for name in names.split(";") if name.strip()] or [names]
    return re.compile("|".join(_name(name) for name in given))


def _name(name: str) -> str:
    """First name or initial before the surname, up to two words between; or a title before the surname.

    Of several surnames one is enough, with the first name or a title. A label with a surname alone matches it alone.
    """
    words = parts(name)
    if not words or words == [NONE.casefold()] or placeholder(name):
        raise InputError(f"'{name.strip()}' is no name; write names separated by ';', and {NONE} alone where there is none")
    last = _escaped(words[-1])
    if len(words) == 1:
        return rf"\b{last}\b"
    before = words[1:-1]
    own = [word for word in before if word in PARTICLES]  # 'Prof. de la Cruz'; 'Dr. Cruz' is said as well
    particles = rf"(?:{'[ -]+'.join(map(_escaped, own))}[\s-]+)?" if own else ""
    surnames = "|".join([particles + last, *(_escaped(word) for word in before if len(word) > 1 and word not in own)])
    if all(word in PARTICLES for word in words[:-1]):  # 'van der Berg' may be all that is known of a name
        surnames += "|" + r"[\s-]+".join(map(_escaped, words))
    first, initial = _escaped(words[0]), re.escape(words[0][0])
    between = rf"(?:\s+[^\s,;:]+){{0,2}}?(?:\s+(?:{'|'.join(own)}))*" if own else r"(?:\s+[^\s,;:]+){0,2}?"
    return "|".join(
        [
            rf"\b{first}{between}[\s-]+{last}\b",
            rf"\b{first}[\s-]+(?:{surnames})\b",
            rf"\b{initial}\.(?:[\s-]?\w\.)*\s*{particles}{last}\b",
            rf"\b{TITLE}(?:(?<=\.)\s*|\s+)(?:{surnames})\b",
            rf"{INVERTED}{particles}{last},\s?(?:{first}\b|{initial}\.)",
        ]
    )


def _escaped(word: str) -> str:
    """Return a word's pattern: a hyphen in it may be a space."""
    return re.escape(word).replace(r"\-", r"[\s-]+")

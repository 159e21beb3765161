"""Text as it is compared: characters, apostrophes, hyphens and white space written in one way."""

from __future__ import annotations

import re
import unicodedata

# Apostrophes and hyphens in one way; raised and lowered digits mark footnotes, and NFKC would glue them to what stands before.
SAME = dict.fromkeys(map(ord, "\u2018\u2019\u201b\u2032\u02b9\u02bb\u02bc\u00b4"), "'") | {0x2010: "-", 0x2011: "-"}
SAME |= dict.fromkeys([0xB2, 0xB3, 0xB9, *range(0x2070, 0x20A0)], " ")
# Letters with a stroke, which Unicode does not take apart into a letter and a mark.
STROKES = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe"})


def bare(text: str) -> str:
    """Drop Markdown's marks, write characters and apostrophes in one way, and turn runs of white space into one space."""
    same = unicodedata.normalize("NFKC", text.translate(SAME))
    return " ".join(re.sub(r"[*_#\\|\[\]`]+", " ", same).split())


def plain(text: str) -> str:
    """Return the bare text in folded case."""
    return bare(text).casefold()


def unmarked(text: str) -> str:
    """Return the plain text without accents: people leave them out, and 'Nguyen' is 'Nguyễn'."""
    apart = unicodedata.normalize("NFD", plain(text).translate(STROKES))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))

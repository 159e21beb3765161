"""The number that a cell holds, and how it is printed."""

from __future__ import annotations

import re

from harness.ledger.printed import Printed, Unreadable, parse

_INTERVAL = re.compile(r"(?<=\d)\s*[\[(]\s*[-+−]?\.?\d[\d.]*\s*(?:[,;–]|to|-)\s*[-+−]?\.?\d[\d.]*\s*[\])]$")
_TRAILING = re.compile(r"(?<=[\d%])\s*[\[(]?\s*[▲▼△▽↑↓]\s*[-+−]?[\d.]*%?\s*[\])]?$|(?<=[\d%])\s*\(\s*[-+−][\d.]+\s*%?\s*\)$")

_SPACED = re.compile(r"^\d{1,3}(?: \d{3})+(?:\.\d+)?$")


def value_of(text: str) -> Printed | None:
    """Return the number that a cell holds, None for words and for what can be read in two ways."""
    if not text or len(text) > 60 or not any(sign.isdigit() for sign in text):
        return None
    try:
        return parse(bare(text))
    except Unreadable:
        return None


def printed_of(text: str) -> str:
    """Return a cell as it stands where a ledger can read it, else the number alone; '' for words."""
    if value_of(text) is None:
        return ""
    try:
        return text if parse(text) else bare(text)
    except Unreadable:
        return bare(text)


def bare(text: str) -> str:
    """Return a cell without an interval or a change behind its number, and without blanks between thousands."""
    text = _TRAILING.sub("", _INTERVAL.sub("", text)).strip()
    return text.replace(" ", "") if _SPACED.match(text) else text

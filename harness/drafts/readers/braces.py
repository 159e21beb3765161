"""Arguments of LaTeX macros: balanced braces, found without reading what stands in them."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\\.|[{}]", re.DOTALL)
_BLANK = re.compile(r"\s*")


def closing(text: str, start: int, end: int | None = None) -> int | None:
    """Return the offset behind the brace that closes the one at `start`; None where it is never closed."""
    depth = 0
    for token in _TOKEN.finditer(text, start, len(text) if end is None else end):
        depth += {"{": 1, "}": -1}.get(token[0], 0)
        if depth == 0 and token[0] == "}":
            return token.end()
    return None


def argument(text: str, start: int) -> tuple[str, int] | None:
    """Return the argument in braces that follows `start`, blanks skipped, and the offset behind it; None where there is none."""
    at = _blank(text, start)
    if at >= len(text) or text[at] != "{":
        return None
    end = closing(text, at)
    return (text[at + 1 : end - 1], end) if end else None


def option(text: str, start: int, marks: str = "[]") -> tuple[str, int] | None:
    """Return the optional argument in brackets that follows `start`; None where there is none."""
    at = _blank(text, start)
    if at >= len(text) or text[at] != marks[0]:
        return None
    end = text.find(marks[1], at)
    return (text[at + 1 : end], end + 1) if 0 <= end < at + 400 else None


def balanced(text: str) -> bool:
    """Say whether every brace has its other half, in order."""
    if text.count("{") - text.count("\\{") != text.count("}") - text.count("\\}") and "\\\\" not in text:
        return False
    depth = 0
    for token in _TOKEN.finditer(text):
        depth += {"{": 1, "}": -1}.get(token[0], 0)
        if depth < 0:
            return False
    return depth == 0


def _blank(text: str, start: int) -> int:
    found = _BLANK.match(text, start)
    return found.end() if found else start

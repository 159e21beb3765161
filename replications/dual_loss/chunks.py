"""Cutting a syllabus into chunks: every so many words, or where its headings, lists and tables end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

HEADING = re.compile(r"^(?:#{1,6}\s+\S.*|\*\*[^*]+\*\*:?\s*|_\*\*.+\*\*_\s*|[A-Z][A-Z &/,'-]{3,60}:?)$")
UNDERLINE = re.compile(r"^\s{0,3}(?:={3,}|-{3,})\s*$")
ITEM = re.compile(r"^\s*(?:[-*+•]|\d+\\?[.)])\s+")


def fixed(text: str, words: int) -> list[str]:
    """Cut after every `words` words, wherever that is; the text between two words is kept as it stands."""
    spans = [found.span() for found in re.finditer(r"\S+", text)]
    starts = range(0, len(spans), words)
    return [text[spans[i][0] : spans[min(i + words, len(spans)) - 1][1]] for i in starts]


def structured(text: str, words: int, least: int) -> list[str]:
    """Cut at headings; blocks (paragraphs, lists, tables) stay whole unless one is longer than `words`, then its lines do.

    A section of fewer than `least` words is joined with what follows. A heading goes with what it is over, unless the two
    together are longer than `words`.
    """
    chunks: list[str] = []
    held: list[tuple[str, bool]] = []
    for whole, heads in _blocks(text):
        for block in _lines(whole, words):
            body, over = _apart(held)
            if _words(held) + _count(block) > words:
                fits = body and _words(over) + _count(block) <= words
                chunks += _joined(body if fits else held)
                held = over if fits else []
            elif heads and _words(body) >= max(least, 1):
                chunks += _joined(body)
                held = over
            held = [*held, (block, heads)]
    return chunks + _joined(held)


def _apart(held: list[tuple[str, bool]]) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    """Set the headings at the end apart: they are over what follows."""
    size = len(held)
    while size and held[size - 1][1]:
        size -= 1
    return held[:size], held[size:]


def _joined(held: list[tuple[str, bool]]) -> list[str]:
    return ["\n\n".join(block for block, _ in held)] if held else []


def _words(held: list[tuple[str, bool]]) -> int:
    return sum(_count(block) for block, _ in held)


def _lines(block: str, words: int) -> list[str]:
    """Cut a block that is longer than `words` between its lines, and a line that is longer anywhere."""
    if _count(block) <= words:
        return [block]
    found: list[str] = []
    for line in block.splitlines():
        for piece in fixed(line, words):
            if found and _count(found[-1]) + _count(piece) <= words:
                found[-1] += "\n" + piece
            else:
                found.append(piece)
    return found


def _count(text: str) -> int:
    return len(text.split())


def _blocks(text: str) -> Iterator[tuple[str, bool]]:
    """Give blocks in order, and whether each is a heading."""
    lines = text.splitlines()
    kinds = _kinds(lines)
    borders = [i for i in range(1, len(lines)) if kinds[i] != kinds[i - 1] or kinds[i] == "heading"]
    for start, end in pairwise([0, *borders, len(lines)]):
        block = "\n".join(lines[start:end]).strip("\n")
        if block.strip():
            yield block, kinds[start].startswith("heading")


def _kinds(lines: list[str]) -> list[str]:
    """Say of each line what it is part of; an underlined line is a heading, and a blank one between items part of the list."""
    kinds = [_kind(line) for line in lines]
    for i in range(1, len(lines)):
        alone = kinds[i - 1] == "text" and (i == 1 or kinds[i - 2] == "blank")
        if alone and UNDERLINE.match(lines[i]):
            kinds[i - 1] = kinds[i] = "heading, underlined"
        elif kinds[i] == "text" and kinds[i - 1] == "item" and lines[i][:1].isspace():
            kinds[i] = "item"  # an indented line goes on with the item above it
        elif kinds[i] == "blank" and kinds[i - 1] == "item" and _next(kinds, i) == "item":
            kinds[i] = "item"
    return kinds


def _next(kinds: list[str], start: int) -> str:
    return next((kind for kind in kinds[start:] if kind != "blank"), "")


def _kind(line: str) -> str:
    if not line.strip():
        return "blank"
    if HEADING.match(line.strip()):
        return "heading"
    if "|" in line or re.fullmatch(r"[\s+=:-]{3,}", line):
        return "table"
    return "item" if ITEM.match(line) else "text"

"""Cutting a syllabus into chunks: every so many words, or where its headings, lists and tables end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

HEADING = re.compile(r"^(?:#{1,6}\s+\S.*|\*\*[^*]+\*\*:?\s*|_\*\*.+\*\*_\s*|[A-Z][A-Z &/,'-]{3,60}:?)$")
ITEM = re.compile(r"^\s*(?:[-*+•]|\d+\\?[.)])\s+")


def fixed(text: str, words: int) -> list[str]:
    """Cut after every `words` words, wherever that is; the text between two words is kept as it stands."""
    spans = [found.span() for found in re.finditer(r"\S+", text)]
    starts = range(0, len(spans), words)
    return [text[spans[i][0] : spans[min(i + words, len(spans)) - 1][1]] for i in starts]


def structured(text: str, words: int, least: int) -> list[str]:
    """Cut at headings; blocks (paragraphs, lists, tables) stay whole unless one is longer than `words`.

    A section of fewer than `least` words is joined with what follows.
    """
    chunks: list[str] = []
    held: list[str] = []
    for block, opens in _blocks(text):
        size = sum(map(_count, held))
        if held and ((opens and size >= least) or size + _count(block) > words):
            chunks.append("\n\n".join(held))
            held = []
        if _count(block) > words:
            *whole, block = fixed(block, words)
            chunks += whole
        held.append(block)
    return chunks + (["\n\n".join(held)] if held else [])


def _count(text: str) -> int:
    return len(text.split())


def _blocks(text: str) -> Iterator[tuple[str, bool]]:
    """Give blocks in order, and whether each opens a section."""
    lines = text.splitlines()
    kinds = [_kind(line) for line in lines]
    borders = [0]
    for i in range(1, len(lines)):
        before, kind = kinds[i - 1], kinds[i]
        tight = kind == before or (before == "item" and kind == "text" and lines[i][:1].isspace())
        if kind == "text" and before == "item" and tight:
            kinds[i] = "item"  # an indented line goes on with the item above it
        if not tight or kind == "heading":
            borders.append(i)
    for start, end in pairwise([*borders, len(lines)]):
        block = "\n".join(lines[start:end]).strip("\n")
        if block.strip():
            yield block, kinds[start] == "heading"


def _kind(line: str) -> str:
    if not line.strip():
        return "blank"
    if HEADING.match(line.strip()):
        return "heading"
    if line.lstrip().startswith("|") or re.fullmatch(r"[\s|+=:-]{3,}", line):
        return "table"
    return "item" if ITEM.match(line) else "text"

"""The environments of a LaTeX document: where each begins and ends, and what it stands in."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

DEEPEST = 50  # environments inside one another
_EDGE = re.compile(r"\\(begin|end)\s*\{\s*([A-Za-z]+\*?)\s*\}")


@dataclass(frozen=True)
class Environment:
    """An environment: [start, end) with its \\begin and \\end, [inner, outer) without; `parent` is its place in the list."""

    name: str
    start: int
    inner: int
    outer: int
    end: int
    parent: int | None


def found(text: str) -> tuple[list[Environment], list[tuple[int, str]]]:
    """Return all environments in the order of their beginnings, and those that do not end or begin, each with its offset."""
    opened: list[tuple[str, int, int, int]] = []  # name, start, inner, place in the list
    closed: dict[int, Environment] = {}
    loose: list[tuple[int, str]] = []
    parents: dict[int, int | None] = {}
    for count, edge in enumerate(_EDGE.finditer(text)):
        if edge[1] == "begin":
            parents[count] = opened[-1][3] if opened else None
            opened.append((edge[2], edge.start(), edge.end(), count))
            continue
        if len(opened) > DEEPEST:
            del opened[:-DEEPEST]
        if not any(one[0] == edge[2] for one in opened):
            loose.append((edge.start(), f"\\end{{{edge[2]}}} ends nothing"))
            continue
        while opened[-1][0] != edge[2]:
            name, start, _, _ = opened.pop()
            loose.append((start, f"\\begin{{{name}}} is not ended"))
        name, start, inner, place = opened.pop()
        closed[place] = Environment(name, start, inner, edge.start(), edge.end(), parents[place])
    loose += [(start, f"\\begin{{{name}}} is not ended") for name, start, _, _ in opened[:DEEPEST] if name != "document"]
    return _numbered(closed, parents), loose


def _numbered(closed: dict[int, Environment], parents: dict[int, int | None]) -> list[Environment]:
    order = sorted(closed)
    environments = []
    for place in order:
        above = parents[place]
        while above is not None and above not in closed:
            above = parents[above]
        one = closed[place]
        new = bisect_left(order, above) if above is not None else None
        environments.append(Environment(one.name, one.start, one.inner, one.outer, one.end, new))
    return environments

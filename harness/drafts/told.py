"""What is printed of a source: findings with their lines, what each family could look at, and what was not understood."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from harness.drafts.checking import FAMILIES
from harness.drafts.found import Coverage, Found
from harness.drafts.grid import Grid
from harness.drafts.readers import files
from harness.drafts.shape import Source
from harness.errors import InputError
from harness.text import counted

WIDEST = 160  # letters of a quoted line
SHOWN = 200  # findings that are printed one by one
UNREAD = 20


def told(source: Source, findings: list[Found], coverage: list[Coverage], grids: list[Grid]) -> str:
    """Return the report on a source as text for a terminal."""
    numbers = sum(len(grid.numbers) for grid in grids)
    read = f"{counted(len(source.tables), 'table')}, {counted(numbers, 'number')} in them, {counted(len(source.sentences), 'sentence')} with numbers"
    lines = [f"{_safe(source.title)}: {read}", ""]
    for one in findings[:SHOWN]:
        lines += [
            f"{_safe(str(one.place))}: {one.family}: {_safe(one.statement)}",
            f"    {quote(_line(source, one) or one.quoted)}",
        ]
        lines += [f"    a guess: {_safe(one.guess)}"] if one.guess else []
    lines += [f"and {len(findings) - SHOWN} more findings"] if len(findings) > SHOWN else []
    lines += ["" if findings else "nothing found that the source itself contradicts", *_unread(source)]
    lines += ["what each family of checks could look at:", *(_coverage(one) for one in coverage), ""]
    return "\n".join([*lines, f"{counted(len(findings), 'finding')}; each is a question to the source, no verdict"])


def _line(source: Source, one: Found) -> str:
    """Return the line of the file that a finding stands on; '' for a sentence, which may run over several."""
    if source.root is None or one.family == "prose":
        return ""
    try:
        lines = _lines(source.root / one.place.file)
    except InputError:
        return ""
    return lines[one.place.line - 1].strip() if 0 < one.place.line <= len(lines) else ""


@lru_cache(maxsize=64)
def _lines(path: Path) -> list[str]:
    return files.read(path)[0].split("\n")


def quote(text: str) -> str:
    """Return a source line for a terminal, cut where it is long."""
    plain = _safe(text)
    return plain if len(plain) <= WIDEST else f"{plain[: WIDEST - 4]} ..."


def _unread(source: Source) -> list[str]:
    if not source.unread:
        return []
    shown = [f"    {_safe(str(one.place))}: {_safe(one.what)}" for one in source.unread[:UNREAD]]
    more = [f"    and {len(source.unread) - UNREAD} more"] if len(source.unread) > UNREAD else []
    return ["not understood, and left out:", *shown, *more, ""]


def _coverage(one: Coverage) -> str:
    lacking = "; ".join(f"{number} {why}" for why, number in one.lacking.most_common(4) if why)
    what = FAMILIES[one.family]
    return f"{one.family:>9}  {what}: looked at {one.looked} of {one.total} {one.what}" + (
        f"; not at {lacking}" if lacking else ""
    )


def _safe(text: str) -> str:
    """Return text on one line, without signs that would steer a terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in re.sub(r"\s+", " ", text))

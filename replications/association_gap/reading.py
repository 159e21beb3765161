"""Tab-separated tables with a header row, as the shipped files have them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harness.data.readers.content import lines
from harness.errors import InputError


def table(path: Path, *columns: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield 'file:line' and the named fields of every row; raise InputError for an empty file, a missing column or a short row."""
    names: list[str] | None = None
    for number, line in lines(path):
        where, parts = f"{path}:{number}", line.rstrip("\r\n").split("\t")
        if names is None:
            names = parts
            for column in columns:
                if column not in names:
                    raise InputError(f"{where}: no column '{column}' (columns: {', '.join(names)[:200]})")
        elif len(parts) != len(names):
            raise InputError(f"{where}: {len(parts)} fields, but the header names {len(names)}")
        else:
            yield where, {column: parts[names.index(column)] for column in columns}
    if names is None:
        raise InputError(f"{path}: the file is empty; a header row with {', '.join(columns)} is expected")

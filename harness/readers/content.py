"""What every reader gives back, and the small file formats that several layouts share."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.errors import InputError

Content = dict[str, Any]  # the fields of a Collection, as far as the layout knows them


def text_of(path: Path) -> str:
    """Return a file's text, unpacked if its name ends in .gz; raise InputError if it is not UTF-8."""
    raw = path.read_bytes()
    try:
        return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start}") from None
    except (gzip.BadGzipFile, EOFError) as error:
        raise InputError(f"{path}: not a whole gzip file ({error}); get it again") from None


def json_lines(path: Path, *keys: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON-lines file; raise InputError with file and line for a bad one."""
    for number, line in enumerate(text_of(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            absent = [key for key in keys if key not in entry]
        except (json.JSONDecodeError, TypeError) as error:
            raise InputError(f"{path}:{number}: not a JSON object: {error}") from None
        if absent:
            raise InputError(f"{path}:{number}: the key '{absent[0]}' is missing")
        yield entry


def fields(path: Path, separator: str | None, count: int, skip: int = 0) -> Iterator[list[str]]:
    """Yield the fields of a plain separated file (None: runs of white space); bad lines raise InputError."""
    for number, line in enumerate(text_of(path).splitlines(), start=1):
        if number <= skip or not line.strip():
            continue
        parts = line.split(separator)
        if len(parts) != count:
            raise InputError(f"{path}:{number}: {len(parts)} fields, but {count} are expected")
        yield parts


def grade(path: Path, text: str) -> int:
    """Return a relevance grade; raise InputError if it is no whole number."""
    try:
        return int(text)
    except ValueError:
        raise InputError(f"{path}: the grade '{text}' is no whole number") from None


def rows(path: Path, *columns: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file; raise InputError if a column is missing."""
    reader = csv.DictReader(io.StringIO(text_of(path), newline=""))
    for column in columns:
        if column not in (reader.fieldnames or []):
            raise InputError(f"{path}: no column '{column}' (columns: {', '.join(reader.fieldnames or [])})")
    return list(reader)

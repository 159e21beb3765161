"""What every reader gives back, and the small file formats that several layouts share; a bad line is named file:line."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.errors import InputError

Content = dict[str, Any]  # the fields of a Collection, as far as the layout knows them
Qrels = dict[str, dict[str, int]]


def text_of(path: Path) -> str:
    """Return a file's text, unpacked if its name ends in .gz; raise InputError if it is not UTF-8."""
    raw = path.read_bytes()
    try:
        return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start}") from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"{path}: not a whole gzip file ({error}); get it again") from None


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    """Yield 'file:line' and the line; only \\n ends one, because texts hold other line separators."""
    for number, line in enumerate(text_of(path).split("\n"), start=1):
        if line.strip():
            yield f"{path}:{number}", line.removesuffix("\r")


def json_lines(path: Path, *keys: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON-lines file; each must hold a string under each of `keys`."""
    for where, line in _lines(path):
        try:
            entry = json.loads(line)
        except json.JSONDecodeError as error:
            raise InputError(f"{where}: not JSON: {error}") from None
        if not isinstance(entry, dict):
            raise InputError(f"{where}: not a JSON object")
        for key in keys:
            if key not in entry:
                raise InputError(f"{where}: the key '{key}' is missing")
            if not isinstance(entry[key], str):
                raise InputError(f"{where}: '{key}' is no string (it is {entry[key]!r})")
        yield entry


def fields(path: Path, separator: str | None, count: int, skip: int = 0) -> Iterator[tuple[str, list[str]]]:
    """Yield 'file:line' and the fields of a plain separated file (None: runs of white space)."""
    for number, (where, line) in enumerate(_lines(path)):
        if number < skip:
            continue
        parts = line.split(separator)
        if len(parts) != count:
            raise InputError(f"{where}: {len(parts)} fields, but {count} are expected")
        yield where, parts


def judge(qrels: Qrels, where: str, query: str, document: str, grade: str) -> None:
    """Add one judgement; raise InputError if its grade is no whole number or it was given before."""
    judged = qrels.setdefault(query, {})
    if document in judged:
        raise InputError(f"{where}: query '{query}' judges '{document}' a second time")
    try:
        judged[document] = int(grade)
    except ValueError:
        raise InputError(f"{where}: the grade '{grade}' is no whole number") from None


def rows(path: Path, *columns: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file; raise InputError if a column is missing or a row has too few or too many fields."""
    reader = csv.DictReader(io.StringIO(text_of(path), newline=""), strict=True)
    for column in columns:
        if column not in (reader.fieldnames or []):
            raise InputError(f"{path}: no column '{column}' (columns: {', '.join(reader.fieldnames or [])})")
    found = []
    try:
        for row in reader:
            if None in row or None in row.values():
                raise InputError(f"{path}:{reader.line_num}: a row without exactly {len(reader.fieldnames or [])} fields")
            found.append(row)
    except csv.Error as error:
        raise InputError(f"{path}:{reader.line_num}: malformed CSV: {error}") from None
    return found

"""What every reader gives back, and the small file formats that several layouts share; a bad line is named file:line."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from harness.errors import InputError

Content = dict[str, Any]  # the fields of a Collection, as far as the layout knows them
Qrels = dict[str, dict[str, int]]
LONGEST = 16_000_000  # bytes of a line
UNPACKED = 5_000_000  # bytes from which on what a .gz unpacks to is held against its size
RATIO = 100  # text packs to a third or a tenth; what unpacks to more is no text
DIGITS = 6  # of a grade


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the number and text of each line, its end included; unpacked where the name ends in .gz.

    Only \\n ends a line, because texts hold other line separators. Memory: one line. Raise InputError, naming file and line,
    for what is no file, no UTF-8, holds a NUL or a line beyond `LONGEST`, or unpacks to far more than text can.
    """
    packed = size_of(path)
    number = total = 0
    try:
        with path.open("rb") as raw, _unpacked(raw, path) as stream:
            while line := stream.readline(LONGEST + 1):
                number, total = number + 1, total + len(line)
                _refuse_endless(f"{path}:{number}", len(line), total, packed)
                text = line.decode("utf-8-sig" if number == 1 else "utf-8")
                if "\0" in text:
                    raise InputError(f"{path}:{number}: a NUL character; this is no text file")
                yield number, text
    except UnicodeDecodeError as error:
        raise InputError(f"{path}:{number}: not UTF-8 at byte {error.start} of the line; save the file as UTF-8") from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"{path}: not a whole gzip file ({error}); get it again") from None


def size_of(path: Path) -> int:
    """Return the bytes of a file; raise InputError for what is none: missing, a folder, or a pipe that nobody may ever write to."""
    try:
        found = path.stat()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None
    if not path.is_file():
        raise InputError(f"{path}: not a file")
    return found.st_size


def _unpacked(raw: BinaryIO, path: Path) -> BinaryIO:
    return io.BufferedReader(gzip.GzipFile(fileobj=raw)) if path.suffix == ".gz" else raw


def _refuse_endless(where: str, length: int, total: int, packed: int) -> None:
    if length > LONGEST:
        raise InputError(f"{where}: a line of more than {LONGEST} bytes; is this the right file?")
    if total > UNPACKED and total > RATIO * packed:
        raise InputError(f"{where}: {packed} bytes unpack to more than {RATIO} times as many; text does not, so this is refused")


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    """Yield 'file:line' and the line without its end, blank ones left out."""
    for number, line in lines(path):
        if line.strip():
            yield f"{path}:{number}", line.removesuffix("\n").removesuffix("\r")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key '{key[:40]}' is given twice")
        found[key] = value
    return found


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number")


def json_lines(path: Path, *keys: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON-lines file; each must hold a string under each of `keys`."""
    for where, line in _lines(path):
        try:
            entry = json.loads(line, object_pairs_hook=_once, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{where}: not JSON: {str(error)[:200]}") from None
        if not isinstance(entry, dict):
            raise InputError(f"{where}: not a JSON object")
        for key in keys:
            if key not in entry:
                raise InputError(f"{where}: the key '{key}' is missing")
            if not isinstance(entry[key], str):
                raise InputError(f"{where}: '{key}' is no string (it is {repr(entry[key])[:40]})")
            if not entry[key].isascii():
                refuse_halves(where, key, entry[key])
        yield entry


def refuse_halves(where: str, key: str, text: str) -> None:
    """Raise InputError for half of a surrogate pair: JSON can name one, and no file can hold it."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise InputError(f"{where}: '{key}' holds half a character (a lone surrogate)") from None


def texts_by_id(path: Path) -> dict[str, str]:
    """Return id → text of a file of two columns; raise InputError for an id that is empty or stands twice."""
    found: dict[str, str] = {}
    for where, (name, text) in fields(path, "\t", 2):
        if not name.strip() or name in found:
            raise InputError(f"{where}: the id '{name}' {'is given twice' if name in found else 'is empty'}")
        found[name] = text
    return found


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
    if not is_grade(grade):
        raise InputError(f"{where}: the grade '{grade[:40]}' is no whole number of at most {DIGITS} digits")
    judged[document] = int(grade)


def judgements(path: Path, separator: str | None, count: int) -> Iterator[tuple[str, str, str, str]]:
    """Yield 'file:line', query, document and grade; the query stands first, document and grade last.

    A first line whose grade is a word is a header, as BEIR has one; a grade such as 1.0 is none, and is refused by `judge`.
    """
    for number, (where, (query, *_, document, grade)) in enumerate(fields(path, separator, count)):
        if number or not is_word(grade):
            yield where, query, document, grade


def is_word(field: str) -> bool:
    """Say whether a field is a heading's word: it holds letters, no digit, and is no number such as nan."""
    try:
        float(field)
    except ValueError:
        return bool(re.search(r"[^\W\d_]", field)) and not re.search(r"\d", field)
    return False


def is_grade(word: str) -> bool:
    """Say whether a word is a grade: a whole number, such as 2 or -1."""
    return re.fullmatch(rf"[+-]?[0-9]{{1,{DIGITS}}}", word.strip()) is not None


def rows(path: Path, *columns: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file.

    Raise InputError if a column is missing or stands twice, or a row has too few or too many fields.
    """
    before = csv.field_size_limit(LONGEST)  # of the whole process: put back below
    reader = csv.DictReader((line for _, line in lines(path)), strict=True)
    found: list[dict[str, str]] = []
    start = 1
    try:
        names = list(reader.fieldnames or [])
        if twice := [name for name in names if names.count(name) > 1]:
            raise InputError(f"{path}:1: the column '{twice[0]}' stands twice")
        for column in columns:
            if column not in names:
                raise InputError(f"{path}: no column '{column}' (columns: {', '.join(names)[:200]})")
        start = reader.line_num + 1
        for row in reader:
            if None in row or None in row.values():
                raise InputError(f"{path}:{start}: a row without exactly {len(names)} fields")
            found.append(row)
            start = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"{path}:{start}: malformed CSV: {error}") from None
    finally:
        csv.field_size_limit(before)
    return found

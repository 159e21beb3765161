"""Duplicates and leakage: texts of an evaluation that stand in the training data."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from harness.audits.finding import Finding
from harness.errors import InputError
from harness.ledger.claims import Ledger, TextSet

Read = Callable[[str, str], bytes | None]  # (asset, file) → content, or None where it is not at hand


def find(ledgers: list[Ledger], read: Read) -> list[Finding]:
    """Count exact matches (stripped, case-folded) between each evaluation set and each training set of a study."""
    findings = []
    for ledger in ledgers:
        loaded: dict[str, list[list[str]]] = {}
        for name, texts in ledger.texts.items():
            rows = digests(texts, read)
            if rows is None:
                statement = (
                    f"the texts '{name}' ({texts.asset}/{texts.file}) are not at hand: duplicates and leakage are not counted"
                )
                findings.append(Finding("leakage", "not run", ledger.study, (), (), statement, "", None))
            else:
                loaded[name] = rows
                findings += _duplicates(ledger, name, rows)
        for one in (n for n in loaded if ledger.texts[n].role == "evaluation"):
            for other in (n for n in loaded if ledger.texts[n].role == "training"):
                findings.append(_overlap(ledger, one, loaded[one], other, loaded[other]))
    return findings


def digest(text: str) -> str:
    """sha256 of a text as it is compared: stripped and case-folded."""
    return hashlib.sha256(text.strip().casefold().encode()).hexdigest()


BLANK = digest("")  # an empty cell is no text: two of them are no leak


def digests(texts: TextSet, read: Read) -> list[list[str]] | None:
    """Return the digests of a set, one list a row; None if its file is not at hand.

    Raise InputError where a file or digest cannot be what it is said to be: an unread set must not look clean.
    """
    if texts.sha256:
        for value in texts.sha256:
            if not re.fullmatch("[0-9a-fA-F]{64}", value):
                raise InputError(f"claims.yaml: texts: sha256: '{value}' is no sha256 digest (64 hexadecimal digits)")
        return [[value.lower()] for value in texts.sha256]
    assert texts.asset and texts.file
    raw = read(texts.asset, texts.file)
    if raw is None:
        return None
    place = f"{texts.asset}/{texts.file}"
    if not texts.columns:
        raise InputError(f"claims.yaml: texts: {place}: columns: missing; say which columns hold the texts")
    found = [[digest(_cell(place, i, row, column)) for column in texts.columns] for i, row in enumerate(_rows(place, raw), 1)]
    if not found:
        raise InputError(f"{place}: holds no rows")
    return found


def _rows(place: str, raw: bytes) -> list[dict[str, Any]]:
    try:
        content = raw.decode("utf-8-sig")  # a byte order mark is no part of the first column's name
        if place.endswith(".jsonl"):  # splitlines() would also cut at U+2028 inside a string
            return [json.loads(line) for line in content.split("\n") if line.strip()]
        return list(csv.DictReader(io.StringIO(content, newline="")))
    except UnicodeDecodeError as error:
        raise InputError(f"{place}: not UTF-8 at byte {error.start}") from None
    except (json.JSONDecodeError, csv.Error) as error:
        raise InputError(f"{place}: malformed: {error}") from None


def _cell(place: str, number: int, row: Any, column: str) -> str:
    value = row.get(column) if isinstance(row, dict) else None
    if not isinstance(value, str):
        known = ", ".join(map(str, row)) if isinstance(row, dict) else "none"
        raise InputError(f"{place}: row {number}: no text in column '{column}' (columns: {known})")
    return value


def _duplicates(ledger: Ledger, name: str, rows: list[list[str]]) -> list[Finding]:
    repeated = sum(count - 1 for count in Counter(map(tuple, rows)).values())
    if not repeated:
        return []
    statement = f"'{name}' holds {repeated} rows that repeat an earlier one"
    return [
        Finding("leakage", "caution", ledger.study, (), (), statement, f"{len(rows)} rows, {len(rows) - repeated} distinct", 0.0)
    ]


def _overlap(ledger: Ledger, one: str, evaluation: list[list[str]], other: str, training: list[list[str]]) -> Finding:
    seen = Counter(value for row in training for value in set(row) if value != BLANK)
    found = [row[0] for row in evaluation if any(value in seen for value in row)]
    line = f"{len(found)} of {len(evaluation)} after strip and case-folding"
    if ledger.texts[one].sha256 and found:
        line += "; training rows with each: " + ", ".join(str(seen[value]) for value in found)
    if not found:
        statement = f"no text of '{one}' stands in '{other}'"
        return Finding("leakage", "consistent", ledger.study, (), (), statement, line, None)
    whole = "all" if len(found) == len(evaluation) else "of them"
    count = f"all {len(found)}" if whole == "all" else f"{len(found)} of the {len(evaluation)}"
    statement = f"{count} texts of '{one}' stand word for word in the training set '{other}'"
    return Finding("leakage", "caution", ledger.study, (), (), statement, line, 0.0)

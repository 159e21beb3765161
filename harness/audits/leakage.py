"""Duplicates and leakage: texts of an evaluation that stand in the training data."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from typing import Any

from harness.audits.finding import Finding
from harness.errors import InputError
from harness.ledger.claims import Ledger, TextSet

Digests = tuple[str, str]  # of a text word for word, and of its normal form
NORMALISED = "levelling Unicode forms, case, white space, quotes and dashes"
# Levelled before Unicode's own forms are: those would take an acute accent for a blank and a mark.
_MARKS = dict.fromkeys(map(ord, "\u2018\u2019\u201a\u201b\u2032\u02bc\u02b9\u00b4`\u2039\u203a\uff07"), "'")
_MARKS |= dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\u301d\u301e\u301f\uff02"), '"')
_MARKS |= dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58\ufe63\uff0d"), "-")
Read = Callable[[str, str], bytes | None]  # (asset, file) → content, or None where it is not at hand


def find(ledgers: list[Ledger], read: Read) -> list[Finding]:
    """Count the texts that each evaluation set shares with each training set of a study, and the rows that repeat within a set.

    Texts are compared as `normal` writes them; those that agree word for word (stripped, case-folded) are told apart.
    """
    findings = []
    for ledger in ledgers:
        loaded: dict[str, list[list[Digests]]] = {}
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


def normal(text: str) -> str:
    """Return a text without what copying changes: Unicode form, case, white space, invisible characters, kinds of quotes and dashes."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text.translate(_MARKS)).casefold())
    seen = "".join(one for one in folded.translate(_MARKS) if unicodedata.category(one) != "Cf")
    return " ".join(re.sub("-+", "-", seen).split())


def digest(text: str) -> str:
    """sha256 of a text word for word: stripped and case-folded."""
    return _sha256(text.strip().casefold())


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


BLANK = digest("")  # an empty cell is no text: two of them are no leak


def digests(texts: TextSet, read: Read) -> list[list[Digests]] | None:
    """Return the digests of a set, word for word and of the normal form, one list a row; None if its file is not at hand.

    Raise InputError where a file or digest cannot be what it is said to be: an unread set must not look clean.
    """
    if texts.sha256:
        for value in texts.sha256:
            if not re.fullmatch("[0-9a-fA-F]{64}", value):
                raise InputError(f"claims.yaml: texts: sha256: '{value}' is no sha256 digest (64 hexadecimal digits)")
        return [[(value.lower(), value.lower())] for value in texts.sha256]
    assert texts.asset and texts.file
    raw = read(texts.asset, texts.file)
    if raw is None:
        return None
    place = f"{texts.asset}/{texts.file}"
    if not texts.columns:
        raise InputError(f"claims.yaml: texts: {place}: columns: missing; say which columns hold the texts")
    cells = [[_cell(place, i, row, column) for column in texts.columns] for i, row in enumerate(_rows(place, raw), 1)]
    found = [[(digest(text), _sha256(normal(text))) for text in row] for row in cells]
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


def _duplicates(ledger: Ledger, name: str, rows: list[list[Digests]]) -> list[Finding]:
    exact, alike = (len(rows) - len({tuple(cell[form] for cell in row) for row in rows}) for form in (0, 1))
    if not alike:
        return []
    statement = f"'{name}' holds {alike} rows that repeat an earlier one"
    line = f"{len(rows)} rows, {len(rows) - alike} distinct" + (f"; {exact} repeat it word for word" if exact < alike else "")
    return [Finding("leakage", "caution", ledger.study, (), (), statement, line, 0.0)]


def _overlap(ledger: Ledger, one: str, evaluation: list[list[Digests]], other: str, training: list[list[Digests]]) -> Finding:
    texts = [{cell for cell in row if cell[1] != BLANK} for row in training]
    exact = {cell[0] for row in texts for cell in row}
    seen = Counter(value for row in texts for value in {value for cell in row for value in cell})
    found = [row for row in evaluation if any(value in seen for cell in row for value in cell)]
    verbatim = sum(any(cell[0] in exact for cell in row) for row in found)
    line = f"{len(found)} of {len(evaluation)} after strip and case-folding"
    if verbatim < len(found):
        line = f"{len(found)} of {len(evaluation)} after {NORMALISED}; {verbatim} after strip and case-folding alone"
    if ledger.texts[one].sha256 and found:
        line += "; training rows with each: " + ", ".join(str(seen[row[0][0]]) for row in found)
    if not found:
        statement = f"no text of '{one}' stands in '{other}'"
        return Finding(
            "leakage", "consistent", ledger.study, (), (), statement, f"0 of {len(evaluation)} after {NORMALISED}", None
        )
    count = f"all {len(found)}" if len(found) == len(evaluation) else f"{len(found)} of the {len(evaluation)}"
    if verbatim == len(found):
        statement = f"{count} texts of '{one}' stand word for word in the training set '{other}'"
    else:
        others = "the others but for" if verbatim else "but for"
        aside = f"{verbatim or 'none'} of them word for word, {others} spacing, quotes, dashes or Unicode form"
        statement = f"{count} texts of '{one}' stand in the training set '{other}', {aside}"
    return Finding("leakage", "caution", ledger.study, (), (), statement, line, 0.0)

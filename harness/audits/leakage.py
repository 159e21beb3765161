"""Duplicates and leakage: texts of an evaluation that stand in the training data."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Callable

from harness.errors import InputError
from harness.finding import Finding
from harness.ledger import Ledger, TextSet

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


def digests(texts: TextSet, read: Read) -> list[list[str]] | None:
    """Return the digests of a set, one list a row; None if its file is not at hand."""
    if texts.sha256:
        return [[value] for value in texts.sha256]
    assert texts.asset and texts.file
    raw = read(texts.asset, texts.file)
    if raw is None:
        return None
    content = raw.decode("utf-8")
    rows = (
        [json.loads(line) for line in content.splitlines() if line.strip()]
        if texts.file.endswith(".jsonl")
        else list(csv.DictReader(io.StringIO(content, newline="")))
    )
    for column in texts.columns:
        if rows and column not in rows[0]:
            raise InputError(f"{texts.asset}/{texts.file}: no column '{column}' (columns: {', '.join(rows[0])})")
    return [[digest(row[column]) for column in texts.columns] for row in rows]


def _duplicates(ledger: Ledger, name: str, rows: list[list[str]]) -> list[Finding]:
    repeated = sum(count - 1 for count in Counter(map(tuple, rows)).values())
    if not repeated:
        return []
    statement = f"'{name}' holds {repeated} rows that repeat an earlier one"
    return [
        Finding("leakage", "caution", ledger.study, (), (), statement, f"{len(rows)} rows, {len(rows) - repeated} distinct", 0.0)
    ]


def _overlap(ledger: Ledger, one: str, evaluation: list[list[str]], other: str, training: list[list[str]]) -> Finding:
    seen = Counter(value for row in training for value in set(row))
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

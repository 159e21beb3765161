"""A card's records as `claims.yaml`: one table, a row a task, a column a metric, every number as it is printed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from harness.cards import margin, metrics
from harness.cards.data import Run
from harness.cards.models import Model
from harness.cards.record import REPO, Card, Record
from harness.cards.tasks import Task
from harness.ledger import standard

VARIANT = "as_saved"
LONGEST = 60  # characters of a column's name
Key = tuple[str | None, str]
HEAD = """# Imported from {source} ({form}). Facts, never edited to fit: what is printed stands as it is printed.
# The margin is one rule for all rows, written before any run; how the values came about that the source does not say stays open.
"""
PROMPTS = "the source does not say which prompts its run put before texts, nor in which precision: those saved with the model are used, in float32"
TIES = "mteb before its issue 5092 broke ties in this measure by the order of the ranking, not by document id"


def text(card: Card, tasks: list[Task], runs: Mapping[str, Run | str], model: Model | None, again: list[str]) -> str:
    """Return the ledger of a card; `runs`: what each task is run on by its key, or why on nothing."""
    title = f"{card.model or card.source}, {card.form}"
    record = {"title": title, "source": "primary", "locator": _locator(card)}
    columns = _columns(tasks)
    declared = {name: metrics.declared(name) for name in columns if _needs_declaration(columns[name])}
    raw: dict[str, Any] = {"title": title, "documents": {"records": record}, "metrics": declared}
    raw["tables"] = [_table(card, tasks, runs, columns)]
    body = yaml.safe_dump(raw, sort_keys=False, default_flow_style=None, width=10**6, allow_unicode=True)
    said = [*card.remarks, *([f"the model that is run: {model.told}", PROMPTS] if model else [])]
    left = [*card.left_out, *again]
    comments = [*said, *(["Left out:", *(f"  {one}" for one in left)] if left else [])]
    return HEAD.format(source=line(card.source or "a card"), form=card.form) + "".join(f"# {line(one)}\n" for one in comments) + body


def _locator(card: Card) -> str:
    revision = f" at revision {card.model_revision}" if card.model_revision else ""
    return f"{card.source or card.form}, of {card.model or 'a model without a name'}{revision}"


def _columns(tasks: list[Task]) -> dict[str, Record]:
    """Return a record of each column, by the harness's metric, or by the source's own name where there is none."""
    found: dict[Key, Record] = {}
    for record in (record for task in tasks for record in task.records.values()):
        found.setdefault(_key(record), record)
    named: dict[str, Record] = {}
    for record in sorted(found.values(), key=lambda record: record.score is None):  # a metric's own name is for its values
        name = record.score or (re.sub(r"[^A-Za-z0-9_.+@-]+", "_", record.metric)[:LONGEST].strip("_") or "other")
        while name in named:
            name += "_"
        named[name] = record
    return named


def _key(record: Record) -> Key:
    """Return what makes two values stand in one column: the metric of the harness, else the source's own name."""
    return record.score, "" if record.score else record.metric


def _needs_declaration(record: Record) -> bool:
    return record.score is not None and standard.metric(record.score) is None


def _table(card: Card, tasks: list[Task], runs: Mapping[str, Run | str], columns: dict[str, Record]) -> dict[str, Any]:
    rows = {task.key: _row(task, runs[task.key], columns, card.form == "MTEB results") for task in tasks}
    shared = _shared(list(rows.values()), ("unit", "decimals", "margin", "untested"))
    for row in rows.values():
        for key in shared:
            row.pop(key, None)
    table: dict[str, Any] = {"id": "records", "place": card.source or card.form, "variant": VARIANT, "decidable_at": "original"}
    if card.model and re.fullmatch(REPO, card.model):
        table["model"] = card.model
    return {**table, **shared, "columns": {name: _column(record) for name, record in columns.items()}, "rows": rows}


def _column(record: Record) -> dict[str, Any]:
    found: dict[str, Any] = {"label": record.metric}
    if record.score is None:
        return {**found, "untested": record.notes or "nothing here computes it from a ranking"}
    found["metric"] = record.score
    return {**found, "note": TIES} if record.score.startswith("mrr@") else found


def _row(task: Task, run: Run | str, columns: dict[str, Record], machine: bool) -> dict[str, Any]:
    """Return a task's row; `machine`: a program that drops trailing zeros wrote it, so that all values have the same decimals."""
    own = {_key(record): record for record in task.records.values()}
    printed = [own[_key(record)].printed if _key(record) in own else None for record in columns.values()]
    numbers = [one for one in printed if one is not None]
    first = next(iter(own.values()))
    found: dict[str, Any] = {"label": task.label, "line": first.place, "collection": task.key, "unit": first.unit}
    found |= {"decimals": margin.decimals(numbers)} if machine else {}
    found["margin"] = margin.margin(numbers, first.unit)
    if isinstance(run, str):
        return {**found, "untested": run, "printed": printed}
    if run.n:
        found["n"] = run.n
    if task.split:
        found |= {"same_queries": True, "said": {"same_queries": f"the split {task.split} of {task.name}, all its queries"}}
    if notes := _notes(task, run):
        found["note"] = notes
    return {**found, "printed": printed}


def _notes(task: Task, run: Run) -> str:
    """Return what is known of the data, and what is not."""
    said = [note for note in dict.fromkeys(record.notes for record in task.records.values() if record.score) if note]
    if task.revision:
        said.append(f"the source used revision {task.revision} of {task.dataset or 'its data'}; the record does not show whether {run.collection}, pinned by counts and digest, holds the same")
    if not task.split:
        said.append("the source names no split")
    return "; ".join(said)


def _shared(rows: list[dict[str, Any]], keys: tuple[str, ...]) -> dict[str, Any]:
    """Return what all rows say alike, to be said once."""
    return {key: rows[0][key] for key in keys if rows and key in rows[0] and all(row.get(key) == rows[0][key] for row in rows)}


def line(words: str) -> str:
    """Return words on one line, for a comment or a list."""
    return "".join(sign if sign.isprintable() else " " for sign in words)

"""The `model-index` in front of a model card, as the Hugging Face Hub specifies it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from harness.cards import front, hub_cache, values
from harness.cards.record import REPO, Card, Record
from harness.cards.values import Place
from harness.errors import InputError, brief

KEY = "model-index"
RETRIEVAL = ("retrieval", "information-retrieval", "text-retrieval")
UNKNOWN = ("unknown", "none")


def holds(path: Path) -> bool:
    """Say whether a card's YAML has a model-index."""
    found = front.written(path)
    return isinstance(found, dict) and bool(found.get(KEY))


def read(path: Path, known: frozenset[str]) -> Card:
    """Return the records of retrieval tasks; raise InputError for a card without model-index, or one that is malformed.

    `known`: the names of tasks whose main score is told (`values.records`).
    """
    index = _index(path, front.written(path))
    name, results = index.get("name"), _list(path, f"{KEY}.results", index.get("results"))
    found: list[Record] = []
    left: list[str] = []
    others: dict[str, None] = {}  # each task once
    for number, result in enumerate(results, 1):
        where = f"{path.name}, {KEY} result {number}"
        kind, at, metrics = _result(path, result, where)
        if kind.lower() not in RETRIEVAL:
            others[f"{at.task}: a task of the type {kind}, which is no retrieval"] = None
            continue
        told, unread = values.records(metrics, at, known)
        found, left = found + told, left + unread
    unit, remarks = values.unit(one for one in found if one.score)
    cached, commit = hub_cache.named(path)
    # "SentenceTransformer based on org/name" names no model, least of all the one that it was trained from.
    model = cached or (str(name) if name and re.fullmatch(rf"{REPO}|[\w.-]+", str(name)) else None)
    return Card("model-index", model, commit, values.in_unit(found, unit), [*others, *left], path.name, remarks if found else [])


def _index(path: Path, written: Any) -> dict[str, Any]:
    index = written.get(KEY) if isinstance(written, dict) else None
    if not index:
        raise InputError(f"{path}: no {KEY} in front of it; give a card that has one, or the results themselves (.eval_results/, MTEB's JSON)")
    if not isinstance(index, list) or not all(isinstance(one, dict) for one in index):
        raise InputError(f"{path}: {KEY}: expected a list with one model, not {brief(index)}")
    if len(index) > 1:
        raise InputError(f"{path}: {KEY}: {len(index)} models ({', '.join(str(one.get('name')) for one in index[:4])}); keep the one that is meant")
    return dict(index[0])


def _list(path: Path, key: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise InputError(f"{path}: {key}: expected a list, not {brief(value)}")
    return value


def _result(path: Path, result: Any, where: str) -> tuple[str, Place, dict[str, object]]:
    """Return the type of a result's task, whose values they are, and the values by the type of their metric."""
    task, data = (result.get(key) if isinstance(result, dict) else None for key in ("task", "dataset"))
    if not isinstance(task, dict) or not isinstance(data, dict) or not isinstance(task.get("type"), str):
        raise InputError(f"{path}: {where}: expected task: {{type: ...}}, dataset: {{name: ..., type: ...}} and metrics")
    found: dict[str, object] = {}
    for one in _list(path, f"{where}: metrics", result.get("metrics")):
        if not isinstance(one, dict) or not isinstance(one.get("type"), str):
            raise InputError(f"{path}: {where}: metrics: expected type and value, not {brief(one)}")
        if found.setdefault(one["type"], one.get("value")) != one.get("value"):
            raise InputError(f"{path}: {where}: {one['type']} is printed twice, {found[one['type']]} and {one.get('value')}; keep the one that is meant")
    subset, split = data.get("config") or "", data.get("split") or ""
    hub_id = None if str(data.get("type")).lower() in UNKNOWN else str(data["type"])
    named = _name(str(data.get("name") or hub_id or "a data set without a name"), str(subset))
    return task["type"], Place(named, hub_id, values.revision(data.get("revision")), str(split), str(subset), where), found


def _name(written: str, subset: str) -> str:
    """Return a task's name as MTEB has it: its cards put 'MTEB' before the name and the subset in brackets after it."""
    named = written.removeprefix("MTEB ").strip()
    return re.sub(rf"\s*\({re.escape(subset or 'default')}\)$", "", named) or written

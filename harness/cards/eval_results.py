"""`.eval_results/*.yaml` of a model repository, as the Hugging Face Hub specifies it: an entry names its data set and task, no metric."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from harness.cards import front, hub_cache, metrics, values
from harness.cards.record import Card, Record
from harness.cards.values import Place
from harness.errors import InputError, brief

FOLDER = ".eval_results"
_NAMED = re.compile(r"\b(?:ndcg|mrr|map|recall|precision|hit_rate)(?:_at_|@)[1-9]\d*\b")


def read(path: Path, known: frozenset[str]) -> Card:
    """Return the records of a file, or of all files of a folder; raise InputError for what is malformed or holds none.

    `known`: the names of tasks and data sets that collections here are known by: of MTEB's tasks among them the metric is
    the main score of retrieval, ndcg_at_10. Of others the notes must name the metric.
    """
    files = sorted([*path.glob("*.yaml"), *path.glob("*.yml")]) if path.is_dir() else [path]
    if not files:
        raise InputError(f"{path}: no .yaml file in it; give the folder {FOLDER} of a model, or one file of it")
    found: list[Record] = []
    left: list[str] = []
    for file in files:
        for number, entry in enumerate(_entries(file), 1):
            told = _record(entry, f"{file.name}, entry {number}", known)
            if isinstance(told, str):
                left.append(told)
            else:
                found.append(told)
    unit, remarks = values.unit(found)
    model, commit = hub_cache.named(path)
    return Card(".eval_results", model, commit, values.in_unit(found, unit), left, path.name, remarks if found else [])


def _entries(path: Path) -> list[Any]:
    """Return a file's entries, read by the Hub's own client; every value stays as written."""
    from huggingface_hub import parse_eval_result_entries

    written = front.written(path)
    if not isinstance(written, list) or not written:
        raise InputError(f"{path}: expected a list of entries with dataset: {{id: ..., task_id: ...}} and value, not {brief(written)}")
    for entry in written:
        data = entry.get("dataset") if isinstance(entry, dict) else None
        if not isinstance(data, dict) or not all(isinstance(data.get(key), str) for key in ("id", "task_id")) or "value" not in entry:
            raise InputError(f"{path}: {brief(entry)}: an entry needs dataset: {{id: ..., task_id: ...}} and value")
    try:
        found: list[Any] = parse_eval_result_entries(written)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise InputError(f"{path}: no entry of {FOLDER}: {error}") from None
    return found


def _record(entry: Any, where: str, known: frozenset[str]) -> Record | str:
    """Return an entry as a record, or why it is none."""
    name = f"{where}: {entry.dataset_id}, {entry.task_id}"
    if problem := values.no_number(entry.value):
        return f"{name}: {problem}"
    task, subset, split = _task(entry.task_id, entry.dataset_id, known)
    at = Place(task, entry.dataset_id, values.revision(entry.dataset_revision), split, subset, where)
    said = sorted(set(_NAMED.findall(str(entry.notes or ""))))
    if len(said) == 1:
        score, why = metrics.score(said[0])
        return values.record(at, said[0], entry.value, score, why)
    if not ({task, entry.dataset_id} & known and _of_mteb(entry)):
        return f"{name}: the form names no metric, and no task known here tells it; is it retrieval, write its metric into notes (ndcg_at_10)"
    told = f"the form names no metric: {metrics.MAIN_SCORE} is MTEB's main score of retrieval"
    return values.record(at, metrics.MAIN, entry.value, metrics.score(metrics.MAIN_SCORE)[0], told)


def _of_mteb(entry: Any) -> bool:
    """Say whether an entry is said to be of MTEB: by its data set, its source or its notes."""
    said = f"{entry.source_url or ''} {entry.source_name or ''} {entry.notes or ''}".lower()
    return bool(entry.dataset_id.startswith("mteb/") or re.search(r"\bmteb\b", said))


def _task(task_id: str, dataset: str, known: frozenset[str]) -> tuple[str, str, str]:
    """Return task, subset and split: MTEB writes Task_subset_split, or the task alone for all of it."""
    if task_id in known:
        return task_id, "", ""
    parts = task_id.rsplit("_", 2)
    if len(parts) == 3 and (parts[0] in known or dataset in known):
        return parts[0], parts[1], parts[2]
    return (dataset if dataset in known else task_id), "", ""

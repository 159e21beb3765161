"""Tasks of a card: the records of one data set, split and subset, and the collection here that is the same, if there is one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.cards.record import Record
from harness.config import Config
from harness.data import asset, definition
from harness.errors import InputError, closest

DEFAULT = ("", "default")  # of a subset: the whole data set, or its only part
LONGEST = 60


@dataclass
class Task:
    """One task: `key` names its row and role; `records` by metric, as the source names it."""

    key: str
    name: str
    dataset: str | None
    revision: str | None
    split: str
    subset: str
    records: dict[str, Record] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """Where the source prints it."""
        return next(iter(self.records.values())).place

    @property
    def label(self) -> str:
        """The task in the source's words, with split, subset and revision of the data as far as it gives them."""
        parts = [f"split {self.split}" if self.split else "", f"subset {self.subset}" if self.subset not in DEFAULT else ""]
        data = f"data {self.dataset or ''}{'@' + self.revision[:12] if self.revision else ''}".strip() if self.dataset or self.revision else ""
        return ", ".join([self.name, *filter(None, [*parts, data])])


def grouped(records: list[Record]) -> tuple[list[Task], list[str]]:
    """Return the tasks of records, in their order, and which records print again what one printed before."""
    found: dict[tuple[str | None, ...], list[Task]] = {}
    again = []
    taken: set[str] = set()
    for record in records:
        identity = (record.task, record.dataset, record.revision, record.split, record.subset)
        same = found.setdefault(identity, [])
        if any(record.metric in task.records and task.records[record.metric].printed == record.printed for task in same):
            again.append(f"{record.place}: {record.task}, {record.metric}: {record.printed} stands there already")
            continue
        free = next((task for task in same if record.metric not in task.records), None)
        if free is None:
            free = Task(_key(record, taken), *identity)
            same.append(free)
        free.records[record.metric] = record
    return [task for same in found.values() for task in same], again


def _key(record: Record, taken: set[str]) -> str:
    """Return a name for a task that no other has: its own, then its subset and split, then a number."""
    parts = [record.task, *([record.subset] if record.subset not in DEFAULT else [])]
    words = [slug("_".join(parts)), slug("_".join([*parts, record.split]))]
    found = next((word for word in words if word not in taken), None)
    number = 2
    while found is None or found in taken:
        found, number = f"{words[1]}_{number}", number + 1
    taken.add(found)
    return found


def slug(text: str) -> str:
    """Return words as a name of a role: small letters, digits and underscores."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:LONGEST].strip("_") or "task"


@dataclass(frozen=True)
class Known:
    """The names under which collections' definitions say that records know them, each with the definitions that say so."""

    paths: dict[str, Path]
    named: dict[str, list[str]]

    @property
    def names(self) -> frozenset[str]:
        """All such names."""
        return frozenset(self.named)

    def says(self, collection: str, task: Task) -> bool:
        """Say whether a collection's definition knows the task by this name."""
        return any(collection in self.named.get(name, []) for name in _names(task))

    def collection(self, task: Task) -> str | None:
        """Return the one collection that is known by a task's name; raise InputError where several are."""
        if task.subset not in DEFAULT:
            return None
        found = next((self.named[name] for name in _names(task) if name in self.named), [])
        if len(found) > 1:
            raise InputError(f"{task.name}: several collections are known by this name ({', '.join(sorted(found))}); say which: --task {task.name}={min(found)}")
        return found[0] if found else None


def _names(task: Task) -> list[str]:
    """Return the names that may say what a task is: its own; its data set's only where it has no other."""
    return [task.name, *([task.dataset] if task.dataset and task.name == task.dataset else [])]


def known(config: Config) -> Known:
    """Return the names of all collections that can be read; a broken definition is told to who uses it."""
    paths = asset.definitions(config, "collections")
    named: dict[str, list[str]] = {}
    for name, path in paths.items():
        for word in _written(path):
            named.setdefault(word, []).append(name)
    return Known(paths, named)


def _written(path: Path) -> list[str]:
    try:
        found = definition.read_mapping(path).get("tasks")
    except InputError:
        return []
    return [word for word in found if isinstance(word, str)] if isinstance(found, list) else []


def chosen(tasks: list[Task], given: Mapping[str, str]) -> dict[str, str]:
    """Return key → what the user gave for a task, by its name, data set, key, or name:split; raise InputError for a name that no task has."""
    found: dict[str, str] = {}
    known_names: set[str] = set()
    for task in tasks:
        names = [task.key, f"{task.name}:{task.split}", task.name, *([task.dataset] if task.dataset else [])]
        known_names |= set(names)
        if word := next((given[name] for name in names if name in given), None):
            found[task.key] = word
    for name in given:
        if name not in known_names:
            raise InputError(f"--task {name}: the source has no such task{closest(name, {task.name for task in tasks})}")
    return found


def counts(path: Path) -> dict[str, Any]:
    """Return the counts that a definition pins."""
    return definition.read_mapping(path).get("counts") or {}

"""The values of one task: which are records, which are not, and whether a source prints per cent or fractions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from harness.cards import metrics
from harness.cards.record import Record, Unit
from harness.errors import InputError, brief

NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
LONGEST = 60
BESIDE = ("hf_subset", "languages", "evaluation_time", "mteb_version")  # what MTEB writes among the values of a task
# nAUC (Gisserot-Boukhlef et al. 2024) is of abstention, not of the ranking; `accuracy` repeats recall_at_1 in MTEB's results.
_UNREAD = re.compile(r"nauc_.*|accuracy|naucs?")
ABSENT = re.compile(r"(?i)none|null|n/?a|.*not[ _]?available.*|no[_ ]revision.*|external|")
OPEN = "every value lies between 0 and 1, and nothing says whether per cent is meant: they are read as fractions"


@dataclass(frozen=True)
class Place:
    """Whose values they are: task, data set, revision, split and subset in the source's words, and where they stand."""

    task: str
    dataset: str | None
    revision: str | None
    split: str
    subset: str
    where: str


def records(values: Mapping[str, object], at: Place, known: frozenset[str]) -> tuple[list[Record], list[str]]:
    """Return one record a value, and what is none, with the reason; the unit is a fraction until `unit` has seen all.

    `known`: the names of retrieval tasks that collections here are known by, whose main score is told by the task.
    """
    found: list[Record] = []
    left: list[str] = []
    unread = []
    for name, value in values.items():
        if name in BESIDE or name == metrics.MAIN:
            continue
        if _UNREAD.fullmatch(name) or isinstance(value, dict | list):
            unread.append(name)
        elif not isinstance(value, str) or no_number(value):
            left.append(f"{at.where}: {at.task}, {name}: {no_number(value)}")
        else:
            score, why = metrics.score(name)
            found.append(record(at, name, value, score, why))
    if unread:
        more = f" and {len(unread) - 3} more" if len(unread) > 3 else ""
        left.append(f"{at.where}: {at.task}: {', '.join(unread[:3])}{more}: no measure of a ranking, or one that repeats another")
    main, problem = _main(values.get(metrics.MAIN), found, at, known)
    return found + main, left + problem


def record(at: Place, metric: str, printed: str, score: str | None, notes: str) -> Record:
    """Return a record, in fractions until the unit of the whole source is known."""
    return Record(at.task, at.dataset, at.revision, at.split, at.subset, metric, printed, "fraction", score, at.where, notes)


def no_number(value: object) -> str:
    """Return why a value is no number that a ledger can hold, '' where it is one."""
    if isinstance(value, str) and len(value) <= LONGEST and NUMBER.fullmatch(value):
        return ""
    return f"{brief(value)} is no number"


def _main(value: object, found: list[Record], at: Place, known: frozenset[str]) -> tuple[list[Record], list[str]]:
    """Return the main score as a record where no other value repeats it and the task tells what it is; else why not."""
    if value is None:
        return [], []
    if problem := no_number(value):
        return [], [f"{at.where}: {at.task}, {metrics.MAIN}: {problem}"]
    if any(Decimal(one.printed) == Decimal(str(value)) for one in found):
        return [], []
    if not found and (at.task in known or at.dataset in known):
        told = f"the source names no metric: {metrics.MAIN_SCORE} is MTEB's main score of retrieval"
        return [record(at, metrics.MAIN, str(value), metrics.score(metrics.MAIN_SCORE)[0], told)], []
    return [], [f"{at.where}: {at.task}, {metrics.MAIN} {value}: nothing says which metric it is"]


def in_unit(found: list[Record], unit: Unit) -> list[Record]:
    """Return records in a unit."""
    return [replace(one, unit=unit) for one in found]


def unit(found: Iterable[Record]) -> tuple[Unit, list[str]]:
    """Return the unit of a whole source, and a remark where it stays open: any value of a ranking above 1 is of per cent."""
    if any(Decimal(one.printed) > 1 for one in found):
        return "percent", []
    return "fraction", [OPEN]


def refuse_percent(path: Path, found: Iterable[Record]) -> None:
    """Raise InputError for a value above 1 where the form is of fractions."""
    for one in found:
        if one.score and Decimal(one.printed) > 1:
            raise InputError(f"{path}: {one.place}: {one.metric} is {one.printed}, but MTEB's results are fractions; give the file as mteb wrote it")


def revision(value: object) -> str | None:
    """Return a revision as written; None where the source says in a word that it has none."""
    return None if value is None or ABSENT.fullmatch(str(value).strip()) else str(value).strip()

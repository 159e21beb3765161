"""Which printed values the run can be held against: those of the similarity that the model was saved with, each metric once."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

from harness.cards import metrics
from harness.cards.data import Run, inside
from harness.cards.record import Record
from harness.cards.tasks import Task
from harness.config import Config
from harness.data import loading
from harness.errors import InputError


def settled(task: Task, run: Run | str, normalise: bool | None, folder: Path, config: Config) -> Task:
    """Return a task whose other values have no score, with the reason.

    `normalise`: whether the model is saved with cosine similarity, None where no model is run; `folder`: the study that is written.
    """
    config = inside(folder, config) if isinstance(run, Run) and run.everywhere else config
    taken: dict[str, str] = {}
    records = {}
    for name, record in task.records.items():
        why = _unfit(record, run, normalise, config) if record.score else ""
        if record.score and not why and record.score in taken:
            why = f"{taken[record.score]} prints this metric too, and is the one that is held against the run"
        if record.score and not why:
            taken[record.score] = name
        records[name] = replace(record, score=None, notes=why) if why else record
    return replace(task, records=records)


def _unfit(record: Record, run: Run | str, normalise: bool | None, config: Config) -> str:
    """Return why the run says nothing of a value, '' where it does."""
    similarity = metrics.similarity(record.metric)
    if similarity is None or normalise is None or isinstance(run, str):
        return ""
    own = "cosine" if normalise else "dot"
    if similarity != own:
        return f"it is of the similarity {similarity}, and the model is saved with {own}"
    if str(record.score).startswith("ndcg@") and _graded(run, config):
        return "sentence-transformers takes every relevant document alike in this measure, and these judgements have grades"
    return ""


def _graded(run: Run, config: Config) -> bool:
    """Say whether a collection's judgements have grades above 1; so where it cannot be looked at."""
    try:
        return _has_grades(run.collection, config)
    except InputError:
        return True


@cache
def _has_grades(name: str, config: Config) -> bool:
    found = loading.load(name, config)
    return any(grade > 1 for judged in found.qrels.values() for grade in judged.values())

"""What a model card or a results file prints: one record a score, as it is printed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

REPO = r"\w[\w.-]*/\w[\w.-]*"  # org/name on the Hub
Form = Literal["model-index", ".eval_results", "MTEB results"]
Unit = Literal["percent", "fraction"]


@dataclass(frozen=True)
class Record:
    """One printed score of a model on a task.

    `task`, `dataset` (a Hub id), `revision` (of the data), `split`, `subset` and `metric` in the source's own words, split
    and subset '' where it does not say; `printed`: the number letter by letter; `score`: the harness's metric, None for one
    that is not computed from a ranking, with the reason in `notes`; `place`: file and entry.
    """

    task: str
    dataset: str | None
    revision: str | None
    split: str
    subset: str
    metric: str
    printed: str
    unit: Unit
    score: str | None
    place: str
    notes: str = ""


@dataclass(frozen=True)
class Card:
    """All records of one model from one source; `left_out` says what of the source is no record, and why.

    `source`: the file or folder that was read, by its name; `remarks`: what was decided in reading it, such as the unit.
    """

    form: Form
    model: str | None  # org/name where the source says so, else the name that it gives
    model_revision: str | None
    records: list[Record]
    left_out: list[str] = field(default_factory=list)
    source: str = ""
    remarks: list[str] = field(default_factory=list)

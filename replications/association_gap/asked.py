"""Role probes as a collection: a query about one role, its passage, and the passage of another role from the same course."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import InputError
from harness.text import read_yaml

FOLDS = 2  # courses are dealt to these in turn, so that a training never sees the course that it is tested on


@dataclass(frozen=True)
class Probe:
    """One probe: ids and texts; `wording` numbers the query's wording, `course` is a syllabus or a made course."""

    name: str
    course: str
    role: str
    wrong_role: str
    wording: int
    query: str
    relevant: str
    wrong: str


def content(probes: list[Probe], passages: dict[str, str], described: bool) -> dict[str, Any]:
    """Return the fields of a collection: two candidates a query, and as labels roles, course (cluster), wording and fold.

    `described`: the fixed rewrite of the role stands in place of the query (A4); raise InputError for a role without one.
    """
    rewrites = rewritten() if described else {}
    if lacking := sorted({probe.role for probe in probes} - rewrites.keys()) if described else []:
        raise InputError(f"{Path(__file__).with_name('rewrites.yaml')}: no sentence for the roles {', '.join(lacking)}")
    courses = sorted({probe.course for probe in probes})
    fold = {course: str(place % FOLDS) for place, course in enumerate(courses)}
    relevant = {probe.relevant: probe for probe in probes} | {probe.wrong: probe for probe in probes}
    roles = {probe.wrong: probe.wrong_role for probe in probes} | {probe.relevant: probe.role for probe in probes}
    return {
        "document_ids": list(passages), "titles": [""] * len(passages), "texts": list(passages.values()),
        "query_ids": [probe.name for probe in probes],
        "queries": [rewrites[probe.role] if described else probe.query for probe in probes],
        "qrels": {probe.name: {probe.relevant: 1} for probe in probes},
        "candidates": {probe.name: [probe.relevant, probe.wrong] for probe in probes},
        "triples": [(probe.name, probe.relevant, probe.wrong) for probe in probes],
        "labels": {
            "cluster": {probe.name: probe.course for probe in probes},
            "fold": {probe.name: fold[probe.course] for probe in probes},
            "wording": {probe.name: str(probe.wording) for probe in probes},
            "role": {probe.name: probe.role for probe in probes},
            "wrong_role": {probe.name: probe.wrong_role for probe in probes},
            "passage_role": {name: roles[name] for name in passages if name in roles},
            "passage_course": {name: relevant[name].course for name in passages if name in relevant},
        },
    }  # fmt: skip


def rewritten() -> dict[str, str]:
    """Return role -> its fixed sentence."""
    found: dict[str, str] = read_yaml(Path(__file__).with_name("rewrites.yaml"))
    return found

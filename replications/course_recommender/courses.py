"""The courses that are trained on: texts, labels, statements, and what is left out and counted."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass

from harness.data.collection import Collection
from harness.errors import InputError

from .recipe import Recipe, Split


@dataclass(frozen=True)
class Courses:
    """Texts, integer labels and the statement of each course (None: it has none); the lists run in parallel."""

    texts: list[str]
    labels: list[int]
    statements: list[str | None]
    counts: dict[str, int]


def apart(collection: Collection, split: Split) -> frozenset[str]:
    """Return the ids of the courses that a split sets apart."""
    ids = sorted(collection.document_ids)
    return frozenset(random.Random(split.seed).sample(ids, round(split.share * len(ids))))


def read(collection: Collection, recipe: Recipe, split: Split) -> Courses:
    """Return what one recipe trains on; raise InputError for an empty text, a course without faculty, too few courses.

    A course's statement is the first one that names this course alone.
    """
    away = apart(collection, split) if recipe.held_out else frozenset()
    chosen = [(i, text) for i, text in zip(collection.document_ids, collection.document_texts, strict=True) if i not in away]
    if empty := [name for name, text in chosen if not text.strip()]:
        raise InputError(f"{collection.name}: the course '{empty[0]}' has no text ({len(empty)} such); leave it out of the file")
    faculties = collection.labels.get("Faculty", {})
    if lost := [name for name, _ in chosen if name not in faculties]:
        raise InputError(f"{collection.name}: labels.Faculty: the course '{lost[0]}' has none")
    if len(chosen) < 2:
        raise InputError(f"{collection.name}: {len(chosen)} courses are left to train on; at least 2 are needed")
    number = {name: i for i, name in enumerate(sorted({faculties[name] for name, _ in chosen}))}
    labels = [number[faculties[name]] if recipe.labels == "faculty" else i for i, (name, _) in enumerate(chosen)]
    said = first_statements(collection) if recipe.statements else {}
    statements = [said.get(name) for name, _ in chosen]
    sizes = Counter(labels)
    counts = {
        "courses": len(chosen),
        "held_out": len(away),
        "labels": len(sizes),
        "labels_with_one_course": sum(size == 1 for size in sizes.values()),
        "statements_as_views": sum(statement is not None for statement in statements),
        "statements_left_out": len(collection.query_ids) - sum(statement is not None for statement in statements),
    }
    return Courses([text for _, text in chosen], labels, statements, counts)


def first_statements(collection: Collection) -> dict[str, str]:
    """Return course id → the first statement, in the order of the file, that likes this course alone."""
    found: dict[str, str] = {}
    for name, text in zip(collection.query_ids, collection.queries, strict=True):
        if len(collection.qrels[name]) == 1:
            found.setdefault(next(iter(collection.qrels[name])), text)
    return found

"""Which settings give the printed scores of a model: the declared multiverse on kept encodings, fewest changes first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from harness.cards import axes, passes, scoring
from harness.cards.axes import PASSES, Reading
from harness.cards.passes import Task
from harness.config import Config
from harness.ledger.printed import Printed
from harness.rankings import metrics
from harness.vectors import modules
from harness.vectors.cache import Vectors
from harness.vectors.encoder import SAVED
from harness.verdicts.readings import Cell, judge

CHANGES = 2  # of a reading, at most: three would find something for everything
NOTHING = {"chance": 1.0, "outcome": "not found"}  # where the standard gives every score, there is nothing to explain
SUMS = 1e-6  # how far a mean over queries may move by the order of its sums alone


@dataclass(frozen=True)
class Score:
    """A printed score: the harness's metric, and the interval of fractions that would be printed so."""

    metric: str
    printed: Printed


@dataclass(frozen=True)
class Explanation:
    """A reading and what it gives, in the order of the printed scores; `given`: which of them.

    `chance`: that luck gives as well what the standard does not give; `found`: it gives more than the standard, and luck hardly would.
    """

    reading: Reading
    values: tuple[float | None, ...]
    given: tuple[bool, ...]
    chance: float
    found: bool
    alike: int  # readings of as many or more changes that give the very same values


@dataclass(frozen=True)
class Explained:
    """What a multiverse came to: the readings that give most of the printed scores, fewest changes first, and what it cost."""

    standard: tuple[float | None, ...]
    best: list[Explanation]
    nearest: list[Explanation]
    readings: int
    distinct: int
    passes: int


@dataclass(frozen=True)
class Tried:
    """Every reading (the first is the standard) and the value that it gives of each metric; `passes`: encodings of the texts."""

    readings: list[Reading]
    rows: list[list[float | None]]
    passes: int


def explain(
    folder: Path, task: Task, scores: list[Score], config: Config, told: Callable[[int, int], None] = lambda done, all_of_them: None
) -> Explained:
    """Run every reading of at most CHANGES changes and say which give the printed scores; `told` hears of each pass."""
    return judged(tried(folder, task, [score.metric for score in scores], config, told), scores, config.judgement.alpha)


def tried(folder: Path, task: Task, wanted: list[str], config: Config, told: Callable[[int, int], None]) -> Tried:
    """Run every reading of at most CHANGES changes for the metrics `wanted`."""
    names = passes.poolings(folder)
    found = list(axes.readings(passes.possible(folder, task, names), CHANGES))
    encodings = axes.passes(found)
    rows: dict[tuple[tuple[str, str], ...], list[float | None]] = {}
    for done, encoding in enumerate(encodings):
        told(done, len(encodings))
        vectors = passes.encoded(task, encoding, folder, names, config)
        own = [one for one in found if {a: v for a, v in one.items() if a in PASSES} == encoding]
        rows |= _values(own, vectors, task, folder, wanted)
    told(len(encodings), len(encodings))
    return Tried(found, [rows[tuple(sorted(one.items()))] for one in found], len(encodings))


def _values(
    own: list[Reading], vectors: dict[str, tuple[Vectors, Vectors]], task: Task, folder: Path, wanted: list[str]
) -> dict[tuple[tuple[str, str], ...], list[float | None]]:
    """Return what the readings of one encoding give; what several share, similarities and rankings, is worked out once."""
    saved = "cosine" if passes.scaled(folder) else modules.similarity(folder)
    rows = {}
    similar: dict[tuple[str, str], scoring.Scores] = {}
    ranked: dict[tuple[str, ...], scoring.Order] = {}
    for reading in own:
        collection = task.of(reading)
        kind = axes.of(reading, "similarity")
        pooling = axes.of(reading, "pooling")
        raw = kind in ("dot", "euclidean") and pooling == SAVED  # of vectors before they were scaled to unit length
        near = ((raw and passes.bare(folder)) or pooling, saved if kind == "saved" else kind)
        if near not in similar:
            similar[near] = scoring.similarities(*vectors[near[0]], near[1])
        depth = max(_cutoff(name, reading) for name in wanted)
        order = (*near, axes.of(reading, "own"), axes.of(reading, "ties"), str(depth))
        if order not in ranked:
            ranked[order] = scoring.orders(similar[near], collection, reading, depth)
        rows[tuple(sorted(reading.items()))] = scoring.values(ranked[order], collection, wanted, reading)
    return rows


def _cutoff(name: str, reading: Reading) -> int:
    parts, written = metrics.split(name), axes.of(reading, "cutoff")
    assert parts
    return parts.cutoff if written == "printed" else int(written)


def judged(tried: Tried, scores: list[Score], alpha: float) -> Explained:
    """Order readings by the printed scores that they give, then by how few changes they take; tell how easily luck does as well.

    What the standard gives already is no evidence for a change: a reading that leaves it alone and meets one more by luck would take it over.
    """
    found, rows = tried.readings, tried.rows
    first: dict[tuple[float | None, ...], int] = {}
    for number, row in enumerate(rows):
        first.setdefault(_rounded(row), number)  # readings come fewest changes first
    kept = list(first.values())
    alike = [sum(_rounded(row) == _rounded(rows[number]) for row in rows) - 1 for number in kept]
    cells = [
        Cell(f"{place} {score.metric}", str(place), score.printed.low - SUMS, score.printed.high + SUMS, 0.0, [rows[number][place] for number in kept])
        for place, score in enumerate(scores)
    ]
    given = [tuple(cell.gives(i) for cell in cells) for i in range(len(kept))]
    missed = [cell for cell, hit in zip(cells, given[0], strict=True) if not hit]
    outcome = judge(missed, alpha, fewest=1) if missed else [NOTHING] * len(kept)  # one score may be all; how easily luck gives it is told beside it
    all_of_them = [
        Explanation(found[number], tuple(rows[number]), hits, row["chance"], row["outcome"] == "found" and sum(hits) > sum(given[0]), same)
        for number, hits, row, same in zip(kept, given, outcome, alike, strict=True)
    ]
    best = sorted((one for one in all_of_them if any(one.given)), key=lambda one: (-sum(one.given), len(one.reading)))
    nearest = sorted((one for one in all_of_them if not any(one.given)), key=lambda one: _away(one, scores))
    return Explained(tuple(rows[0]), best, nearest, len(found), len(kept), tried.passes)


def _rounded(row: list[float | None]) -> tuple[float | None, ...]:
    return tuple(None if value is None else round(value, 9) for value in row)


def _away(one: Explanation, scores: list[Score]) -> float:
    """Return the mean distance of a reading's values from the printed ones."""
    gaps = [abs(value - score.printed.value) for value, score in zip(one.values, scores, strict=True) if value is not None]
    return float(np.mean(gaps)) if gaps else float("inf")

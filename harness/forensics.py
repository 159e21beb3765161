"""The forensics stage: which reading of the definitions gives several printed values at once, and how easily luck would."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from harness import join, study
from harness.command import parse
from harness.errors import InputError, closest, stage
from harness.fidelity import weakest
from harness.join import Measured, Scores
from harness.ledger import Claim
from harness.printed import Printed, rounds_to
from harness.quantity import worst_encoder
from harness.study import Readings, Study
from harness.text import write_text

FEWEST = 2  # cells that one reading must give: a single one is easily met
SHOWN = 5


@dataclass(frozen=True)
class Cell:
    """One printed value, and what each reading gives for it, in the claim's unit; None where it was not run.

    `grain`: the step between values that can occur, such as 1/120 for a hit rate over 120 statements.
    """

    name: str
    printed: Printed
    grain: float
    values: list[float | None]


def lucky(cell: Cell) -> float:
    """Return the chance that a value drawn evenly from the span of all readings and the print would be printed so."""
    values = [value for value in cell.values if value is not None]
    span = max([*values, cell.printed.high]) - min([*values, cell.printed.low])
    return min(1.0, max(cell.grain, cell.printed.high - cell.printed.low) / span)


def at_least(hits: int, chances: list[float]) -> float:
    """Return the probability of `hits` or more among independent events of these chances."""
    counts = np.ones(1)
    for chance in chances:
        counts = np.convolve(counts, [1 - chance, chance])
    return float(min(1.0, counts[hits:].sum()))


def judge(cells: list[Cell], alpha: float) -> list[dict[str, Any]]:
    """Return one row a reading: the cells it gives, and the chance that the best of all readings would give as many by luck.

    Readings with the same values are counted once. Raise no error: a reading that was not run gives no cell.
    """
    chances = {cell.name: lucky(cell) for cell in cells if any(value is not None for value in cell.values)}
    count = len(cells[0].values)
    different = {tuple(cell.values[i] for cell in cells) for i in range(count)}
    tried = sum(any(value is not None for value in values) for values in different)
    rows = []
    for i in range(count):
        there = [cell for cell in cells if cell.values[i] is not None]
        given = [cell.name for cell in there if rounds_to(float(cell.values[i] or 0.0), cell.printed)]
        alone = at_least(len(given), [chances[cell.name] for cell in there])
        chance = float(-np.expm1(tried * np.log1p(-alone))) if alone < 1 else 1.0
        found = "found" if len(given) >= FEWEST and chance <= alpha else "luck not excluded" if given else "not found"
        rows.append({"reading": i, "cells": len(there), "given": given, "chance": chance, "outcome": found})
    return rows


def points(readings: Readings) -> list[dict[str, Any]]:
    """Return every reading: one value for each axis."""
    return [dict(zip(readings.axes, values, strict=True)) for values in product(*readings.axes.values())]


def place(readings: Readings, point: dict[str, Any], claim: Claim) -> tuple[str | None, str | None, str]:
    """Return variant, collection and score of a claim under one reading; the claim's own where no axis names them."""
    pattern = readings.scores[str(claim.metric)]
    return point.get("variant", claim.variant), point.get("collection", claim.collection), pattern.format(**point)


def cells_of(chosen: Study, readings: Readings, scores: Scores, where: str) -> tuple[list[Cell], list[Measured]]:
    """Return the printed values of one family with what each reading gives, and every score that was used."""
    claims = [
        c for c in chosen.ledger.claims if c.metric in readings.scores and any(fnmatchcase(c.id, p) for p in readings.claims)
    ]
    for pattern in readings.claims:
        if not any(fnmatchcase(c.id, pattern) for c in chosen.ledger.claims):
            raise InputError(
                f"{where}: claims: '{pattern}' fits no claim{closest(pattern, [c.id for c in chosen.ledger.claims])}"
            )
    found, used = [], []
    for claim in claims:
        if claim.value is None:
            raise InputError(f"{where}: claims: '{claim.id}' prints no number ('{claim.printed}')")
        values: list[float | None] = []
        for point in points(readings):
            variant, collection, score = place(readings, point, claim)
            measured = scores.table.get((chosen.name, str(variant), str(collection), score))
            values.append(None if measured is None else float(measured.means.mean()) * (100 if claim.unit == "percent" else 1))
            used += [measured] if measured else []
        step = chosen.ledger.metrics[str(claim.metric)].step
        grain = (100 if claim.unit == "percent" else 1) / (claim.n * step) if claim.n and step else 0.0
        found.append(Cell(claim.id, claim.value, grain, values))
    return found, used


def investigate(chosen: Study, name: str, readings: Readings, scores: Scores, alpha: float) -> dict[str, Any] | None:
    """Return the best readings of one family, what they give and what that is worth; None where none was run."""
    cells, used = cells_of(chosen, readings, scores, f"{chosen.folder}/experiment.yaml: forensics.{name}")
    if not used:
        return None
    rows = judge(cells, alpha)
    best = sorted(rows, key=lambda row: (row["chance"], -len(row["given"]), row["reading"]))
    all_points = points(readings)
    shown = [{**row, "reading": all_points[row["reading"]]} for row in best[:SHOWN] if row["cells"]]
    return {
        "name": name,
        "title": readings.title,
        "printed": {cell.name: cell.printed.value for cell in cells},
        "readings": prod(map(len, readings.axes.values())),
        "run": sum(row["cells"] > 0 for row in rows),
        "data_fidelity": weakest(*(one.data_fidelity for one in used)),
        "encoder_fidelity": worst_encoder(used),
        "best": shown,
    }


def main() -> None:
    """`python -m harness.forensics --study S`: hold the printed values of one study against every reading of them."""
    arguments, config = parse(main.__doc__ or "", "study")
    chosen = study.select(config.model_copy(update={"studies": arguments.study}))[0]
    families = chosen.experiment.forensics if chosen.experiment else {}
    scores = join.load([chosen.name], config)
    done = [investigate(chosen, name, one, scores, config.judgement.alpha) for name, one in families.items()]
    write_text(config.folder / chosen.name / "forensics.json", json.dumps([one for one in done if one], indent=1) + "\n")


def read(path: Path) -> list[dict[str, Any]]:
    """Read what the stage wrote; raise InputError if it has not run."""
    if not path.is_file():
        raise InputError(f"{path}: missing; run `python -m harness.forensics --study {path.parent.name}` first")
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    stage(main)

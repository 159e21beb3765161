"""The forensics stage: which reading of the definitions gives several printed values at once, and how easily luck would."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import product
from math import isqrt, prod
from pathlib import Path
from typing import Any

import numpy as np

from harness.errors import InputError, fitting, stage
from harness.ledger.claims import Claim
from harness.rankings.scores import Measured
from harness.studies import study
from harness.studies.command import parse
from harness.studies.experiment import Readings
from harness.studies.fidelity import weakest
from harness.studies.study import Study
from harness.text import read_json, write_text
from harness.verdicts import join
from harness.verdicts.join import Scores
from harness.verdicts.quantity import worst_encoder

FEWEST = 2  # cells that one reading must give: a single one is easily met
SHOWN = 5


@dataclass(frozen=True)
class Cell:
    """One printed value, and what each reading gives for it, in the claim's unit; None where it was not run.

    `low` and `high`: between them a value counts as the printed one. `grain`: the step between values that can occur, such
    as 1/120 for a hit rate over 120 statements. `group`: cells of one group move together.
    """

    name: str
    group: str
    low: float
    high: float
    grain: float
    values: list[float | None]

    def gives(self, reading: int) -> bool:
        """Whether a reading gives the printed value."""
        value = self.values[reading]
        return value is not None and self.low - 1e-12 <= value <= self.high + 1e-12


def lucky(cell: Cell) -> float:
    """Return the chance that another reading gives this value: how densely the readings' values lie about the print.

    The density is that of the nearest neighbours, as many as the root of the number of distinct values: one far value
    thins out nothing near the print.
    """
    middle, window = (cell.low + cell.high) / 2, max(cell.grain, cell.high - cell.low)
    away = sorted({abs(value - middle): None for value in {v for v in cell.values if v is not None}})
    if not away:
        return 1.0
    near = isqrt(len(away))
    return min(1.0, near / len(away) * window / max(2 * away[near - 1], window))


def at_least(hits: int, chances: list[float]) -> float:
    """Return the probability of `hits` or more among independent events of these chances."""
    counts = np.ones(1)
    for chance in chances:
        counts = np.convolve(counts, [1 - chance, chance])
    return float(min(1.0, counts[hits:].sum()))


def judge(cells: list[Cell], alpha: float) -> list[dict[str, Any]]:
    """Return one row a reading: the cells it gives, and the chance that the best of all readings would give as many by luck.

    Cells that move together count as one event: the likeliest of those given if one is, the least likely if several are.
    Readings with the same values are counted once. A reading that was not run gives no cell.
    """
    chances = {cell.name: lucky(cell) for cell in cells}
    different = {tuple(cell.values[i] for cell in cells) for i in range(len(cells[0].values))}
    tried = sum(any(value is not None for value in values) for values in different)
    rows = []
    for i in range(len(cells[0].values)):
        there = [cell for cell in cells if cell.values[i] is not None]
        given = [cell for cell in there if cell.gives(i)]
        events = []
        for group in dict.fromkeys(cell.group for cell in there):
            hit = [chances[cell.name] for cell in given if cell.group == group]
            some = min(1.0, sum(chances[cell.name] for cell in there if cell.group == group))
            events.append((bool(hit), min(hit) if len(hit) > 1 else some))
        alone = at_least(sum(hit for hit, _ in events), [chance for _, chance in events])
        chance = float(-np.expm1(tried * np.log1p(-alone))) if alone < 1 else 1.0
        found = "found" if len(given) >= FEWEST and chance <= alpha else "luck not excluded" if given else "not found"
        rows.append({"reading": i, "cells": len(there), "given": [c.name for c in given], "chance": chance, "outcome": found})
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
    fits = set(fitting(readings.claims, [c.id for c in chosen.ledger.claims], f"{where}: claims", "claim"))
    claims = [c for c in chosen.ledger.claims if c.id in fits and c.metric in readings.scores]
    found, used = [], []
    for claim in claims:
        if claim.value is None:
            raise InputError(f"{where}: claims: '{claim.id}' prints no number ('{claim.printed}')")
        values: list[float | None] = []
        scale = 100 if claim.unit == "percent" else 1
        for point in points(readings):
            variant, collection, score = place(readings, point, claim)
            measured = scores.table.get((chosen.name, str(variant), str(collection), score))
            values.append(None if measured is None else float(measured.means.mean()) * scale)
            used += [measured] if measured else []
        step = chosen.ledger.metrics[str(claim.metric)].step
        grain = scale / (claim.n * step) if claim.n and step else 0.0
        group = next((" ".join(metrics) for metrics in readings.together if claim.metric in metrics), claim.id)
        wide, middle = max(readings.within or 0.0, (claim.value.high - claim.value.low) / 2), claim.value.value
        found.append(Cell(claim.id, group, middle - wide, middle + wide, grain, values))
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
        "printed": [cell.name for cell in cells],
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
    return read_json(path, "forensics")


if __name__ == "__main__":
    stage(main)

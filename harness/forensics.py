"""The forensics stage: which reading of the definitions gives several printed values at once, and how easily luck would."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

from harness.errors import InputError, fitting, stage
from harness.ledger.claims import Claim
from harness.rankings.scores import Measured
from harness.studies import study
from harness.studies.command import parse
from harness.studies.experiment import Readings
from harness.studies.fidelity import together
from harness.studies.study import Study
from harness.text import read_json, write_sealed
from harness.verdicts import join
from harness.verdicts.join import Scores
from harness.verdicts.readings import Cell, judge, lucky

__all__ = ["Cell", "cells_of", "investigate", "judge", "lucky", "place", "points", "read"]

SHOWN = 5


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
        if claim.value is None or claim.value.bound:
            raise InputError(f"{where}: claims: '{claim.id}' prints no number that could be met ('{claim.printed}')")
        values: list[float | None] = []
        scale = 100 if claim.unit == "percent" else 1
        for point in points(readings):
            variant, collection, score = place(readings, point, claim)
            measured = scores.table.get((chosen.name, str(variant), str(collection), score))
            values.append(None if measured is None else float(measured.means.mean()) * scale)
            used += [measured] if measured else []
        step = chosen.ledger.metrics[str(claim.metric)].grain
        grain = scale / (claim.n * step) if claim.n and step else 0.0
        group = next((" ".join(metrics) for metrics in readings.together if claim.metric in metrics), claim.id)
        half, middle = (claim.value.high - claim.value.low) / 2, (claim.value.high + claim.value.low) / 2
        wide = max(readings.within or 0.0, half)
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
        "outcomes": Counter(row["outcome"] for row in rows if row["cells"]),  # of the declared multiverse (Steegen et al. 2016)
        "fidelity": asdict(together(one.fidelity for one in used)),
        "best": shown,
    }


def main() -> None:
    """`python -m harness.forensics --study S`: hold the printed values of one study against every reading of them."""
    arguments, config = parse(main.__doc__ or "", "study")
    chosen = study.one(config, arguments.study)
    families = chosen.experiment.forensics if chosen.experiment else {}
    scores = join.load([chosen.name], config)
    done = [investigate(chosen, name, one, scores, config.judgement.alpha) for name, one in families.items()]
    write_sealed(config.folder / chosen.name / "forensics.json", json.dumps([one for one in done if one], indent=1) + "\n")


def read(path: Path) -> list[dict[str, Any]]:
    """Read what the stage wrote; raise InputError if it has not run."""
    return read_json(path, "forensics")


if __name__ == "__main__":
    stage(main)

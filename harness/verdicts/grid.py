"""The cells of a grid against one baseline, by the crossed model: queries, their clusters, and seeds all count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from harness.config import Judgement
from harness.rankings.scores import Floats, Groups, Measured
from harness.studies.fidelity import Parts
from harness.verdicts import estimate, resample
from harness.verdicts.estimate import Estimate
from harness.verdicts.pooling import Pool


@dataclass(frozen=True)
class Cells:
    """The scores of all compared cells on one collection: `values` (cells, queries, seeds), `baseline` (queries,) or (queries, seeds).

    `clusters` (queries,): the number of each query's cluster. `trained` and `trained_baseline`: whether another seed would
    give other values; unsaid, what has several seeds is trained.
    """

    collection: str
    values: Floats
    baseline: Floats
    clusters: Groups | None = None
    trained: tuple[bool, ...] | None = None
    trained_baseline: bool | None = None


def against(cells: Cells, rules: Judgement, name: str, tests: int | None = None) -> list[dict[str, Any]]:
    """Test each cell against the baseline: gap, interval, p (None where too few seeds), and the smallest gap that is seen.

    `tests`: how many belong to the family, if more than these cells; it has as many sign flips as Holm's correction needs.
    The seeds of all cells are pooled, where their spreads agree. `seeds_agree` is the share of seeds whose gap has the sign
    of the mean.
    """
    family = tests or len(cells.values)
    rules = rules.model_copy(update={"permutations": resample.enough(rules.permutations, family, rules.alpha)})
    members, base = _measured(cells, name)
    pool = Pool({one.key: one for one in members}, rules.pooled_from)
    apart = [estimate.of_difference(one, base, pool) for one in members]
    units = np.stack([raw for one in apart if (raw := one.raw()) is not None], axis=1)
    flips = resample.flip_p(units, rules.permutations, rules.seed)
    return [_row(one, float(p), rules, family) for one, p in zip(apart, flips, strict=True)]


def _measured(cells: Cells, name: str) -> tuple[list[Measured], Measured]:
    """Return the scores of every cell, and of the baseline."""
    queries = tuple(str(i) for i in range(cells.values.shape[1]))
    base = cells.baseline if cells.baseline.ndim == 2 else cells.baseline[:, None]

    def one(variant: str, values: Floats, trained: bool) -> Measured:
        key, seeds = (name, variant, cells.collection, name), tuple(range(values.shape[1]))
        return Measured(key, seeds, values.mean(axis=0), values, queries, cells.clusters, trained, Parts("none", "none", "none"))

    several = cells.values.shape[2] > 1
    trained = cells.trained or (several,) * len(cells.values)
    members = [one(f"cell {i}", values, t) for i, (values, t) in enumerate(zip(cells.values, trained, strict=True))]
    return members, one("baseline", base, base.shape[1] > 1 if cells.trained_baseline is None else cells.trained_baseline)


def _row(apart: Estimate, flips: float, rules: Judgement, tests: int) -> dict[str, Any]:
    tested, known = apart.tested(rules, flips), apart.interval(rules.confidence)
    low, high = known or (None, None)
    cell, base = apart.leaves
    agree = float(np.mean(np.sign(cell.means - base.means.mean()) == np.sign(apart.value)))
    seen = apart.detectable(rules, tests)
    return {
        "gap": apart.value, "low": low, "high": high, "p": tested.p, "seeds_agree": agree,
        "detectable": seen if np.isfinite(seen) else None, "floor": tested.floor, "lacking": tested.lacking,
    }  # fmt: skip

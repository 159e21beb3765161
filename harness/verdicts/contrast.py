"""Contrasts: does a variant gain more on some measures than on others, such as on questions it was trained on?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness.config import Judgement
from harness.errors import InputError, fitting
from harness.rankings.scores import Key, Measured
from harness.studies.experiment import Contrast
from harness.studies.study import Study
from harness.verdicts import estimate, resample
from harness.verdicts.estimate import Estimate
from harness.verdicts.join import Scores
from harness.verdicts.pooling import Pool


def rows(chosen: Study, name: str, entry: Contrast, scores: Scores, rules: Judgement) -> list[dict[str, Any]]:
    """Return one row a variant and collection: its gain over the baseline on `metrics`, on `less`, and the difference.

    A gain is the mean over its metrics, each with equal weight. The difference is tested by the crossed model, as an
    ordering is: what both gains share by query, cluster or seed cancels. Holm's correction over the rows that have a p: a
    single training, and one of too few seeds, has none. Raise InputError for a pattern without a variant, or scores that
    do not fit together.
    """
    where, declared = f"{chosen.folder}/experiment.yaml: contrasts.{name}", [v.name for v in chosen.variants]
    named = fitting(entry.variants, declared, f"{where}: variants", "variant")
    return rows_of(scores.table, chosen.name, [one for one in named if one != entry.baseline], entry, rules, where)


def rows_of(
    table: Mapping[Key, Measured], study: str, variants: list[str], entry: Contrast, rules: Judgement, where: str
) -> list[dict[str, Any]]:
    """Do the same for named variants of any table of scores; `where` opens the message of an InputError."""
    pool, found = Pool(table, rules.pooled_from), list[tuple[dict[str, Any], list[Gap], list[Gap]]]()
    for collection in entry.collections:
        for variant in variants:
            more, less = (
                _scores(table, study, variant, entry.baseline, collection, m, where) for m in (entry.metrics, entry.less)
            )
            if more and less:
                found.append(({"variant": variant, "collection": collection}, more, less))
    rules = rules.model_copy(update={"permutations": resample.enough(rules.permutations, len(found), rules.alpha)})
    listed = [{**named, **_row(_apart(more, less, pool), more, less, rules, len(found))} for named, more, less in found]
    tested = [row for row in listed if row["p"] is not None]
    for row, p in zip(tested, resample.holm([row["p"] for row in tested]), strict=True):
        row["holm"] = p
        row["outcome"] = "not shown" if p >= rules.alpha else "more" if row["difference"] > 0 else "less"
    return listed


@dataclass(frozen=True)
class Gap:
    """One variant and the baseline on one metric, on the same queries."""

    ours: Measured
    theirs: Measured

    @property
    def gain(self) -> float:
        """The variant's mean over the baseline's."""
        return float(self.ours.means.mean() - self.theirs.means.mean())


def _scores(
    table: Mapping[Key, Measured], study: str, variant: str, base: str, collection: str, metrics: list[str], where: str
) -> list[Gap]:
    """Return both, metric by metric; nothing where one was not run."""
    found = []
    for metric in metrics:
        ours, theirs = (table.get((study, one, collection, metric)) for one in (variant, base))
        if ours is None or theirs is None:
            return []
        if ours.by_query is None or theirs.by_query is None or ours.queries != theirs.queries:
            raise InputError(f"{where}: {metric} of {variant} and {base} on {collection} are not of the same queries")
        found.append(Gap(ours, theirs))
    if len({bool(gap.ours.groups) or gap.ours.clusters is not None for gap in found}) > 1:
        raise InputError(f"{where}: some of {', '.join(metrics)} have clusters and some have none")
    return found


def _apart(more: list[Gap], less: list[Gap], pool: Pool) -> Estimate:
    """Return the one gain less the other, as one number made from all scores."""
    leaves, weights = [], []
    for side, sign in ((more, 1.0), (less, -1.0)):
        for gap in side:
            leaves += [gap.ours, gap.theirs]
            weights += [sign / len(side), -sign / len(side)]
    value = float(np.mean([gap.gain for gap in more]) - np.mean([gap.gain for gap in less]))
    return estimate.of(leaves, weights, value, pool)


def _row(apart: Estimate, more: list[Gap], less: list[Gap], rules: Judgement, tests: int) -> dict[str, Any]:
    """Return both gains and their difference with its interval and test."""
    low, high = apart.interval(rules.confidence) or (None, None)
    tested, seen = apart.tested(rules), apart.detectable(rules, tests)
    outcome = {} if tested.p is not None else {"outcome": "one training" if apart.spread.lone else "too few seeds"}
    return {
        "gain": float(np.mean([gap.gain for gap in more])), "gain_less": float(np.mean([gap.gain for gap in less])),
        "difference": apart.value, "low": low, "high": high, "p": tested.p, "holm": None, **outcome,
        "detectable": seen if np.isfinite(seen) else None, "clusters": sum(len(sample.total) for sample in apart.spread.samples),
        "seeds": len(more[0].ours.seeds),
    }  # fmt: skip

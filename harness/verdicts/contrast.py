"""Contrasts: does a variant gain more on some measures than on others, such as on questions it was trained on?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness.config import Judgement
from harness.errors import InputError, fitting
from harness.rankings.scores import Floats, Key, Measured
from harness.studies.experiment import Contrast
from harness.studies.study import Study
from harness.verdicts.join import Scores
from harness.verdicts.resample import bootstrap_p, holm, interval, minimum_detectable, nested, stream


def rows(chosen: Study, name: str, entry: Contrast, scores: Scores, rules: Judgement) -> list[dict[str, Any]]:
    """Return one row a variant and collection: its gain over the baseline on `metrics`, on `less`, and the difference.

    A gain is the mean over its metrics, each with equal weight. Both gains share their resamples of clusters (queries where
    none share one) and of seeds; p by the bootstrap, Holm's correction over the rows that have one: a single training has
    none. Raise InputError for a pattern without a variant, or scores that do not fit together.
    """
    where, declared = f"{chosen.folder}/experiment.yaml: contrasts.{name}", [v.name for v in chosen.variants]
    named = fitting(entry.variants, declared, f"{where}: variants", "variant")
    return rows_of(scores.table, chosen.name, [one for one in named if one != entry.baseline], entry, rules, where)


def rows_of(
    table: Mapping[Key, Measured], study: str, variants: list[str], entry: Contrast, rules: Judgement, where: str
) -> list[dict[str, Any]]:
    """Do the same for named variants of any table of scores; `where` opens the message of an InputError."""
    found = []
    for collection in entry.collections:
        for variant in variants:
            sides = [_gaps(table, study, variant, entry.baseline, collection, m, where) for m in (entry.metrics, entry.less)]
            if sides[0] and sides[1]:
                found.append({"variant": variant, "collection": collection, **_contrast(sides[0], sides[1], rules, entry.title)})
    tested = [row for row in found if row["p"] is not None]
    for row, p in zip(tested, holm([row["p"] for row in tested]), strict=True):
        row["holm"] = p
        row["outcome"] = "not shown" if p > rules.alpha else "more" if row["difference"] > 0 else "less"
    return found


@dataclass(frozen=True)
class Gaps:
    """One variant and the baseline on one metric: (queries, seeds) each, the cluster of each query, and whether one training."""

    ours: Floats
    theirs: Floats
    names: list[str]
    single: bool


def _gaps(
    table: Mapping[Key, Measured], study: str, variant: str, base: str, collection: str, metrics: list[str], where: str
) -> list[Gaps]:
    """Return both, metric by metric; nothing where one was not run."""
    found = []
    for metric in metrics:
        ours, theirs = (table.get((study, one, collection, metric)) for one in (variant, base))
        if ours is None or theirs is None:
            return []
        if ours.by_query is None or theirs.by_query is None or ours.queries != theirs.queries:
            raise InputError(f"{where}: {metric} of {variant} and {base} on {collection} are not of the same queries")
        single = any(one.stochastic and len(one.seeds) < 2 for one in (ours, theirs))
        found.append((Gaps(ours.by_query, theirs.by_query, list(ours.groups or ours.queries), single), bool(ours.groups)))
    if len({grouped for _, grouped in found}) > 1:
        raise InputError(f"{where}: some of {', '.join(metrics)} have clusters and some have none")
    return [gaps for gaps, _ in found]


def _contrast(more: list[Gaps], less: list[Gaps], rules: Judgement, name: str) -> dict[str, Any]:
    """Return both gains and their difference with its interval; clusters and seeds are drawn once for all metrics."""
    known = {one: i for i, one in enumerate(sorted({name for gaps in (*more, *less) for name in gaps.names}))}
    both = [_gained(side, known, rules, name) for side in (more, less)]
    gains = [float(np.mean([gaps.ours.mean() - gaps.theirs.mean() for gaps in side])) for side in (more, less)]
    apart = both[0] - both[1]
    low, high = interval(apart, rules.confidence)
    single = any(gaps.single for gaps in (*more, *less))
    tested = {"p": None, "holm": None, "outcome": "one training"} if single else {"p": bootstrap_p(apart, 0.0)}
    detectable = minimum_detectable(float(apart.std()), rules.alpha, rules.power)
    plain = {"gain": gains[0], "gain_less": gains[1], "difference": gains[0] - gains[1], "low": low, "high": high}
    return {**plain, **tested, "detectable": detectable, "clusters": len(known), "seeds": more[0].ours.shape[1]}


def _gained(side: list[Gaps], known: dict[str, int], rules: Judgement, name: str) -> Floats:
    """Draw the gain, (bootstrap,): both share the clusters that are drawn, and each has its own seeds."""
    ours = np.mean([_drawn(gaps.ours, gaps.names, known, rules, name) for gaps in side], axis=0)
    theirs = np.mean([_drawn(gaps.theirs, gaps.names, known, rules, name) for gaps in side], axis=0)
    return nested(ours, stream(rules.seed, name, "seeds")) - nested(theirs, stream(rules.seed, name, "seeds of the baseline"))


def _drawn(values: Floats, names: list[str], known: dict[str, int], rules: Judgement, name: str) -> Floats:
    """Resample all clusters, those without a query of this metric too, so that the draws of all metrics are the same."""
    clusters, count = np.array([known[one] for one in names]), len(known)
    sums, sizes = np.zeros((count, values.shape[1])), np.bincount(clusters, minlength=count).astype(np.float64)
    np.add.at(sums, clusters, values)
    chosen = stream(rules.seed, name).multinomial(count, np.full(count, 1 / count), size=rules.bootstrap)
    drawn = np.maximum(chosen @ sizes, 1)  # a draw without any query of this metric: no gain
    return np.asarray((chosen @ sums) / drawn[:, None])

"""Contrasts: does a variant gain more on some measures than on others, such as on questions it was trained on?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from harness.config import Judgement
from harness.errors import InputError, fitting
from harness.experiment import Contrast
from harness.join import Key, Measured, Scores
from harness.resample import Floats, Groups, bootstrap_p, holm, interval, nested, stream
from harness.study import Study


def rows(chosen: Study, name: str, entry: Contrast, scores: Scores, rules: Judgement) -> list[dict[str, Any]]:
    """Return one row a variant and collection: its gain over the baseline on `metrics`, on `less`, and the difference.

    Both gains share their resamples of clusters (queries where none share one) and of seeds; p by the bootstrap, Holm's
    correction over the rows. Raise InputError for a pattern without a variant, or scores that do not fit together.
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
    for row, p in zip(found, holm([row["p"] for row in found]), strict=True):
        row["holm"] = p
        row["outcome"] = "not shown" if p > rules.alpha else "more" if row["difference"] > 0 else "less"
    return found


Gaps = tuple[Floats, list[str]]  # (queries, seeds) and the cluster of each query


def _gaps(
    table: Mapping[Key, Measured], study: str, variant: str, base: str, collection: str, metrics: list[str], where: str
) -> Gaps | None:
    """Return the gains over the mean of the baseline's seeds on all queries of several metrics; None where one was not run."""
    values, names, grouped = [], [], []
    for metric in metrics:
        ours, theirs = (table.get((study, one, collection, metric)) for one in (variant, base))
        if ours is None or theirs is None:
            return None
        if ours.by_query is None or theirs.by_query is None or ours.queries != theirs.queries:
            raise InputError(f"{where}: {metric} of {variant} and {base} on {collection} are not of the same queries")
        values.append(ours.by_query - theirs.by_query.mean(axis=1, keepdims=True))
        names.append(list(ours.groups or ours.queries))
        grouped.append(bool(ours.groups))
    if len(set(grouped)) > 1:
        raise InputError(f"{where}: some of {', '.join(metrics)} have clusters and some have none")
    return np.concatenate(values), [name for part in names for name in part]


def _contrast(more: Gaps, less: Gaps, rules: Judgement, name: str) -> dict[str, Any]:
    """Return both gains and their difference with its interval; clusters are drawn once for both sides."""
    known = {one: i for i, one in enumerate(sorted({*more[1], *less[1]}))}
    draws = []
    for values, names in (more, less):
        draws.append(_drawn(values, np.array([known[one] for one in names]), len(known), rules, name))
    both = [nested(one, stream(rules.seed, name, "seeds")) for one in draws]
    gains = [float(side[0].mean()) for side in (more, less)]
    apart = both[0] - both[1]
    low, high = interval(apart, rules.confidence)
    plain = {"gain": gains[0], "gain_less": gains[1], "difference": gains[0] - gains[1], "low": low, "high": high}
    return {**plain, "p": bootstrap_p(apart, 0.0), "clusters": len(known), "seeds": more[0].shape[1]}


def _drawn(values: Floats, clusters: Groups, count: int, rules: Judgement, name: str) -> Floats:
    """Resample all clusters, those without a query of this side too, so that the draws of both sides are the same."""
    sums, sizes = np.zeros((count, values.shape[1])), np.bincount(clusters, minlength=count).astype(np.float64)
    np.add.at(sums, clusters, values)
    chosen = stream(rules.seed, name).multinomial(count, np.full(count, 1 / count), size=rules.bootstrap)
    drawn = np.maximum(chosen @ sizes, 1)  # a draw without any query of this side: no gain
    return np.asarray((chosen @ sums) / drawn[:, None])

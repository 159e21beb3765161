"""The scores that this study's own tables show: those of the last run, or of one's own syllabi."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from harness.config import Config, Judgement
from harness.data.loading import load as load_collection
from harness.errors import InputError
from harness.rankings.scores import Floats, Key, Measured
from harness.studies import study
from harness.studies.absent import absent
from harness.studies.experiment import read
from harness.studies.fidelity import Parts
from harness.verdicts import join
from harness.verdicts.resample import interval, stream

from . import calibration

STUDY, BASE = "dual_loss", "minilm"
CALIBRATION = ("auc", "calibration_error")
Table = Mapping[Key, Measured]
Row = tuple[str, str, str, str | None, float]  # variant, collection, metric, query id or None, value


def load(config: Config) -> Table:
    """Read the scores of the last run; raise InputError where there are none."""
    table = join.load([STUDY], config).table
    if not len(table):
        raise InputError(f"{config.folder / STUDY}: no scores; run `make tables STUDIES={STUDY}` first")
    return table


def of_rows(rows: Iterable[Row], clusters: dict[str, str]) -> Table:
    """Put together measures taken once, without a seed; `clusters` says of a query which syllabus it is about."""
    found: dict[Key, dict[str | None, float]] = defaultdict(dict)
    for variant, collection, metric, query, value in rows:
        found[STUDY, variant, collection, metric][query] = value
    return {key: _measured(key, values, clusters) for key, values in found.items()}


def by_query(one: Measured) -> Floats:
    """Return the values of a measure that is taken by query, (queries, seeds)."""
    assert one.by_query is not None
    return one.by_query


def of_pairs(table: Table, rules: Judgement) -> dict[Key, Floats]:
    """Bootstrap what is measured over all pairs at once: groups of linked pairs, and seeds; (bootstrap,) by key.

    All variants of a collection get the same draws of groups, so that their differences are paired.
    """
    bins = read(Path(__file__).with_name("experiment.yaml")).variants[BASE]["bins"]
    found: dict[Key, Floats] = {}
    for place in dict.fromkeys(key[:3] for key in table if key[3] in CALIBRATION):
        draws = _of_pairs(table, place, bins, rules)
        found |= {(*place, metric): np.array([draw[metric] for draw in draws]) for metric in CALIBRATION}
    return found


def _of_pairs(table: Table, place: tuple[str, str, str], bins: int, rules: Judgement) -> list[dict[str, float]]:
    sides = [table[(*place, metric)] for metric in ("cosine_positive", "cosine_negative")]
    cosines = np.concatenate([by_query(side) for side in sides])
    labels = np.repeat([1.0, 0.0], [len(side.queries) for side in sides])
    group = np.unique([name for side in sides for name in side.groups or side.queries], return_inverse=True)[1]
    _, variant, collection = place
    rng, seeds = stream(rules.seed, collection, "pairs"), stream(rules.seed, variant, collection, "seeds")
    count, draws = int(group.max()) + 1, []
    while len(draws) < rules.bootstrap:
        times = rng.multinomial(count, np.full(count, 1 / count))[group]
        drawn = np.repeat(np.arange(len(labels)), times)
        if len(set(labels[drawn])) == 2:  # else there is nothing to tell apart
            draws.append(calibration.whole(cosines[drawn, seeds.integers(cosines.shape[1])], labels[drawn], bins))
    return draws


def pooled(parts: list[Measured], wanted: Callable[[str], bool] = lambda query: True) -> Measured | None:
    """Return the wanted queries of several measures of one variant and collection as one; None where there is none."""
    rows = [
        (query, values, group)
        for one in parts
        for query, values, group in zip(one.queries, by_query(one), one.groups, strict=True)
        if wanted(query)
    ]
    if not rows:
        return None
    queries, values, groups = zip(*rows, strict=True)
    stacked = np.array(values)
    clusters = np.unique(groups, return_inverse=True)[1]
    return replace(parts[0], means=stacked.mean(axis=0), by_query=stacked, queries=queries, clusters=clusters, groups=groups)


def pair_interval(metric: str, value: float, draws: Floats, rules: Judgement) -> tuple[float, float]:
    """Return the percentile interval, of a calibration error the basic one: resampling adds to what is never negative."""
    low, high = interval(draws, rules.confidence)
    return (2 * value - high, 2 * value - low) if metric == "calibration_error" else (low, high)


def _measured(key: Key, values: dict[str | None, float], clusters: dict[str, str]) -> Measured:
    queries = tuple(sorted(query for query in values if query is not None))
    plain = {"key": key, "seeds": (0,), "stochastic": False, "fidelity": Parts("none", "none", "none"), "queries": queries}
    if not queries:
        return Measured(means=np.array([values[None]]), by_query=None, clusters=None, **plain)
    by_query = np.array([[values[query]] for query in queries])
    groups = tuple(clusters[query] for query in queries)
    return Measured(
        means=by_query.mean(axis=0), by_query=by_query, clusters=np.unique(groups, return_inverse=True)[1], groups=groups, **plain
    )


def institutions(config: Config) -> dict[str, str]:
    """Return query id → institution, of the collection that stands for the syllabi at this fidelity."""
    return dict(load_collection(_name("syllabi", config), config).labels["institution"])


def pairs(config: Config) -> list[str]:
    """Return the sentences of the pairs that stand for the paper's at this fidelity."""
    return load_collection(_name("pairs", config), config).texts


def _name(role: str, config: Config) -> str:
    experiment = study.load(study.folders(config)[STUDY], study.folders(config), config.fidelity, absent(config)).experiment
    assert experiment
    return str(experiment.data[role].at(config.fidelity))

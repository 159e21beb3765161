"""The scores that this study's own tables show: those of the last run, or of one's own syllabi."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np

from harness import join, study
from harness.collection import load as load_collection
from harness.config import Config
from harness.errors import InputError
from harness.join import Key, Measured

STUDY = "dual_loss"
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


def _measured(key: Key, values: dict[str | None, float], clusters: dict[str, str]) -> Measured:
    queries = tuple(sorted(query for query in values if query is not None))
    plain = {"key": key, "seeds": (0,), "stochastic": False, "data_fidelity": "", "encoder_fidelity": "", "queries": queries}
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
    experiment = study.load(study.folders(config.root)[STUDY], study.folders(config.root)).experiment
    assert experiment
    return str(experiment.data[role][config.fidelity])

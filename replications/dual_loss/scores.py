"""The scores that this study's own tables show, and their resamples."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np

from harness import study
from harness.collection import load as load_collection
from harness.config import Config, Judgement
from harness.errors import InputError
from harness.resample import nested, query_draws, stream

Key = tuple[str, str, str]  # variant, collection, metric
Row = tuple[str, str, int, str, str | None, float]  # variant, collection, seed, metric, query id or None, value


class Scores:
    """Values by key: (queries, seeds) with the queries' names, or (1, seeds) of a whole-collection measure.

    `clusters` and `institutions` say of a query whose syllabus it is about.
    """

    def __init__(self, rows: Iterable[Row], clusters: dict[str, str], institutions: dict[str, str]) -> None:
        found: dict[Key, dict[int, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
        for variant, collection, seed, metric, query, value in rows:
            found[variant, collection, metric][seed][query or ""] = value
        self.clusters, self.institutions = clusters, institutions
        self.queries: dict[Key, list[str]] = {}
        self.values: dict[Key, Any] = {}
        for key, by_seed in found.items():
            queries = sorted({query for values in by_seed.values() for query in values if query}) or [""]
            self.queries[key] = queries
            self.values[key] = np.array([[by_seed[seed][query] for seed in sorted(by_seed)] for query in queries])

    def draws(self, key: Key, rules: Judgement) -> Any:
        """Bootstrap over clusters of queries, the same draws for every variant, nested over seeds; (bootstrap,)."""
        values = self.values[key]
        if self.queries[key] == [""]:
            return nested(np.broadcast_to(values, (rules.bootstrap, values.shape[1])), stream(rules.seed, *key))
        names = np.array([self.clusters.get(query, query) for query in self.queries[key]])
        groups = np.unique(names, return_inverse=True)[1]
        by_seed = query_draws(values, groups, rules.bootstrap, stream(rules.seed, *key[1:]))
        return nested(by_seed, stream(rules.seed, key[0], "seeds"))


def load(config: Config) -> Scores:
    """Read the scores of the last run; raise InputError where there are none."""
    import pandas as pd

    paths = sorted((config.folder / "dual_loss").glob("*/*/scores.parquet"))
    if not paths:
        raise InputError(f"{config.folder / 'dual_loss'}: no scores; run `make tables STUDIES=dual_loss` first")
    frame = pd.concat([pd.read_parquet(path) for path in paths])
    parts = frame[frame["query_id"].notna()]
    clusters = dict(zip(parts["query_id"], parts["cluster"].where(parts["cluster"].notna(), parts["query_id"]), strict=True))
    by_query = set(zip(parts["variant"], parts["collection"], parts["metric"], strict=True))
    columns = ["variant", "collection", "seed", "metric", "query_id", "value"]
    rows = [
        (v, c, int(s), m, q if isinstance(q, str) else None, x)
        for v, c, s, m, q, x in frame[columns].itertuples(index=False, name=None)
        if isinstance(q, str) or (v, c, m) not in by_query
    ]
    return Scores(rows, clusters, institutions(config))


def institutions(config: Config) -> dict[str, str]:
    """Return query id → institution, of the collection that stands for the syllabi at this fidelity."""
    experiment = study.load(study.folders(config.root)["dual_loss"], study.folders(config.root)).experiment
    assert experiment
    name = experiment.collections["syllabi"][config.fidelity]
    return dict(load_collection(str(name), config).labels["institution"])

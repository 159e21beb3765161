"""Joining claims to scores: every claim that a run can decide finds its scores once, or says why there are none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from harness import study as studies
from harness.config import Config, Judgement
from harness.errors import InputError, closest
from harness.experiment import Variant
from harness.plan import runnable
from harness.resample import Floats, Groups, nested, query_draws, stream
from harness.runs import read_failed
from harness.study import Study

if TYPE_CHECKING:
    import pandas as pd

KEY = ["study", "variant", "collection", "metric"]
Key = tuple[str, str, str, str]


class NotRun(Exception):
    """Nothing was run that could decide the claim; the message is the reason."""


class Unusable(Exception):
    """Scores are there, but not all of them, or they are not finite numbers, or the arithmetic has no answer."""


@dataclass(frozen=True, eq=False)
class Measured:
    """The scores of one (study, variant, collection, metric): `means` (seeds,) and `by_query` (queries, seeds) or None.

    `stochastic`: another seed would give another value, because something is trained or drawn.
    """

    key: Key
    seeds: tuple[int, ...]
    means: Floats
    by_query: Floats | None
    queries: tuple[str, ...]
    clusters: Groups | None
    stochastic: bool
    data_fidelity: str
    encoder_fidelity: str
    groups: tuple[str, ...] = ()  # the cluster's name of each query, where queries share one

    def drawn(self, rules: Judgement) -> tuple[Floats, Floats]:
        """Return nested and query-only bootstrap draws of the mean, (bootstrap,).

        One collection's queries are drawn alike for all variants.
        """
        study, variant, collection, _ = self.key
        if self.by_query is None:
            by_seed = np.broadcast_to(self.means, (rules.bootstrap, len(self.means)))
        else:
            sample = (collection, str(len(self.queries)))
            by_seed = query_draws(self.by_query, self.clusters, rules.bootstrap, stream(rules.seed, *sample))
        return nested(by_seed, stream(rules.seed, study, variant, "seeds")), by_seed.mean(axis=1)


@dataclass(frozen=True)
class Scores:
    """All scores at hand, with the studies that they come from."""

    fidelity: str
    studies: dict[str, Study]
    table: Tables
    failed: dict[tuple[str, str, str], str]  # (study, variant, collection) → which seed failed, and why

    def find(self, entry: str, study: str, variant: str | None, collection: str | None, metric: str) -> Measured:
        """Return what a claim names; raise NotRun with the reason, or InputError where no run could ever join it.

        `entry` opens the message of an InputError: file and claim.
        """
        chosen = self.studies[study]
        if chosen.experiment is None:
            raise NotRun("the study has no experiment.yaml: nothing of it is run yet")
        path = chosen.folder / "experiment.yaml"
        if variant in chosen.experiment.not_run:
            raise NotRun(chosen.experiment.not_run[str(variant)])
        declared = {v.name: v for v in chosen.variants}
        if variant not in declared:
            raise InputError(
                f"{entry}: variant: '{variant}' is neither a variant nor under not_run in {path}{closest(str(variant), declared)}"
            )
        if collection not in chosen.experiment.collections:
            known = chosen.experiment.collections
            raise InputError(f"{entry}: collection: '{collection}' is none of {path}{closest(str(collection), known)}")
        if metric not in chosen.experiment.metrics:
            raise InputError(
                f"{entry}: metric: the score '{metric}' is not computed by {path}{closest(metric, chosen.experiment.metrics)}"
            )
        self._refuse_absent(chosen, declared[variant], collection)
        key = (study, variant, collection, metric)
        if reason := self.failed.get(key[:3]):
            raise Unusable(reason)
        if key not in self.table:
            raise NotRun(f"there is no {metric} of {variant} on {collection} at fidelity {self.fidelity}")
        return self.table[key]

    def _refuse_absent(self, chosen: Study, variant: Variant, collection: str) -> None:
        if collection not in variant.collections:
            raise NotRun(f"{variant.name} is not run on {collection}")
        if collection not in runnable(chosen, variant, self.fidelity):
            raise NotRun(f"{variant.name} is not run on {collection} at fidelity {self.fidelity}")


def load(names: Iterable[str], config: Config) -> Scores:
    """Read every scores.parquet of the named studies; raise InputError where two rows stand under one key."""
    known = studies.folders(config.root)
    chosen: dict[str, Study] = {}
    tables: dict[str, Table] = {}
    failed: dict[tuple[str, str, str], str] = {}
    for name in names:
        if name not in known:
            raise InputError(f"order: no study '{name}'{closest(name, known)}")
        chosen[name] = studies.load(known[name], known)
        places = jobs(chosen[name], config)
        frame = read([place / "scores.parquet" for place in places])
        if frame is not None:
            unsettled = {
                v.name for v in chosen[name].variants if len(v.seeds) > 1 or _is_trained(chosen[name], v, known[v.method])
            }
            tables[name] = Table(frame, unsettled)
        for place in places:
            for (variant, role), reason in read_failed(place / "rank" / "failed.csv").items():
                failed[name, variant, role] = f"{variant} failed under seed {place.name}: {reason}"
    return Scores(config.fidelity, chosen, Tables(tables), failed)


def _is_trained(study: Study, variant: Variant, folder: Path) -> bool:
    """A method that fits trains every variant, unless the study says on what, and gives this one nothing."""
    assert study.experiment
    return studies.has_fit(folder) and bool(variant.train_on or not study.experiment.training)


def jobs(chosen: Study, config: Config) -> list[Path]:
    """Return the folders of the jobs that experiment.yaml names now; what a former group or seed has left is not looked at."""
    places = sorted({(variant.group, seed) for variant in chosen.variants for seed in variant.seeds})
    return [config.folder / chosen.name / group / str(seed) for group, seed in places]


def read(paths: list[Path]) -> pd.DataFrame | None:
    """Return all rows of the files that are there, or None where none is; a key that stands twice is an InputError."""
    import pandas as pd

    if not (paths := [path for path in paths if path.exists()]):
        return None
    frame = pd.concat([pd.read_parquet(path).assign(path=str(path)) for path in paths], ignore_index=True)
    twice = frame.duplicated([*KEY, "seed", "query_id"])
    if twice.any():
        row = frame[twice].iloc[0]
        place = ", ".join(f"{key} '{row[key]}'" for key in [*KEY, "seed"])
        query = "the whole" if pd.isna(row["query_id"]) else f"query '{row['query_id']}'"
        raise InputError(f"{row['path']}: two scores stand for {place}, {query}; run the study again")
    return frame


class Table(Mapping[Key, Measured]):
    """The scores of one study by key, each put together when it is first asked for: a grid has thousands of them."""

    def __init__(self, frame: pd.DataFrame, stochastic: set[str]) -> None:
        self._frame, self._stochastic = frame, stochastic
        self._places: dict[Key, Any] = frame.groupby(KEY, sort=True).indices
        self._done: dict[Key, Measured] = {}

    def __getitem__(self, key: Key) -> Measured:
        if key not in self._done:
            self._done[key] = _measured(key, self._frame.iloc[self._places[key]], key[1] in self._stochastic)
        return self._done[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def whole(self) -> dict[tuple[str, str, str], Floats]:
        """Return (variant, collection, metric) → the value of each seed, seeds ascending, without putting queries together."""
        rows = self._frame[self._frame["query_id"].isna()].sort_values("seed")
        grouped = rows.groupby(KEY[1:], sort=False)["value"]
        return {key: values.to_numpy(dtype=np.float64) for key, values in grouped}


class Tables(Mapping[Key, Measured]):
    """The tables of several studies as one."""

    def __init__(self, tables: dict[str, Table]) -> None:
        self._tables = tables

    def __getitem__(self, key: Key) -> Measured:
        return self._tables[key[0]][key]

    def __iter__(self) -> Iterator[Key]:
        return (key for table in self._tables.values() for key in table)

    def __len__(self) -> int:
        return sum(map(len, self._tables.values()))

    def whole(self, study: str) -> dict[tuple[str, str, str], Floats]:
        """Return the whole-collection values of one study; nothing where it has no scores."""
        return self._tables[study].whole() if study in self._tables else {}


def _measured(key: Key, rows: pd.DataFrame, stochastic: bool) -> Measured:
    whole = rows[rows["query_id"].isna()].sort_values("seed")
    parts = rows[rows["query_id"].notna()]
    by_query, queries, clusters = None, (), None
    groups: tuple[str, ...] = ()
    if len(parts):
        square = parts.pivot(index="query_id", columns="seed", values="value").sort_index().sort_index(axis=1)
        if square.shape[0] * square.shape[1] != len(parts) or list(square.columns) != list(whole["seed"]):
            raise InputError(f"{rows['path'].iloc[0]}: {' '.join(key)}: the seeds do not score the same queries")
        by_query, queries = square.to_numpy(dtype=np.float64), tuple(square.index)
        if "cluster" in parts and parts["cluster"].notna().all():
            named = parts.drop_duplicates("query_id").set_index("query_id")["cluster"].loc[list(queries)]
            groups = tuple(map(str, named))
            clusters = np.unique(groups, return_inverse=True)[1]
    data, encoder = rows["data_fidelity"].iloc[0], rows["encoder_fidelity"].iloc[0]
    means = whole["value"].to_numpy(dtype=np.float64)
    return Measured(key, tuple(map(int, whole["seed"])), means, by_query, queries, clusters, stochastic, data, encoder, groups)

"""Score files: every scores.parquet of a study, put together by (study, variant, collection, metric)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from harness.config import FIDELITIES, Config
from harness.errors import InputError
from harness.studies import prints
from harness.studies.fidelity import PARTS, Parts
from harness.studies.jobs import job_folder
from harness.studies.plan import jobs, known_of
from harness.studies.study import Study

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Groups = NDArray[np.intp]  # for each query, the number of its cluster
FINGERPRINT = "fingerprint"  # the key of a score file's metadata
KEY = ["study", "variant", "collection", "metric"]
WORDS = [*KEY, "query_id", "cluster", *PARTS]  # columns of words; `seed` and `value` are numbers
Key = tuple[str, str, str, str]


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
    fidelity: Parts
    groups: tuple[str, ...] = ()  # the cluster's name of each query, where queries share one


def places(chosen: Study, config: Config) -> dict[Path, str]:
    """Return the folders of the jobs that experiment.yaml names now, each with the fingerprint that its scores must bear.

    What a former group or seed has left is not looked at.
    """
    if chosen.experiment is None:
        return {}
    planned, known = sorted(jobs([chosen], config), key=lambda job: (job.group, job.seed)), known_of(config)
    return {job_folder(config, job): prints.of(chosen, job, config, known)["score"] for job in planned}


def of(chosen: Study, config: Config, expect: Mapping[Path, str] | None = None) -> pd.DataFrame | None:
    """Return all scores of a study that a run has made, None where there are none; `expect`: its `places`, if they are known.

    Raise InputError where a file is damaged or was made with other settings or code than today's.
    """
    from pyarrow import ArrowException, parquet

    found = []
    for place, expected in (places(chosen, config) if expect is None else expect).items():
        path = place / "scores.parquet"
        if not path.is_file():
            continue
        try:
            schema = parquet.read_schema(path)
        except (ArrowException, OSError) as error:
            raise InputError(f"{path}: damaged ({error}); make it anew: rm '{path}' && make tables") from None
        told = (schema.metadata or {}).get(FINGERPRINT.encode(), b"")
        prints.refuse_other(place, told.decode(errors="replace") or None, expected)
        kinds = {field.name: str(field.type) for field in schema}
        for name, kind in [*((word, "string") for word in WORDS), ("seed", "int64"), ("value", "double")]:
            if kinds.get(name) != kind:
                raise InputError(f"{path}: damaged: no column '{name}' of {kind}s; make it anew: rm '{path}' && make tables")
        found.append(path)
    return _own(read(found), chosen)


def _own(frame: pd.DataFrame | None, chosen: Study) -> pd.DataFrame | None:
    """Return scores; raise InputError for a row that no job of the study can have made."""
    if frame is None or not len(frame) or chosen.experiment is None:
        return frame
    variants = {variant.name: variant for variant in chosen.planned}
    here = {"study": {chosen.name}, "variant": set(variants), "collection": set(chosen.experiment.collections)}
    here |= {part: {*FIDELITIES, "none"} for part in PARTS}
    for column, known in here.items():
        if (foreign := ~frame[column].isin(known)).any():
            row = frame[foreign].iloc[0]
            raise InputError(
                f"{row['path']}: a row of the {column} '{row[column]}', which is not of this job; make it anew: rm '{row['path']}' && make tables"
            )
    seeds = frame["path"].map({path: Path(path).parent.name for path in frame["path"].unique()})  # a file has thousands of rows
    if (foreign := frame["seed"].astype(str) != seeds).any():
        row = frame[foreign].iloc[0]
        raise InputError(
            f"{row['path']}: a row of the seed {row['seed']}, which is not of this job; make it anew: rm '{row['path']}' && make tables"
        )
    return frame


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
        self._columns = {name: frame[name].to_numpy(dtype=object) for name in ("query_id", "cluster") if name in frame}
        self._columns |= {"seed": frame["seed"].to_numpy(), "value": frame["value"].to_numpy(dtype=np.float64)}
        self._bare = {name: frame[name].isna().to_numpy() for name in ("query_id", "cluster") if name in frame}
        self._done: dict[Key, Measured] = {}

    def __getitem__(self, key: Key) -> Measured:
        if key not in self._done:
            self._done[key] = self._measured(key, self._places[key])
        return self._done[key]

    def _measured(self, key: Key, rows: NDArray[np.intp]) -> Measured:
        bare, seeds, values = self._bare["query_id"][rows], self._columns["seed"], self._columns["value"]
        first = self._frame.iloc[rows[0]]
        whole, parts = rows[bare], rows[~bare]
        whole = whole[np.argsort(seeds[whole], kind="stable")]
        if not len(whole):
            raise InputError(f"{first['path']}: {' '.join(key)}: no score of the whole; run the study again")
        by_query: Floats | None = None
        clusters: Groups | None = None
        queries: tuple[str, ...] = ()
        groups: tuple[str, ...] = ()
        if len(parts):
            names, row = np.unique(self._columns["query_id"][parts].astype(str), return_inverse=True)
            known, column = np.unique(seeds[parts], return_inverse=True)
            if len(names) * len(known) != len(parts) or list(known) != list(seeds[whole]):
                raise InputError(f"{first['path']}: {' '.join(key)}: the seeds do not score the same queries")
            by_query, queries = np.empty((len(names), len(known))), tuple(map(str, names))
            by_query[row, column] = values[parts]
            if "cluster" in self._columns and not self._bare["cluster"][parts].any():
                places = np.full(len(names), -1)
                places[row[::-1]] = parts[::-1]  # each query's first row
                groups = tuple(map(str, self._columns["cluster"][places]))
                clusters = np.unique(groups, return_inverse=True)[1]
        return Measured(
            key, tuple(map(int, seeds[whole])), values[whole], by_query, queries, clusters, key[1] in self._stochastic,
            Parts(*(str(first[part]) for part in PARTS)), groups,
        )  # fmt: skip

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

"""The score stage: per-query and aggregate scores of one job, from its run files and measures."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

from harness.config import Config
from harness.data.collection import Collection
from harness.errors import InputError, stage
from harness.rankings import measures, metrics, runs, scores
from harness.studies import fidelity, prints
from harness.studies.command import parse
from harness.studies.inputs import Inputs
from harness.studies.jobs import find_job, job_folder
from harness.studies.plan import Job, depth, runnable
from harness.studies.study import Study
from harness.text import replacing

COLUMNS = [
    "study",
    "variant",
    "seed",
    "collection",
    "metric",
    "query_id",
    "value",
    "cluster",
    *fidelity.PARTS,
]
UNSAID = "the collection's definition does not say self_retrieval: excluded, or kept"
Value = tuple[str, str | None, float]  # metric, query id or None, value


def score(chosen: Study, job: Job, config: Config) -> list[tuple[Any, ...]]:
    """Return score rows (COLUMNS) of every variant and collection of the job: the whole, then per query.

    Raise InputError for an unknown metric, a faulty run file, or a measure that the harness computes itself.
    """
    assert chosen.experiment
    folder = job_folder(config, job) / "rank"
    given = measures.read_measures(folder / "measures.csv")
    own = {metric for _, _, metric, _, _ in given}
    if reserved := sorted(metric for metric in own if metrics.split(metric) or metric in (metrics.MISSING, metrics.OWN)):
        raise InputError(f"{folder}/measures.csv: '{reserved[0]}' is computed by the harness; name the method's otherwise")
    wanted, failed = chosen.experiment.metrics, measures.read_failed(folder / "failed.csv")
    metrics.refuse_unknown(
        wanted, own | chosen.experiment.measures.keys(), depth(chosen, config), f"{chosen.folder}/experiment.yaml"
    )
    known = fidelity.materials(config)
    rows: list[tuple[Any, ...]] = []
    for variant in job.variants:
        for role in runnable(chosen, variant, config.fidelity):
            if (variant.name, role) in failed:
                continue
            collection = Inputs(config, chosen, variant, Path()).collection(role)
            run = runs.read(folder / f"{variant.name}.{role}.trec.gz", collection)
            values = _ranked(run, collection, metrics.ranked(wanted), f"{variant.name} on {role}")
            values += [(m, q, v) for name, on, m, q, v in given if (name, on) == (variant.name, role)]
            parts = fidelity.of(chosen, variant, role, config.fidelity, known)
            made_with = (parts.evaluation, parts.encoder, parts.training)
            clusters = collection.labels.get("cluster", {})
            place = (chosen.name, variant.name, job.seed, role)
            rows += [(*place, m, q, v, clusters.get(q or ""), *made_with) for m, q, v in with_means(values, place)]
    return rows


def _ranked(run: runs.Run, collection: Collection, wanted: list[str], where: str) -> list[Value]:
    """Evaluate one run by query; count the queries that it misses, and those that find themselves where nothing says that they may."""
    if not collection.qrels:
        return []
    lost = runs.missing(run, collection.qrels)
    if lost:
        print(f"{where}: {len(lost)} queries have no ranking and score 0, the first '{lost[0]}'", file=sys.stderr)
    counted = [(metrics.MISSING, None, float(len(lost)))]
    own = [] if collection.self_retrieval else runs.own(run)
    if own:
        print(f"{where}: {len(own)} queries rank the document of their own id, the first '{own[0]}'; {UNSAID}", file=sys.stderr)
        counted.append((metrics.OWN, None, float(len(own))))
    by_metric = metrics.evaluate(run, collection.qrels, wanted)
    return [*counted, *((m, q, v) for m, values in by_metric.items() for q, v in values.items())]


def with_means(values: list[Value], place: tuple[Any, ...]) -> list[Value]:
    """Group values by metric and give each metric that is known by query its mean over queries, in front."""
    by_metric: dict[str, list[tuple[str | None, float]]] = {}
    for metric, query, value in values:
        by_metric.setdefault(metric, []).append((query, value))
    rows: list[Value] = []
    for metric, found in by_metric.items():
        whole = [value for query, value in found if query is None]
        by_query = [(query, value) for query, value in found if query is not None]
        if whole and by_query:
            raise InputError(f"{place[0]}/{place[1]}: '{metric}' on {place[3]} is given both whole and by query")
        mean = whole[0] if whole else math.fsum(value for _, value in by_query) / len(by_query)
        rows += [(metric, query, value) for query, value in [(None, mean), *by_query]]
    return rows


def write(path: Path, rows: list[tuple[Any, ...]], fingerprint: str) -> None:
    """Write score rows to Parquet with the fingerprint of what made them, whole or not at all."""
    import pyarrow
    from pyarrow import parquet

    kinds = {"seed": pyarrow.int64(), "value": pyarrow.float64()}
    told = {scores.FINGERPRINT: fingerprint}
    schema = pyarrow.schema([(name, kinds.get(name, pyarrow.string())) for name in COLUMNS], metadata=told)
    with replacing(path) as temporary:
        parquet.write_table(pyarrow.Table.from_pylist([dict(zip(COLUMNS, row, strict=True)) for row in rows], schema), temporary)


def main() -> None:
    """`python -m harness.score --study S --group G --seed N`: score one job of the plan."""
    arguments, config = parse(main.__doc__ or "", "study", "group", "seed")
    chosen, job = find_job(config, arguments.study, arguments.group, arguments.seed)
    metrics.keep_compiled()
    expected, folder = prints.of(chosen, job, config), job_folder(config, job)
    prints.verify(folder / "rank", expected["rank"])
    write(folder / "scores.parquet", score(chosen, job, config), expected["score"])


if __name__ == "__main__":
    stage(main)

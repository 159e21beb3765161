"""The score stage: per-query and aggregate scores of one job, from its run files and measures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness import fidelity, metrics, runs
from harness.command import parse
from harness.config import Config
from harness.errors import InputError, stage
from harness.inputs import Inputs
from harness.plan import Job, runnable
from harness.rank import find_job, job_folder
from harness.study import Study, Variant
from harness.text import replacing

COLUMNS = ["study", "variant", "seed", "collection", "metric", "query_id", "value", "data_fidelity", "encoder_fidelity"]


def score(chosen: Study, job: Job, config: Config) -> list[tuple[Any, ...]]:
    """Return score rows (COLUMNS) of every variant and collection of the job: per query, then the mean."""
    assert chosen.experiment
    folder = job_folder(config, job) / "rank"
    given = runs.read_measures(folder / "measures.csv")
    wanted = chosen.experiment.metrics
    own = {metric for _, _, metric, _, _ in given}
    metrics.refuse_unknown(wanted, own, f"{chosen.folder}/experiment.yaml")
    rows: list[tuple[Any, ...]] = []
    for variant in job.variants:
        for name in runnable(chosen, variant, config.fidelity):
            collection = Inputs(config, chosen, variant, Path()).collection(name)
            run = runs.read(folder / f"{variant.name}.{name}.trec.gz", collection)
            cache = config.root / config.cache
            values = metrics.evaluate(run, collection.qrels, collection.query_ids, metrics.ranked(wanted), cache)
            missing = [query for query in collection.query_ids if not run.get(query)]
            if missing:
                print(f"{variant.name} on {name}: {len(missing)} queries have no ranking and score 0, the first '{missing[0]}'")
            measured: list[tuple[str, str | None, float]] = [(m, q, v) for m, by in values.items() for q, v in by.items()]
            measured += [(m, q, v) for v_, r, m, q, v in given if (v_, r) == (variant.name, name)]
            roles, actual = chosen.experiment.collections[name], collection.name
            data = fidelity.of(roles, actual, collection.made)
            rows += _rows(chosen, variant, job.seed, name, measured, data, config)
    return rows


def _rows(
    chosen: Study, variant: Variant, seed: int, role: str, measured: list[tuple[str, str | None, float]], data: str, config: Config
) -> list[tuple[Any, ...]]:
    """Give each value its place, and each per-query metric its mean."""
    encoder = fidelity.of_encoder(chosen, variant.encoder, config.fidelity)
    by_metric: dict[str, list[tuple[str | None, float]]] = {}
    for metric, query, value in measured:
        by_metric.setdefault(metric, []).append((query, value))
    rows = []
    for metric, values in by_metric.items():
        whole = [value for query, value in values if query is None]
        if len(whole) > 1 or (whole and len(values) > 1):
            raise InputError(f"{chosen.name}/{variant.name}: '{metric}' on {role} is given both whole and by query, or twice")
        mean = whole[0] if whole else sum(value for _, value in values) / len(values)
        place = (chosen.name, variant.name, seed, role, metric)
        rows.append((*place, None, mean, data, encoder))
        rows += [(*place, query, value, data, encoder) for query, value in values if query is not None]
    return rows


def main() -> None:
    """`python -m harness.score --study S --group G --seed N`: score one job of the plan."""
    import pandas as pd

    arguments, config = parse(main.__doc__ or "", "study", "group", "seed")
    chosen, job = find_job(config, arguments.study, arguments.group, arguments.seed)
    frame = pd.DataFrame(score(chosen, job, config), columns=COLUMNS)
    with replacing(job_folder(config, job) / "scores.parquet") as temporary:
        frame.to_parquet(temporary, index=False)


if __name__ == "__main__":
    stage(main)

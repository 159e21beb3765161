"""The agree stage: how alike the rankings and scores of several seeds are, and of ours and released runs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

import numpy as np

from harness.config import Config
from harness.data.collection import Collection
from harness.errors import stage
from harness.rankings import agreement, metrics, runs, trec_eval
from harness.rankings.scores import Key, Measured
from harness.studies import prints, study
from harness.studies.command import parse
from harness.studies.experiment import Comparison, Contrast
from harness.studies.inputs import Inputs
from harness.studies.jobs import job_folder
from harness.studies.plan import Job, jobs, known_of, runnable
from harness.studies.study import Study
from harness.text import write_sealed
from harness.verdicts import join

DEPTH = 100  # documents of each ranking that are compared: RBO gives what stands beyond a weight below 0.0001
NAME = "agreement.json"
Table = Mapping[Key, Measured]


@dataclass(frozen=True)
class Row:
    """How alike two or more rankings of one variant on one collection are: means over queries and pairs.

    `between`: "seeds", "engines" (ranx and trec_eval on one run) or "released". `rmse`: of `metric` by query. `effect_low`, `effect_high`: the gain over `baseline` of one by that
    of another, `delta_ri` the largest difference of relative improvements; None where no baseline is compared.
    """

    between: str
    variant: str
    collection: str
    metric: str
    seeds: int
    queries: int
    tau: float | None
    tau_ap: float | None
    rbo: float | None
    rmse: float | None
    baseline: str = ""
    effect_low: float | None = None
    effect_high: float | None = None
    delta_ri: float | None = None


class Runs:
    """The run files of one study; each job's folder is verified once."""

    def __init__(self, chosen: Study, config: Config) -> None:
        self.chosen, self.config = chosen, config
        self.known = known_of(config)
        self.jobs = {(variant.name, job.seed): job for job in jobs([chosen], config) for variant in job.variants}
        self._verified: set[Path] = set()

    def path(self, variant: str, role: str, seed: int) -> Path:
        """Return a run file; raise InputError where its folder is damaged or was made with other settings."""
        job: Job = self.jobs[variant, seed]
        folder = job_folder(self.config, job) / "rank"
        if folder not in self._verified:
            prints.verify(folder, prints.of(self.chosen, job, self.config, self.known)["rank"])
            self._verified.add(folder)
        return folder / f"{variant}.{role}.trec.gz"

    def tops(self, variant: str, role: str, seeds: tuple[int, ...]) -> list[dict[str, list[str]]]:
        """Return query id → the first documents, for each seed that has a run."""
        found = [runs.top(self.path(variant, role, seed), DEPTH) for seed in seeds]
        return [one for one in found if one]


def rows(chosen: Study, table: Table, config: Config) -> Iterator[Row]:
    """Yield a row for each variant that experiment.yaml lists one by one, on each collection where there is anything to compare.

    Raise InputError for a released run that is missing or faulty.
    """
    assert chosen.experiment
    kept = Runs(chosen, config)
    for variant in chosen.variants:
        if variant.name not in chosen.experiment.variants:
            continue  # the cells of a grid are compared as a whole: the order of cells between seeds
        for role in runnable(chosen, variant, config.fidelity):
            main = leading(chosen, variant.name, role, table)
            if main is None:
                continue
            if metrics.split(main.key[3]):
                yield of_engines(kept, main, config)
            if main.by_query is not None and len(main.seeds) > 1 and main.stochastic:
                yield of_seeds(kept, main, base(chosen, main, table))
            if file := chosen.experiment.released.get(variant.name, {}).get(role):
                yield of_released(kept, main, chosen.folder / file, config)


def leading(chosen: Study, variant: str, role: str, table: Table) -> Measured | None:
    """Return the scores of the metric by which the variant is compared, else of the first one that is known by query."""
    assert chosen.experiment
    compared = [one.metric for one in chosen.experiment.compare.values()]
    for metric in [*compared, *metrics.ranked(chosen.experiment.metrics), *chosen.experiment.metrics]:
        key = (chosen.name, variant, role, metric)
        if key in table and table[key].by_query is not None:
            return table[key]
    return None


def base(chosen: Study, main: Measured, table: Table) -> Measured | None:
    """Return the scores of the baseline that a comparison or contrast holds the variant against, where they are there."""
    assert chosen.experiment
    opposed: list[Comparison | Contrast] = [*chosen.experiment.compare.values(), *chosen.experiment.contrasts.values()]
    for one in opposed:
        key = (chosen.name, one.baseline, *main.key[2:])
        if main.key[2] in one.collections and one.baseline != main.key[1] and key in table:
            return table[key]
    return None


def of_seeds(kept: Runs, main: Measured, baseline: Measured | None) -> Row:
    """Compare every pair of seeds; of a baseline with the same seeds the same one, else its mean."""
    assert main.by_query is not None
    _, variant, role, metric = main.key
    tops = kept.tops(variant, role, main.seeds)
    tau, tau_ap, rbo = agreement.of_pairs(tops).values() if len(tops) > 1 else (None, None, None)
    columns = main.by_query.T
    apart = float(np.mean([agreement.rmse(one, other) for one, other in combinations(columns, 2)]))
    plain = Row("seeds", variant, role, metric, len(main.seeds), len(main.queries), tau, tau_ap, rbo, apart)
    return plain if baseline is None else replace(plain, **effects(main, baseline))


def effects(main: Measured, baseline: Measured) -> dict[str, Any]:
    """Return the lowest and highest effect ratio over pairs of seeds, both ways round, and the largest difference of improvements."""
    same = baseline.seeds == main.seeds
    lower = baseline.means if same else np.full(len(main.means), baseline.means.mean())
    pairs = list(permutations(zip(main.means, lower, strict=True), 2))
    ratios = [agreement.effect_ratio(one - under, other - below) for (one, under), (other, below) in pairs]
    gains = [agreement.delta_ri(one, under, other, below) for (one, under), (other, below) in pairs]
    known, sizes = [ratio for ratio in ratios if ratio is not None], [abs(gain) for gain in gains if gain is not None]
    told: dict[str, Any] = {"baseline": baseline.key[1]}
    if len(known) == len(pairs):
        told |= {"effect_low": float(min(known)), "effect_high": float(max(known))}
    return told | ({"delta_ri": float(max(sizes))} if sizes else {})


def of_engines(kept: Runs, main: Measured, config: Config) -> Row:
    """Compare ranx, whose scores these are, with trec_eval on the same run of the first seed, query by query."""
    assert main.by_query is not None
    _, variant, role, metric = main.key
    collection = _collection(kept, variant, role, config)
    run = runs.read(kept.path(variant, role, main.seeds[0]), collection)
    theirs = trec_eval.values(run, collection.qrels, [metric])[metric]
    apart = agreement.rmse(main.by_query[:, 0], np.array([theirs[query] for query in main.queries]))
    return Row("engines", variant, role, metric, 1, len(main.queries), None, None, None, apart)


def _collection(kept: Runs, variant: str, role: str, config: Config) -> Collection:
    variants = {one.name: one for one in kept.chosen.variants}
    return Inputs(config, kept.chosen, variants[variant], Path()).collection(role)


def of_released(kept: Runs, main: Measured, path: Path, config: Config) -> Row:
    """Compare every seed with the run that the source released; raise InputError for a file that is missing or faulty."""
    assert main.by_query is not None
    _, variant, role, metric = main.key
    collection = _collection(kept, variant, role, config)
    theirs = runs.read(path, collection, ours=False)
    top = {query: [name for name, _ in ranked[:DEPTH]] for query, ranked in theirs.items()}
    each = [agreement.of_rankings(ours, top) for ours in kept.tops(variant, role, main.seeds)]
    tau, tau_ap, rbo = (_mean([one[name] for one in each]) for name in agreement.MEASURES)
    apart = None
    if metrics.split(metric):
        values = metrics.evaluate(theirs, collection.qrels, [metric])[metric]
        found = np.array([values[query] for query in main.queries])
        apart = float(np.mean([agreement.rmse(column, found) for column in main.by_query.T]))
    return Row("released", variant, role, metric, len(main.seeds), len(main.queries), tau, tau_ap, rbo, apart)


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def main() -> None:
    """`python -m harness.agree --study S`: compare seeds, and released runs, of one study at this fidelity."""
    arguments, config = parse(main.__doc__ or "", "study")
    chosen = study.one(config, arguments.study)
    told = [asdict(row) for row in rows(chosen, join.load([chosen.name], config).table, config)] if chosen.experiment else []
    write_sealed(config.folder / chosen.name / NAME, json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    stage(main)

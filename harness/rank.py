"""The rank stage: run files and vector measures of one group of variants under one seed."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

from harness.config import Config
from harness.errors import InputError, stage
from harness.rankings import measures, runs
from harness.rankings.ranking import without_own
from harness.studies import demand, held, method, prints
from harness.studies.command import parse
from harness.studies.inputs import Inputs
from harness.studies.jobs import find_job, job_folder
from harness.studies.method import Ranked
from harness.studies.plan import Job, depth, runnable
from harness.studies.study import Study, folders
from harness.vectors import isotropy, kept


def rank(chosen: Study, job: Job, config: Config, folder: Path) -> None:
    """Rank every variant of the job on each of its collections; write the runs and measures into `folder`."""
    known = folders(config)
    config = config.model_copy(update={"depth": depth(chosen, config)})
    rows: list[tuple[str, str, str, str | None, float]] = []
    failed: list[tuple[str, str, str]] = []
    ill_posed: list[tuple[str, str, str, str]] = []
    wanted, asked = demand.wanted(chosen, job.seed), demand.isotropy(chosen)
    for variant in job.variants:
        module = method.load(known[variant.method])
        settings = method.settings_of(module, variant.settings, chosen.folder / "experiment.yaml", variant.name)
        inputs = Inputs(config, chosen, variant, job_folder(config, job) / "fit")
        for name in runnable(chosen, variant, config.fidelity):
            collection = inputs.collection(name)
            excluded = collection.self_retrieval == "excluded"
            given = replace(inputs, config=_deeper(config)) if excluded else inputs
            where = f"{known[variant.method] / 'method.py'}: method '{variant.method}' on '{name}'"
            try:
                ranked = method.checked(module.rank(collection, settings, job.seed, given), len(collection.document_ids), where)
                measured, loose = _isotropy(ranked, collection.document_ids, asked)
            except (method.Failed, isotropy.Degenerate) as reason:
                print(f"rank: {variant.name} on {name}: failed: {reason}", file=sys.stderr)
                failed.append((variant.name, name, str(reason)))
                continue
            run = without_own(ranked.run, config.depth) if excluded else ranked.run
            runs.write(folder / f"{variant.name}.{name}.trec.gz", run, collection, tag=variant.name)
            if picture := wanted.get((variant.name, name)):
                if ranked.vectors is None:
                    where = f"{chosen.folder}/experiment.yaml: pictures.{picture}"
                    raise InputError(f"{where}: method '{variant.method}' gives no document vectors on '{name}'")
                kept.write(kept.path(folder, variant.name, name), collection.document_ids, ranked.vectors)
            rows += [(variant.name, name, *measure) for measure in ranked.measures]
            rows += [(variant.name, name, metric, None, value) for metric, value in measured.items()]
            ill_posed += [(variant.name, name, metric, f"{share:.1g}") for metric, share in loose.items()]
    measures.write_measures(folder / "measures.csv", rows)
    measures.write_failed(folder / "failed.csv", failed)
    measures.write_ill_posed(folder / "ill_posed.csv", ill_posed)


def _deeper(config: Config) -> Config:
    """Ask for one document more, in the place of the one that is to be left out."""
    return config.model_copy(update={"depth": config.depth + 1})


def _isotropy(ranked: Ranked, names: list[str], asked: list[str]) -> tuple[dict[str, float], dict[str, float]]:
    """Return the measures asked for of the documents' vectors, and those that float32 rounding alone would move, by what share."""
    if ranked.vectors is None:
        return {}, {}
    vectors = ranked.vectors
    measured = isotropy.measure(vectors, names, asked)
    loose = isotropy.ill_posed(lambda: isotropy.cut(vectors), names, measured)
    return {name: value for name, value in measured.items() if name not in loose}, loose


def main() -> None:
    """`python -m harness.rank --study S --group G --seed N`: rank one job of the plan."""
    arguments, config = parse(main.__doc__ or "", "study", "group", "seed")
    chosen, job = find_job(config, arguments.study, arguments.group, arguments.seed)
    final = job_folder(config, job) / "rank"
    # A name of its own: after a kill -9 of the workflow its jobs live on, beside the ones that a new run starts.
    temporary = final.with_name(f".rank.{os.getpid()}")
    temporary.mkdir(parents=True, exist_ok=True)
    try:
        expected = prints.of(chosen, job, config)
        if job.fits:
            prints.verify(final.with_name("fit"), expected["fit"])
        with held.using(config):
            rank(chosen, job, config, temporary)
        prints.mark(temporary, expected["rank"])
        shutil.rmtree(final, ignore_errors=True)
        temporary.rename(final)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


if __name__ == "__main__":
    stage(main)

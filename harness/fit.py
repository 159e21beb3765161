"""The fit stage: train the variants of one group under one seed, into a folder that appears whole or not at all."""

from __future__ import annotations

import shutil
from pathlib import Path

from harness.config import Config
from harness.errors import InputError, stage
from harness.studies import computed, held, method, prints, trained
from harness.studies.command import parse
from harness.studies.inputs import Inputs
from harness.studies.jobs import find_job, job_folder
from harness.studies.plan import Job
from harness.studies.study import Study, folders


def made(final: Path, expected: str) -> bool:
    """Say whether a fit folder is there, whole, and made with today's settings."""
    try:
        prints.verify(final, expected)
    except (InputError, OSError):
        return False
    return True


def fit(chosen: Study, job: Job, config: Config, final: Path, expected: str) -> None:
    """Train every variant of the job into `final`."""
    # The unfinished folder stays after a kill, so that a method may go on where it stopped.
    unfinished = final.with_name(".fit")
    unfinished.mkdir(parents=True, exist_ok=True)
    known = folders(config)
    for name in dict.fromkeys(variant.method for variant in job.variants):
        module = method.load(known[name])
        members = []
        for variant in (v for v in job.variants if v.method == name):
            settings = method.settings_of(module, variant.settings, chosen.folder / "experiment.yaml", variant.name)
            members.append((settings, Inputs(config, chosen, variant, unfinished)))
        if hasattr(module, "fit_group"):
            module.fit_group(members, job.seed, unfinished)
        elif hasattr(module, "fit"):
            for settings, inputs in members:
                module.fit(settings, job.seed, inputs, unfinished)
    prints.mark(unfinished, expected)
    shutil.rmtree(final, ignore_errors=True)
    unfinished.rename(final)


def main() -> None:
    """`python -m harness.fit --study S --group G --seed N`: train one job of the plan."""
    arguments, config = parse(main.__doc__ or "", "study", "group", "seed")
    chosen, job = find_job(config, arguments.study, arguments.group, arguments.seed)
    final = job_folder(config, job) / "fit"
    expected = prints.of(chosen, job, config)["fit"]
    with held.using(config), trained.alone(config, expected) as waited:
        if not (waited and made(final, expected)):
            fit(chosen, job, config, final, expected)
    computed.note(config, f"fit.{job.study}.{job.group}.{job.seed}")


if __name__ == "__main__":
    stage(main)

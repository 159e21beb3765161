"""The fit stage: train the variants of one group under one seed, into a folder that appears whole or not at all."""

from __future__ import annotations

import shutil

from harness import method
from harness.command import parse
from harness.errors import stage
from harness.inputs import Inputs
from harness.rank import find_job, job_folder
from harness.study import folders


def main() -> None:
    """`python -m harness.fit --study S --group G --seed N`: train one job of the plan."""
    arguments, config = parse(main.__doc__ or "", "study", "group", "seed")
    chosen, job = find_job(config, arguments.study, arguments.group, arguments.seed)
    final = job_folder(config, job) / "fit"
    # The unfinished folder stays after a kill, so that a method may go on where it stopped.
    unfinished = final.with_name(".fit")
    unfinished.mkdir(parents=True, exist_ok=True)
    known = folders(config.root)
    for variant in job.variants:
        module = method.load(known[variant.method])
        if hasattr(module, "fit"):
            settings = method.settings_of(module, variant.settings, chosen.folder / "experiment.yaml", variant.name)
            module.fit(settings, job.seed, Inputs(config, chosen, variant, unfinished), unfinished)
    shutil.rmtree(final, ignore_errors=True)
    unfinished.rename(final)


if __name__ == "__main__":
    stage(main)

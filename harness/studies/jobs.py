"""A job of the plan by its name, and the folder of its results."""

from __future__ import annotations

from pathlib import Path

from harness.config import Config
from harness.errors import InputError, closest
from harness.studies import study
from harness.studies.plan import Job, jobs
from harness.studies.study import Study


def job_folder(config: Config, job: Job) -> Path:
    """Where a job keeps its results."""
    return config.folder / job.study / job.group / str(job.seed)


def find_job(config: Config, name: str, group: str, seed: str) -> tuple[Study, Job]:
    """Return the study and job of that name; raise InputError that lists what there is."""
    chosen = study.one(config, name)
    planned = {(job.group, str(job.seed)): job for job in jobs([chosen], config)}
    if (group, seed) not in planned:
        known = [f"{g}/{s}" for g, s in planned]
        raise InputError(f"study '{name}' has no job '{group}/{seed}' at {config.fidelity}{closest(f'{group}/{seed}', known)}")
    return chosen, planned[group, seed]

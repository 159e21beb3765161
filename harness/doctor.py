"""The doctor: what on this machine or in this folder would stop a run, or make it wrong, and what to do about each."""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

from harness.config import Config
from harness.errors import InputError, stage
from harness.studies import encoders, marks, plan, prints, written
from harness.studies.command import parse
from harness.studies.jobs import job_folder
from harness.studies.materials import gather
from harness.studies.study import Study
from harness.text import counted

ROOM = 4e9  # bytes that a first run at fidelity embedded writes, with the kept models, twice over
NEEDED = ("torch", "transformers", "sentence-transformers", "ranx", "pandas", "snakemake")
Said = Iterator[tuple[bool, str]]  # whether it is well, and a line


def python(studies: list[Study], config: Config) -> Said:
    """Is the environment the one of this folder, and whole?"""
    here = config.root / ".venv"
    if here.is_dir() and Path(sys.prefix).resolve() != here.resolve():
        yield False, f"this python is {sys.prefix}, not {here}; was the folder moved? rm -r '{here}' && make tables"
    absent = [name for name in NEEDED if not _installed(name)]
    yield (
        not absent,
        f"missing packages: {', '.join(absent)}; run `make tables`, which installs them" if absent else "packages are there",
    )


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def room(studies: list[Study], config: Config) -> Said:
    """Can results and cache be written, and is there room?"""
    for key in ("results", "cache"):
        place = config.root / getattr(config, key)
        there = next(path for path in (place, *place.parents) if path.exists())
        if not os.access(there, os.W_OK):
            yield False, f"config.yaml: {key}: {there} cannot be written to; name another folder"
            continue
        free = shutil.disk_usage(there).free
        told = f"{key}: {there}: {free / 1e9:.1f} GB free"
        yield free > ROOM, told if free > ROOM else f"{told}, and a first run may need {ROOM / 1e9:.0f}; `make clean` frees some"


def lock(studies: list[Study], config: Config) -> Said:
    """Is another run at work here?"""
    path = config.root / "results" / ".lock"
    if not path.is_file():
        return
    with path.open() as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False, f"another run is at work in {config.root}; wait for it"
        else:
            yield True, "no other run is at work"


def materials(studies: list[Study], config: Config) -> Said:
    """Are data and models at hand, as pinned, and do the encoders' settings fit them?"""
    wanted = plan.materials(studies, config)
    _, missing = gather(wanted, config)
    yield from ((False, line) for line in dict.fromkeys(missing))
    if not missing:
        yield True, f"{counted(len(wanted), 'collection or model', 'collections and models')} at hand, as pinned"
        yield from ((False, line) for line in dict.fromkeys(encoders.problems(studies, config)))


def results(studies: list[Study], config: Config) -> Said:
    """Are the results at hand whole, of today's settings, and is what they point to still kept?"""
    encode, jobs = plan.encode_jobs(studies, config), plan.jobs(studies, config)
    if gone := list(marks.lost(encode, jobs, config)):
        yield (
            False,
            f"the cache no longer holds what {counted(len(gone), 'finished job')} left there; `make tables` makes it again",
        )
    by_name = {one.name: one for one in studies}
    stale = []
    for job in jobs:
        folder = job_folder(config, job) / "rank"
        if folder.is_dir():
            try:
                prints.verify(folder, prints.of(by_name[job.study], job, config)["rank"])
            except InputError as error:
                stale.append(str(error))
    yield from ((False, line) for line in stale[:5])
    if len(stale) > 5:
        yield False, f"and {len(stale) - 5} more folders like these"
    if not gone and not stale:
        done = sum((job_folder(config, job) / "scores.parquet").is_file() for job in jobs)
        yield True, f"{done} of {counted(len(jobs), 'job')} done at fidelity {config.fidelity}, all whole and of today's settings"


CHECKS: tuple[Callable[[list[Study], Config], Said], ...] = (python, room, lock, materials, results)


def main() -> int:
    """`python -m harness.doctor`: name what would stop a run here, or make it wrong; exit code 1 where there is anything."""
    _, config = parse(main.__doc__ or "")
    studies = written.select(config)
    found = [said for check in CHECKS for said in check(studies, config)]
    for well, line in found:
        print(f"{'ok     ' if well else 'PROBLEM'} {line}")
    bad = sum(not well for well, _ in found)
    print(f"{counted(bad, 'problem')} found" if bad else "nothing stands in the way of a run")
    return 1 if bad else 0


if __name__ == "__main__":
    stage(main)

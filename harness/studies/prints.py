"""Fingerprints of a job: what its results hang on, written beside them, so that none made otherwise is ever taken for its own."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from harness.config import Config
from harness.errors import InputError
from harness.studies import code, demand, plan
from harness.studies.plan import Job
from harness.studies.study import Study
from harness.text import write_text

NAME = ".fingerprint"


def of(study: Study, job: Job, config: Config) -> dict[str, str]:
    """Return stage → fingerprint: each holds that of the stage before, and the code and settings of its own."""
    assert study.experiment
    fit = plan.fingerprint(study, job, config)
    rank = _digest(fit, code.digest("rank"), demand.demand(study, job.variants, job.seed))
    return {"fit": fit, "rank": rank, "score": _digest(rank, code.digest("score"), json.dumps(study.experiment.metrics))}


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def mark(folder: Path, fingerprint: str) -> None:
    """Write the fingerprint of what a folder holds into it."""
    write_text(folder / NAME, fingerprint + "\n")


def verify(folder: Path, expected: str) -> None:
    """Raise InputError where a folder was not made with today's settings and code."""
    path = folder / NAME
    refuse_other(folder, path.read_text(encoding="utf-8").strip() if path.is_file() else None, expected)


def refuse_other(place: Path, found: str | None, expected: str) -> None:
    """Raise InputError, naming the place and the command that makes it anew, where a fingerprint is another."""
    if found != expected:
        how = "with other settings or other code than today's" if found else "by an older version, which kept no record of how"
        raise InputError(f"{place}: made {how}; nothing is judged from it. Make it anew: rm -r '{place}' && make tables")

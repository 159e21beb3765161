"""Fingerprints of a job: what its results hang on, written beside them, so that none made otherwise is ever taken for its own."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from harness.config import Config
from harness.errors import InputError
from harness.studies import code, demand, plan
from harness.studies.plan import Job, Known
from harness.studies.study import Study
from harness.text import read_text, write_text

NAME = ".fingerprint"


def of(study: Study, job: Job, config: Config, known: Known | None = None) -> dict[str, str]:
    """Return stage → fingerprint: each holds that of the stage before, and the code and settings of its own."""
    assert study.experiment
    fit = plan.fingerprint(study, job, config, known)
    rank = _digest(fit, code.digest("rank"), demand.demand(study, job.variants, job.seed))
    return {"fit": fit, "rank": rank, "score": _digest(rank, code.digest("score"), json.dumps(study.experiment.metrics))}


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def mark(folder: Path, fingerprint: str) -> None:
    """Write into a folder the fingerprint of what made it, and the digest of each of its files."""
    write_text(folder / NAME, json.dumps({"fingerprint": fingerprint, "files": _files(folder)}, indent=1) + "\n")


def verify(folder: Path, expected: str) -> None:
    """Raise InputError where a folder was not made with today's settings and code, or holds other files than it was made with."""
    path = folder / NAME
    try:
        found = json.loads(read_text(path)) if path.is_file() else {}
        fingerprint, files = (found["fingerprint"], dict(found["files"])) if found else (None, {})
    except (ValueError, KeyError, TypeError, RecursionError):
        fingerprint, files = "damaged", {}
    refuse_other(folder, fingerprint, expected)
    here = _files(folder)
    if changed := sorted(name for name in here.keys() | files.keys() if here.get(name) != files.get(name)):
        what = "is gone" if changed[0] not in here else "was not there" if changed[0] not in files else "is damaged or was edited"
        raise InputError(f"{folder / changed[0]}: it {what} since its stage ran. Make it anew: rm -r '{folder}' && make tables")


def _files(folder: Path) -> dict[str, str]:
    """Return name → sha256 of a folder's own files; what it links to is kept, and checked, elsewhere.

    Names that begin with a dot are not ours: Snakemake leaves its mark in every folder that a job makes.
    """
    paths = sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink() and not p.name.startswith("."))
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def refuse_other(place: Path, found: str | None, expected: str) -> None:
    """Raise InputError, naming the place and the command that makes it anew, where a fingerprint is another."""
    if found != expected:
        how = "with other settings or other code than today's" if found else "by an older version, which kept no record of how"
        raise InputError(f"{place}: made {how}; nothing is judged from it. Make it anew: rm -r '{place}' && make tables")

"""Marks of done work whose fruit is gone: a cache that was deleted, in part or whole. The work is then done again."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from harness.config import Config
from harness.studies import models
from harness.studies.jobs import job_folder
from harness.studies.plan import EncodeJob, Job
from harness.text import write_text


def encoded(config: Config, name: str) -> Path:
    """Return where an encode job leaves its mark."""
    return config.folder / "encode" / f"{name}.json"


def mark(config: Config, name: str, texts: int, kept: Iterable[Path]) -> None:
    """Write down what an encode job has left in the cache: the files of each of its folders, by number, or one file."""
    root = config.root / config.cache
    told = {str(place.relative_to(root)): _held(place) for place in kept}
    write_text(encoded(config, name), json.dumps({"texts": texts, "kept": told}) + "\n")


def _held(place: Path) -> int:
    return len(list(place.glob("*.safetensors"))) if place.is_dir() else int(place.is_file())


def lost(encode: Iterable[EncodeJob], jobs: Iterable[Job], config: Config) -> Iterator[Path]:
    """Yield the marks of this run's jobs that tell of vectors or models that are no longer in the cache."""
    root = config.root / config.cache
    for job in encode:
        path = encoded(config, job.name)
        if path.is_file() and any(_held(root / place) < count for place, count in _kept(path).items()):
            yield path
    for one in jobs:
        for name in one.builds:
            path = config.folder / "build" / f"{name}.json"
            if path.is_file() and not models.folder(name, config).is_dir():
                yield path
        fit = job_folder(config, one) / "fit"
        if fit.is_dir() and any(path.is_symlink() and not path.exists() for path in fit.iterdir()):
            yield fit / ".fingerprint"


def in_use(encode: Iterable[EncodeJob], jobs: Iterable[Job], config: Config) -> Iterator[Path]:
    """Yield what the finished jobs of this run have in the cache: folders of vectors, trained models and heads."""
    root = config.root / config.cache
    for job in encode:
        if (path := encoded(config, job.name)).is_file():
            for place in _kept(path):
                yield root / Path(place).parts[0] if place else root
    for one in jobs:
        fit = job_folder(config, one) / "fit"
        yield from (path for path in (fit.iterdir() if fit.is_dir() else ()) if path.is_symlink())


def _kept(path: Path) -> dict[str, int]:
    """Return what a mark tells; of an older or damaged one, that something is lost."""
    try:
        found: dict[str, int] = json.loads(path.read_text(encoding="utf-8"))["kept"]
    except (ValueError, KeyError, TypeError):
        return {"": 1 << 60}
    return found


def forget(encode: Iterable[EncodeJob], jobs: Iterable[Job], config: Config) -> None:
    """Remove such marks, so that the workflow does that work again, and say so in a line."""
    gone = sorted(set(lost(encode, jobs, config)))
    for path in gone:
        if path.name == ".fingerprint":  # a folder of links to models that are not there
            shutil.rmtree(path.parent)
        path.unlink(missing_ok=True)
    if gone:
        names = ", ".join(sorted({path.parent.parent.name if path.name == ".fingerprint" else path.stem for path in gone})[:6])
        print(
            f"The cache no longer holds what {len(gone)} finished jobs left there ({names}); it is made again.", file=sys.stderr
        )

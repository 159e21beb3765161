"""Trained models, kept by what they hang on: a change of measures or tables trains nothing again."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import shutil
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from harness.config import Config


def place(config: Config, base: Path, version: int, parts: list[Any]) -> Path:
    """Return where the model of one base, and of `parts` (texts, settings, seed: anything that JSON holds), is kept.

    `version` is the method's own: raised when its code changes what is trained.
    """
    moved = [config.perturb] if config.perturb else []  # trained again, so that what training makes of rounding shows
    weights = hashlib.sha256((base / "model.safetensors").read_bytes()).hexdigest()
    key = hashlib.sha256(json.dumps([version, weights, *parts, *moved], sort_keys=True).encode()).hexdigest()[:20]
    return (config.root / config.cache / "trained" / key).resolve()


def unfinished_of(target: Path) -> Path:
    """Return a name beside `target` that no other process takes, on this host or another."""
    return target.with_name(f".{target.name}.{os.getpid()}.{uuid.uuid4().hex[:8]}")


@contextmanager
def alone(config: Config, name: str) -> Iterator[bool]:
    """Wait until no other job trains `name`, of a killed run, another checkout, user or host; say whether there was one.

    The kernel drops the lock with the process that holds it; NFS and Lustre tell it to all hosts, unless mounted without locks.
    """
    path = config.root / config.cache / "locks" / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        held = path.open("a")
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise
        yield False  # into a cache that may only be read nothing is trained
        return
    with held:
        yield _locked(held)


def _locked(held: IO[str]) -> bool:
    """Take the lock of an open file; return whether another process had it."""
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print(f"{held.name}: another job trains the same; waiting for it", file=sys.stderr, flush=True)
        fcntl.flock(held, fcntl.LOCK_EX)
        return True
    except OSError as error:
        if error.errno not in (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP):
            raise
        print(f"{held.name}: no locks on this file system; two runs that train the same at once may fail", file=sys.stderr)
    return False


def keep(unfinished: Path, target: Path) -> None:
    """Move a finished folder to where it is kept; where another run was faster, its model stays and this one is dropped.

    Its files may be read by whom the folder lets: safetensors writes for its owner alone.
    """
    readable = unfinished.stat().st_mode & 0o666
    for path in unfinished.rglob("*"):
        if path.is_file() and not path.is_symlink():
            path.chmod(readable)
    try:
        unfinished.rename(target)
    except OSError:
        if not target.is_dir():
            raise
        shutil.rmtree(unfinished)


def link(folder: Path, name: str, kept: Path) -> None:
    """Let `<folder>/<name>` stand for the kept model."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(kept, target_is_directory=True)

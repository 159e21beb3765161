"""What is kept between runs: how much of each kind, whether anybody is using it, and what goes first where it is more than `cache_limit`."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from harness.config import Config
from harness.text import counted

UNSURE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)  # a cache to read alone, or without locks
KINDS = {"trained": "trained models", "heads": "trained heads", "models": "built models", "assets": "downloads", "ir_datasets": "downloads", "locks": "locks"}
VECTORS = "vectors"
REMADE = (VECTORS, "trained models", "trained heads")  # all else is small, or somebody's download


@dataclass(frozen=True)
class Entry:
    """One thing that may go by itself and be made again: its last use is the time of its file or folder."""

    path: Path
    kind: str
    bytes: int
    used: int  # ns


def kind_of(part: str) -> str:
    """Return what lies in a folder of the cache, by its name."""
    return KINDS.get(part, VECTORS)


def sizes(place: Path) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield the parts of the path of each file below a folder, and its bytes; what it links to elsewhere does not count."""
    for folder, _, names in os.walk(place):
        for name in names:
            path = Path(folder, name)
            if not path.is_symlink():
                yield path.relative_to(place).parts, path.stat().st_size


def entries(cache: Path) -> list[Entry]:
    """Return what may go, what was used longest ago first."""
    taken: Counter[tuple[str, ...]] = Counter()
    for parts, size in sizes(cache):
        taken[parts[:2] if kind_of(parts[0]) != VECTORS else parts[:1]] += size
    named = [(cache.joinpath(*parts), kind_of(parts[0]), size) for parts, size in taken.items() if kind_of(parts[0]) in REMADE]
    # A dot: unfinished, of a training that is at work or was killed. Folders of vectors have a key.
    mine = [one for one in named if not one[0].name.startswith(".") and (one[1] != VECTORS or (one[0] / "key.json").is_file())]
    return sorted((Entry(path, kind, size, path.stat().st_mtime_ns) for path, kind, size in mine), key=lambda one: (one.used, one.path))


@contextmanager
def using(config: Config) -> Iterator[IO[str] | None]:
    """Let nobody clear the cache meanwhile; None where it may only be read, or has no locks."""
    held = hold(config)
    try:
        yield held
    finally:
        if held:
            held.close()


def hold(config: Config, alone: bool = False) -> IO[str] | None:
    """Return an open file that says, until it is closed, that the cache is in use; None where it may only be read, or has no locks.

    `alone`: raise BlockingIOError where anybody else uses it.
    """
    path = config.root / config.cache / "locks" / "in-use"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        held = path.open("a")
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB if alone else fcntl.LOCK_SH)
    except BlockingIOError:
        held.close()
        raise
    except OSError as error:
        if error.errno not in UNSURE:
            raise
        return None
    return held


def trim(config: Config, used: Iterable[Path]) -> str:
    """Note what this run uses; where all is more than `cache_limit`, remove what was used longest ago. Return what there is to say.

    What this run uses stays, as do downloads and all that other runs are using: then nothing goes.
    """
    cache, mine = (config.root / config.cache).resolve(), {path.resolve() for path in used}
    for path in mine:
        with suppress(OSError):
            os.utime(path)
    if config.cache_limit is None or not cache.is_dir():
        return ""
    limit, taken = config.cache_limit * 1e9, sum(size for _, size in sizes(cache))
    if taken <= limit:
        return ""
    try:
        held = hold(config, alone=True)
    except BlockingIOError:
        return f"cache_limit: {told(taken)} are kept, more than {told(limit)}; another run is using them, so nothing is removed now"
    if held is None:
        return f"cache_limit: {told(taken)} are kept, more than {told(limit)}; {cache} cannot be locked, so nothing is removed"
    with held:
        gone = list(_freed(entries(cache), mine, taken - limit))
    left = taken - sum(one.bytes for one in gone)
    done = f"{counted(len(gone), 'entry', 'entries')} used longest ago removed, {told(taken - left)} freed" if gone else "nothing can go"
    more = f"; {told(left)} stay, more than {told(limit)}: this run uses them, or they are downloads" if left > limit else ""
    return f"cache_limit: {done}{more}"


def _freed(candidates: list[Entry], mine: set[Path], over: float) -> Iterator[Entry]:
    for one in candidates:
        if over <= 0:
            return
        if one.path not in mine:
            shutil.rmtree(one.path) if one.path.is_dir() else one.path.unlink()
            over -= one.bytes
            yield one


def told(size: float) -> str:
    """Write a number of bytes for people."""
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{size / 1e6:,.0f} MB"

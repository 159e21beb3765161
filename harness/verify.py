"""Is a file the pinned one? Its size and sha256 say so; what is not is refused by name."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from harness.errors import InputError


class File(BaseModel):
    """One file's size in bytes and sha256; null only where a pinned git revision fixes the content instead."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bytes: int | None
    sha256: str | None


def verify(path: Path, expected: File) -> None:
    """Refuse a file whose size or sha256 is not the pinned one, naming it; HTML in place of data is called so."""
    size = path.stat().st_size
    with path.open("rb") as opened:
        head = opened.read(512).lstrip().lower()
    if head.startswith((b"<!doctype html", b"<html")) and path.suffix not in (".html", ".htm"):
        raise InputError(f"{path}: this is an HTML page, not the data (an error page saved under its name?); remove it")
    if expected.bytes is not None and size != expected.bytes:
        state = "truncated" if size < expected.bytes else "altered"
        raise InputError(f"{path}: {state}: {size} bytes, but {expected.bytes} are expected; get it again")
    if expected.sha256 is not None and digest_of(path, size, path.stat().st_mtime_ns) != expected.sha256:
        raise InputError(f"{path}: altered: its sha256 is not {expected.sha256}; get it again")


@cache
def digest_of(path: Path, size: int, modified: int) -> str:
    """sha256 of a file; size and time are arguments so that a changed file is hashed again."""
    digest = hashlib.sha256()
    with path.open("rb") as opened:
        while block := opened.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()

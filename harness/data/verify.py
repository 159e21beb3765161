"""Is a file the pinned one? Its size and sha256 say so; what is not is refused by name."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from harness.errors import InputError


class File(BaseModel):
    """One file's size in bytes and sha256; null only where a pinned git revision fixes the content instead.

    `md5` stands in for it where that is all the publishers give.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    bytes: Annotated[int, Field(ge=0, strict=True)] | None
    """The size in bytes."""
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None
    """The sha256 of the content; null only where a pinned git revision fixes it instead."""
    md5: Annotated[str, Field(pattern="^[0-9a-f]{32}$")] | None = None
    """The md5, where that is all the publishers give."""


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
    for kind in ("sha256", "md5"):
        wanted = getattr(expected, kind)
        if wanted is not None and digest_of(path, size, path.stat().st_mtime_ns, kind) != wanted:
            raise InputError(f"{path}: altered: its {kind} is not {wanted}; get it again")


@cache
def digest_of(path: Path, size: int, modified: int, kind: str = "sha256") -> str:
    """sha256 (or md5) of a file; size and time are arguments so that a changed file is hashed again."""
    digest = hashlib.new(kind, usedforsecurity=False)
    with path.open("rb") as opened:
        while block := opened.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()

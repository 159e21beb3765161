"""One pinned download: streamed to a temporary name, checked, then renamed, so that a killed one is never taken for the file."""

from __future__ import annotations

import hashlib
import http.client
import shutil
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.errors import InputError
from harness.text import replacing, write_text

ALLOWED: tuple[str, ...] = ("https://",)
DEAD = 3600  # seconds: a running download writes far more often, and gives up after 60 s without data


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follow allowed redirects; keep the digest that the Hugging Face Hub states before it redirects to its store."""

    stated: str | None = None

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        _allow(newurl)
        self.stated = self.stated or headers.get("X-Linked-Etag")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def download(address: str, target: Path, check: Callable[[Path], None], pinned: bool) -> None:
    """Fetch one file; `check` refuses a wrong one, and where no digest is pinned the server's own must agree.

    That digest is then noted beside the file (`noted`). Raise OSError if the file could not be had, InputError if what
    came is not the file.
    """
    _allow(address)
    _sweep(target)
    with replacing(target) as temporary:
        stated = _stream(address, temporary)
        check(temporary)
        if not pinned:
            write_text(noted(target), _agreed(address, temporary, stated) + "\n")


def noted(target: Path) -> Path:
    """Return where the sha256 of a file is noted that had none pinned when it was downloaded."""
    return target.with_name(f"{target.name}.sha256")


def _allow(address: str) -> None:
    if not address.startswith(ALLOWED):
        raise InputError(f"{address}: only https addresses are downloaded")


def _sweep(target: Path) -> None:
    """Remove what killed downloads of this file left behind."""
    for left in target.parent.glob(f".{target.name}.*.*"):
        if time.time() - left.stat().st_mtime > DEAD:
            left.unlink(missing_ok=True)


def _stream(address: str, path: Path) -> str | None:
    """Write the answer to `path`; return the digest that the server states for it, if any."""
    redirects = _Redirects()
    try:
        with urllib.request.build_opener(redirects).open(address, timeout=60) as response, path.open("wb") as opened:
            shutil.copyfileobj(response, opened)
            length = response.headers.get("Content-Length")
            stated: str | None = redirects.stated or response.headers.get("ETag")
    except http.client.HTTPException as error:
        raise OSError(f"the connection broke: {error!r}") from None
    if length and path.stat().st_size != int(length):
        raise OSError(f"the connection broke after {path.stat().st_size} of {length} bytes")
    return stated


def _agreed(address: str, path: Path, stated: str | None) -> str:
    """Check a file against the Hub's statement (sha256 of a large file, git blob id of a small one); return its sha256."""
    digest = (stated or "").removeprefix("W/").strip('"')
    raw = hashlib.sha256()
    blob = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    with path.open("rb") as opened:
        while block := opened.read(1 << 20):
            raw.update(block)
            blob.update(block)
    if len(digest) not in (40, 64):
        raise InputError(f"{address}: no sha256 is pinned and the server states no digest (ETag: {stated}); not used")
    if digest not in (raw.hexdigest(), blob.hexdigest()):
        raise InputError(f"{address}: altered on the way: its digest is not {digest}, which the server states; not used")
    return raw.hexdigest()

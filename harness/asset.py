"""Assets: files with a pinned origin and digest; found in a package, a mirror folder or a pinned download."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import urllib.request
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from harness.config import Config
from harness.errors import InputError, closest
from harness.text import read_yaml, replacing


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class File(_Entry):
    """One file's size in bytes and sha256; null only where a pinned git revision fixes the content instead."""

    bytes: int | None
    sha256: str | None


class Sources(_Entry):
    """Where an asset's files may come from, tried in this order."""

    package: str | None = None  # "module:folder inside it"
    mirror: str | None = None  # folder of the mirror
    download: str | None = None  # base address, pinned by revision; the file's name is appended


class Asset(_Entry):
    """What a model's or a collection's yaml says of its files."""

    licence: str
    origin: str
    files: dict[str, File]
    sources: Sources
    get: str  # how a person gets it, one sentence


class Missing(Exception):
    """A file that no source holds; the message is one line for the list of what is missing."""


def definitions(root: Path, kind: str) -> dict[str, Path]:
    """Return `<kind>/<name>.yaml` of the project and of every study folder, by name; a name may stand once."""
    found: dict[str, Path] = {}
    patterns = (f"{kind}/*.yaml", f"baselines/*/{kind}/*.yaml", f"replications/*/{kind}/*.yaml")
    for path in sorted(path for pattern in patterns for path in root.glob(pattern)):
        if path.stem in found:
            raise InputError(f"{path}: '{path.stem}' is also defined in {found[path.stem]}")
        found[path.stem] = path
    return found


def model_folder(name: str, config: Config) -> Path:
    """Return a folder that holds the verified files of `models/<name>.yaml`."""
    known = definitions(config.root, "models")
    if name not in known:
        raise InputError(f"models: no '{name}'{closest(name, known)}")
    try:
        paths = files(known[name], config)
    except Missing as error:
        raise InputError(str(error)) from None
    return next(iter(paths.values())).parent


def read_asset(path: Path, raw: dict[str, Any]) -> Asset:
    """Check the asset part of a definition; raise InputError naming file and key."""
    try:
        return Asset.model_validate({key: raw.get(key) for key in Asset.model_fields if key in raw})
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(map(str, problem["loc"]))
        raise InputError(f"{path}: {key}: {problem['msg']} (you wrote: {problem['input']!r})") from None


def files(path: Path, config: Config) -> dict[str, Path]:
    """Return the verified files of one definition by name; raise Missing if a file is nowhere."""
    asset = read_asset(path, read_yaml(path))
    return {name: _find(path.stem, name, expected, asset, config) for name, expected in asset.files.items()}


def _find(owner: str, name: str, expected: File, asset: Asset, config: Config) -> Path:
    tried = []
    for candidate in _local(name, asset.sources, config):
        if candidate.is_file():
            verify(candidate, expected)
            return candidate
        tried.append(str(candidate))
    if asset.sources.download and config.download and config.fidelity != "embedded":
        target = config.root / config.cache / "assets" / owner / name
        if not target.is_file():
            _download(f"{asset.sources.download}/{name}", target, expected)
        verify(target, expected)
        return target
    raise Missing(f"{owner}: {name} is missing; tried: {', '.join(tried) or 'no local source'}; to get it: {asset.get}")


def _local(name: str, sources: Sources, config: Config) -> list[Path]:
    found = []
    if sources.package:
        module, _, inside = sources.package.partition(":")
        spec = importlib.util.find_spec(module)
        if spec and spec.origin:
            found.append(Path(spec.origin).parent / inside / name)
    if sources.mirror and config.mirror:
        found.append(Path(config.mirror).expanduser() / sources.mirror / name)
    return found


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


def _download(address: str, target: Path, expected: File) -> None:
    if not address.startswith(("https://", "file://")):
        raise InputError(f"{address}: only https addresses are downloaded")
    try:
        with replacing(target) as temporary, urllib.request.urlopen(address, timeout=60) as response:  # noqa: S310 - checked above
            with temporary.open("wb") as opened:
                shutil.copyfileobj(response, opened)
            verify(temporary, expected)
    except OSError as error:
        raise Missing(f"{target.name} could not be downloaded from {address}: {error}") from None


def file_bytes(folder: str, name: str, config: Config) -> bytes | None:
    """Return a data file's bytes for the overlap audits, verified where a definition pins it; None if it is not here."""
    for path in definitions(config.root, "collections").values():
        raw = read_yaml(path)
        if (raw.get("sources") or {}).get("mirror") == folder and name in (raw.get("files") or {}):
            try:
                return _find(path.stem, name, read_asset(path, raw).files[name], read_asset(path, raw), config).read_bytes()
            except Missing:
                return None
    here = Path(config.mirror).expanduser() / folder / name if config.mirror else None
    return here.read_bytes() if here and here.is_file() else None

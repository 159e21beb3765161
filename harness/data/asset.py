"""Assets: files with a pinned origin and digest; shipped, or found in a package, a mirror folder or a pinned download."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from harness import places
from harness.config import Config
from harness.data.definition import Entry, Sources, read_mapping
from harness.data.download import download, noted
from harness.data.verify import File, verify
from harness.errors import InputError, explained, refuse_name

NAMED = 6  # missing files that a message lists
REVISION = re.compile(r"/[0-9a-f]{40}(/|$)")


class Asset(Entry):
    """What a model's or a collection's yaml says of its files."""

    identity: Annotated[str, Field(min_length=1)] | None = None
    """What it is, in the words that the `identity` of a role of experiment.yaml uses; without it nobody's original."""
    licence: str
    """Under which licence the files may be used."""
    origin: str
    """Where the files come from, with a version."""
    files: dict[str, File]
    """The files with their sizes and digests."""
    sources: Sources
    """Where the files are looked for, in this order: shipped, package, mirror, download."""
    get: str  # how a person gets it, one sentence
    """How a person gets the files, in one sentence."""


class Missing(Exception):
    """A file that no source holds; the message is one line for the list of what is missing."""


def definitions(project: Path | Config, kind: str) -> dict[str, Path]:
    """Return `<kind>/<name>.yaml` of the project and of every study folder, by name; a name may stand once.

    Of a project's folder alone its own studies count, of settings also those outside of it.
    """
    found: dict[str, Path] = {}
    root = project if isinstance(project, Path) else project.root
    homes = [root, *(root.glob("baselines/*/")), *(root.glob("replications/*/")), *([] if isinstance(project, Path) else places.outside(project))]
    for path in sorted(path for home in homes for path in (home / kind).glob("*.yaml")):
        refuse_name(path.stem, path.parent, f"a definition under {kind}/")
        if path.stem in found:
            raise InputError(f"{path}: '{path.stem}' is also defined in {found[path.stem]}")
        found[path.stem] = path
    return found


def read_asset(path: Path, raw: dict[str, Any]) -> Asset:
    """Check the asset part of a definition; raise InputError naming file and key."""
    try:
        asset = Asset.model_validate({key: raw.get(key) for key in Asset.model_fields if key in raw})
    except ValidationError as error:
        raise InputError(f"{path}: " + "; ".join(explained(error, Asset.model_fields))) from None
    for name, file in asset.files.items():
        refuse_outside(name, f"{path}: files")
        if file.sha256 is None and file.md5 is None and not REVISION.search(asset.sources.download or ""):
            raise InputError(
                f"{path}: files.{name}.sha256 may be null only with an md5, or where sources.download names a git revision"
            )
    return asset


def refuse_outside(name: str, where: str) -> None:
    """Refuse a file's name that leaves the folder of its source."""
    parts = name.split("/")
    if "\\" in name or "\0" in name or any(part in ("", ".", "..") for part in parts):
        raise InputError(f"{where}: '{name[:80]}' leaves its folder; write the path inside it, as in 'qrels/test.tsv'")


def files(path: Path, config: Config, only: list[str] | None = None) -> dict[str, Path]:
    """Return the verified files of one definition by name; raise Missing that names the files that are nowhere, the first of many."""
    asset = read_asset(path, read_mapping(path))
    tried: list[str] = []
    found = {name: _find(path, name, asset, config, tried) for name in only or asset.files}
    if absent := [name for name, where in found.items() if where is None]:
        named = ", ".join(absent) if len(absent) <= NAMED else f"{', '.join(absent[:NAMED])} and {len(absent) - NAMED} more"
        words = f"{named} {'is' if len(absent) == 1 else 'are'} missing"
        sources = ", ".join(dict.fromkeys(tried)) or "no source"
        raise Missing(f"{path.stem}: {words}; tried: {sources}; to get {'it' if len(absent) == 1 else 'them'}: {asset.get}")
    return {name: where for name, where in found.items() if where}


def _find(path: Path, name: str, asset: Asset, config: Config, tried: list[str]) -> Path | None:
    """Return the first source's file, verified; what is there but wrong is an error, not a reason to look further."""
    expected = asset.files[name]
    for folder in folders(path, asset.sources, config, tried):
        if _is_file(folder / name):
            verify(folder / name, expected)
            return folder / name
    held = kept(path.stem, config) / name
    if expected.sha256 and _is_file(held):  # downloaded earlier, or joined from packages
        verify(held, expected)
        return held
    if asset.sources.download is None:
        return None
    if not config.download or config.fidelity == "embedded":
        tried.append(f"no download ({'at fidelity embedded' if config.download else 'download: false'})")
        return None
    return _downloaded(f"{asset.sources.download}/{name}", held, expected, tried)


def kept(owner: str, config: Config) -> Path:
    """Return the folder of the cache that holds the files which were got for a definition."""
    return config.root / config.cache / "assets" / owner


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # too long a name
        return False


def folders(path: Path, sources: Sources, config: Config, tried: list[str]) -> list[Path]:
    """Return the local folders that may hold a definition's files, in the order of the sources, and note each for the message."""
    found = [path.parent.parent / sources.shipped] if sources.shipped else []
    if sources.package:
        module, _, inside = sources.package.partition(":")
        spec = importlib.util.find_spec(module)
        found += [Path(spec.origin).parent / inside] if spec and spec.origin else []
        tried += [] if spec else [f"the package {module} (not installed)"]
    if sources.mirror and config.mirror:
        found.append(Path(config.mirror).expanduser() / sources.mirror)
    elif sources.mirror:
        tried.append("no mirror folder (mirror: null)")
    tried += map(str, found)
    return found


def _downloaded(address: str, target: Path, expected: File, tried: list[str]) -> Path | None:
    if not (target.is_file() and (expected.sha256 or noted(target).is_file())):
        try:
            download(address, target, lambda path: verify(path, expected), pinned=expected.sha256 is not None)
        except OSError as error:
            tried.append(f"{address.rsplit('/', 1)[0]} ({error})")
            return None
    if expected.sha256 is None:
        expected = expected.model_copy(update={"sha256": noted(target).read_text(encoding="utf-8").strip()})
    verify(target, expected)
    return target


def origin(paths: Iterable[Path], config: Config) -> str:
    """Say which source files came from: shipped, package, mirror, download."""
    mirror, cache = (Path(one).expanduser().resolve() for one in (config.mirror or "/dev/null", config.root / config.cache))

    def word(path: Path) -> str:
        if path.is_relative_to(mirror):
            return "mirror"
        return "download" if path.is_relative_to(cache) else "package" if "site-packages" in path.parts else "shipped"

    return ", ".join(sorted({word(path.resolve()) for path in paths}))


def file_bytes(folder: str, name: str, config: Config) -> bytes | None:
    """Return a data file's bytes for the overlap audits, verified where a definition pins it; None if it is not here."""
    for path in definitions(config, "collections").values():
        try:
            raw = read_mapping(path)
        except InputError:  # somebody else's, and broken: who uses it is told
            continue
        if (raw.get("sources") or {}).get("mirror") == folder and name in (raw.get("files") or {}):
            try:
                return files(path, config, [name])[name].read_bytes()
            except Missing:
                return None
    here = Path(config.mirror).expanduser() / folder / name if config.mirror else None
    return here.read_bytes() if here and here.is_file() else None

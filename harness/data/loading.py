"""Loading a collection by its definition, from whichever source holds it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from harness.config import Config
from harness.data import asset, definition
from harness.data.collection import Collection
from harness.data.counts import cautions, check
from harness.data.passages import Passages
from harness.data.readers.layouts import LAYOUTS
from harness.errors import Absent, InputError, closest


def find(project: Path | Config) -> dict[str, Path]:
    """Return every collection's definition by name, of a project's folder or of settings."""
    return asset.definitions(project, "collections")


def load(name: str, config: Config) -> Collection:
    """Read a collection and check it: ids, judgements, counts and digest; raise InputError naming what is wrong."""
    known = find(config)
    if name not in known:
        raise InputError(f"collections: no '{name}'{closest(name, known)}")
    path = known[name]
    raw = definition.read(path, list(LAYOUTS))
    made = is_made(name, known)
    own = raw["reader"] in ("made", "own")
    settings = {"build": raw.get("build"), "settings": raw.get("settings")} if own else {**(raw.get("settings") or {})}
    try:
        content = _content(path, raw, {**settings, "split": raw["split"], "judged_outside": raw.get("judged_outside")}, config)
    except KeyError as error:
        raise InputError(f"{path}: settings or files: the key {error} is missing") from error
    empty: dict[str, Any] = {"candidates": None, "labels": {}}
    if raw.get("passages"):
        content["passages"] = _passages(path, raw, config)
    standing = {"made": made, "self_retrieval": raw.get("self_retrieval")}
    collection = Collection(**{**empty, **content, **standing}, name=name, split=raw["split"])
    check(path, raw, collection)
    for caution in cautions(path, collection):
        print(f"caution: {caution}", file=sys.stderr)
    return collection


def is_made(name: str, known: dict[str, Path]) -> bool:
    """Say whether the project generates a collection, or any that it is put together from."""
    raw = definition.read(known[name], list(LAYOUTS))
    return raw["reader"] == "made" or any(is_made(source, known) for source in _sources(known[name], raw, known))


def _sources(path: Path, raw: dict[str, Any], known: dict[str, Path]) -> list[str]:
    """Return the collections that one is put together from; raise InputError for one that is not there."""
    for source in raw.get("from") or []:
        if source not in known:
            raise InputError(f"{path}: from: no '{source}'{closest(str(source), known)}")
    return raw.get("from") or []


def _content(path: Path, raw: dict[str, Any], settings: dict[str, Any], config: Config) -> dict[str, Any]:
    """Read by the local files; where some are missing and a public route exists, by ir_datasets."""
    if raw["reader"] in ("made", "own"):
        settings["from"] = {source: load(source, config) for source in _sources(path, raw, find(config))}
    if raw["reader"] == "made":
        return LAYOUTS["made"]({}, settings, path.parent)
    try:
        if raw["reader"] == "own" and not raw.get("files"):
            return LAYOUTS["own"]({}, settings, path.parent)
        if raw.get("files") or not raw.get("ir_datasets"):
            return LAYOUTS[raw["reader"]](asset.files(path, config), settings, path.parent)
        missing = f"{path.stem}: it comes by ir_datasets alone"
    except asset.Missing as error:
        missing = str(error)
    if not raw.get("ir_datasets") or config.fidelity == "embedded":
        raise Absent(missing)
    from harness.data.readers import public

    try:  # a pool's candidates are nobody's but the run's
        run = asset.files(path, config, [settings["run"]])[settings["run"]] if raw["reader"] == "pool" else None
    except asset.Missing:
        raise Absent(missing) from None
    return public.read(raw["ir_datasets"], run, config, missing)


def _passages(path: Path, raw: dict[str, Any], config: Config) -> Passages:
    """Return where a large collection's passages lie, their file verified."""
    written = raw["passages"]
    try:
        found = asset.files(path, config, [written["file"]])[written["file"]]
    except asset.Missing as error:
        raise Absent(str(error)) from None
    pin = raw["files"][written["file"]]
    return Passages(found, written["member"], written["count"], written["parts"], str(pin.get("sha256") or pin["md5"]))

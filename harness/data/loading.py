"""Loading a collection by its definition, from whichever source holds it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.config import Config
from harness.data import asset
from harness.data.collection import Collection
from harness.data.counts import check
from harness.data.passages import Passages
from harness.data.readers.layouts import LAYOUTS
from harness.errors import InputError, brief, closest
from harness.text import read_yaml

KEYS = {"title", "reader", "split", "settings", "build", "counts", "digest", "ir_datasets", "queries", "judged_outside"}
KEYS |= {"from", "stand_in", "passages"}
KEYS |= set(asset.Asset.model_fields)


def find(root: Path) -> dict[str, Path]:
    """Return every collection's definition by name."""
    return asset.definitions(root, "collections")


def load(name: str, config: Config) -> Collection:
    """Read a collection and check it: ids, judgements, counts and digest; raise InputError naming what is wrong."""
    known = find(config.root)
    if name not in known:
        raise InputError(f"collections: no '{name}'{closest(name, known)}")
    path = known[name]
    raw = _definition(path)
    made, stand_in = is_made(name, known), is_stand_in(name, known)
    own = raw["reader"] in ("made", "own")
    settings = {"build": raw.get("build"), "settings": raw.get("settings")} if own else {**(raw.get("settings") or {})}
    try:
        content = _content(path, raw, {**settings, "split": raw["split"]}, config)
    except KeyError as error:
        raise InputError(f"{path}: settings or files: the key {error} is missing") from error
    empty: dict[str, Any] = {"candidates": None, "labels": {}}
    if raw.get("passages"):
        content["passages"] = _passages(path, raw, config)
    collection = Collection(**{**empty, **content}, name=name, split=raw["split"], made=made, stand_in=stand_in)
    check(path, raw, collection)
    return collection


def _definition(path: Path) -> dict[str, Any]:
    raw: dict[str, Any] = read_yaml(path)
    if not isinstance(raw, dict):
        raise InputError(f"{path}: not a mapping of keys to values")
    for key in raw:
        if key not in KEYS:
            raise InputError(f"{path}: unknown key '{key}'{closest(key, KEYS)}")
    for key in ("reader", "split"):
        if not raw.get(key):
            raise InputError(f"{path}: the key '{key}' is missing")
        if not isinstance(raw[key], str):
            raise InputError(f"{path}: {key}: expected a word, not {brief(raw[key])}")
    for key in ("settings", "counts", "passages"):
        if raw.get(key) is not None and not isinstance(raw[key], dict):
            raise InputError(f"{path}: {key}: expected a mapping, not {brief(raw[key])}")
    if not isinstance(raw.get("from") or [], list):
        raise InputError(f"{path}: from: expected a list of names, not {brief(raw['from'])}")
    if raw.get("build") is not None:
        asset.beside(path, raw["build"])
    if raw["reader"] not in LAYOUTS:
        raise InputError(f"{path}: reader: '{raw['reader']}'{closest(str(raw['reader']), LAYOUTS)}")
    return raw


def is_made(name: str, known: dict[str, Path]) -> bool:
    """Say whether the project generates a collection, or any that it is put together from."""
    raw = _definition(known[name])
    return raw["reader"] == "made" or any(is_made(source, known) for source in _sources(known[name], raw, known))


def is_stand_in(name: str, known: dict[str, Path]) -> bool:
    """Say whether a collection, or any that it is put together from, stands for data that cannot be had."""
    raw = _definition(known[name])
    return bool(raw.get("stand_in")) or any(is_stand_in(source, known) for source in _sources(known[name], raw, known))


def _sources(path: Path, raw: dict[str, Any], known: dict[str, Path]) -> list[str]:
    """Return the collections that one is put together from; raise InputError for one that is not there."""
    for source in raw.get("from") or []:
        if source not in known:
            raise InputError(f"{path}: from: no '{source}'{closest(str(source), known)}")
    return raw.get("from") or []


def _content(path: Path, raw: dict[str, Any], settings: dict[str, Any], config: Config) -> dict[str, Any]:
    """Read by the local files; where some are missing and a public route exists, by ir_datasets."""
    if raw["reader"] in ("made", "own"):
        settings["from"] = {source: load(source, config) for source in _sources(path, raw, find(config.root))}
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
        raise InputError(missing)
    from harness.data.readers import public

    try:  # a pool's candidates are nobody's but the run's
        run = asset.files(path, config, [settings["run"]])[settings["run"]] if raw["reader"] == "pool" else None
    except asset.Missing:
        raise InputError(missing) from None
    return public.read(raw["ir_datasets"], run, config, missing)


def _passages(path: Path, raw: dict[str, Any], config: Config) -> Passages:
    """Return where a large collection's passages lie, their file verified."""
    written = raw["passages"]
    if unknown := set(written) ^ {"file", "member", "count", "parts"}:
        raise InputError(f"{path}: passages: exactly file, member, count and parts are expected; see '{min(unknown)}'")
    if not 1 <= written["parts"] <= written["count"]:
        raise InputError(f"{path}: passages.parts: {written['parts']} parts cannot be cut from {written['count']} passages")
    try:
        found = asset.files(path, config, [written["file"]])[written["file"]]
    except asset.Missing as error:
        raise InputError(str(error)) from None
    pin = raw["files"][written["file"]]
    return Passages(found, written["member"], written["count"], written["parts"], str(pin.get("sha256") or pin["md5"]))

"""Pinning a collection: sizes and digests of its files, counts and content digest, written into its definition."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from harness.config import Config
from harness.data import asset, loading
from harness.data.counts import counts
from harness.data.definition import KEYS, Sources, read_mapping
from harness.data.verify import digest_of
from harness.errors import InputError, brief, closest
from harness.text import read_text, write_text

PINNED = ("files", "counts", "digest")


def pin(name: str, config: Config, force: bool = False) -> tuple[Path, dict[str, Any]]:
    """Write what a collection holds into its definition, and return the file and what is pinned now.

    Comments and all other keys stay as they are. Raise InputError where a file is nowhere, where the collection cannot be
    read (the definition then stays as it was), and where something else is pinned already and `force` is not given.
    """
    known = loading.find(config)
    if name not in known:
        raise InputError(f"--collection: no '{name}'{closest(name, known)}; write collections/{name}.yaml first")
    path = known[name]
    before, raw = read_text(path), read_mapping(path)
    if unknown := [str(key) for key in raw if key not in KEYS]:
        raise InputError(f"{path}: unknown key '{unknown[0]}'{closest(unknown[0], KEYS)}")
    files = {"files": sizes(path, raw, config)} if raw.get("files") else {}
    try:
        write_text(path, replaced(before, {**files, "counts": None, "digest": None}))
        loaded = loading.load(name, config)
        found = {**files, "counts": counts(loaded), "digest": loaded.digest}
        if (other := changed(raw, found)) and not force:
            raise InputError(f"{path}: {'; '.join(other)}; --force pins what is there now")
        write_text(path, replaced(before, found))
        loading.load(name, config)  # what was written says the same
    except BaseException:
        write_text(path, before)
        raise
    return path, found


def sizes(path: Path, raw: dict[str, Any], config: Config) -> dict[str, dict[str, Any]]:
    """Return size and sha256 of the files that a definition names, from what ships, a package or the mirror; raise InputError for what is nowhere."""
    written = raw["files"]
    if not isinstance(written, Mapping | list) or not all(isinstance(file, str) for file in written):
        raise InputError(f"{path}: files: expected a list of names, such as [corpus.jsonl, queries.jsonl], not {brief(written)}")
    tried: list[str] = []
    places = asset.folders(path, Sources.model_validate(raw.get("sources") or {}), config, tried)
    found, absent = {}, []
    for file in written:
        asset.refuse_outside(file, f"{path}: files")
        at = next((place / file for place in places if (place / file).is_file()), None)
        if at is None:
            absent.append(file)
            continue
        state = at.stat()
        found[file] = {"bytes": state.st_size, "sha256": digest_of(at, state.st_size, state.st_mtime_ns)}
    if absent:
        raise InputError(
            f"{path}: files: {', '.join(absent[:6])} {'is' if len(absent) == 1 else 'are'} not there to be pinned; tried: "
            f"{', '.join(tried) or 'no source'}; put them into <mirror>/<sources.mirror>/ and name the mirror with --mirror"
        )
    return found


def changed(raw: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """Say which pins differ from what is there."""
    told = []
    was = raw.get("files") if isinstance(raw.get("files"), dict) else {}
    for file, pins in found.get("files", {}).items():
        old = was.get(file) if isinstance(was, dict) else None
        if old and any(old.get(key) not in (None, pins[key]) for key in pins):
            told.append(
                f"files.{file}: {old.get('bytes')} bytes with sha256 {old.get('sha256')} are pinned, {pins['bytes']} bytes with {pins['sha256']} are there"
            )
    for kind, count in (raw.get("counts") or {}).items():
        if found["counts"].get(kind) != count:
            told.append(f"counts.{kind}: {count} is pinned, {found['counts'].get(kind)} are there")
    if raw.get("digest") not in (None, found["digest"]):
        told.append(f"digest: {raw['digest']} is pinned, {found['digest']} is there")
    return told


def replaced(text: str, values: dict[str, Any]) -> str:
    """Return a YAML mapping with top-level keys set, or left out where the value is None; all other lines as they were."""
    lines = text.splitlines(keepends=True)
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(node, yaml.MappingNode):
        raise InputError("the definition holds no keys; write one key a line")
    spans = {key.value: (key.start_mark.line, _end(lines, value)) for key, value in node.value}
    if node.flow_style:
        raise InputError("write the definition with one key a line; in braces it cannot be pinned")
    new = []
    for key, value in values.items():
        flow = None if isinstance(value, dict) else False  # one line for each file, one for all counts
        block = "" if value is None else yaml.safe_dump({key: value}, sort_keys=False, default_flow_style=flow, width=10**6)
        if key in spans:
            first, last = spans[key]
            lines[first:last] = [block] + [""] * (last - first - 1)
        else:
            new.append(block)
    kept = "".join(lines)
    return kept + ("\n" if kept and not kept.endswith("\n") else "") + "".join(new)


def _end(lines: list[str], value: yaml.Node) -> int:
    """Return the line after a value; a block's end mark stands at the next key, behind comments that are not its own."""
    line = value.end_mark.line if value.end_mark.column == 0 else value.end_mark.line + 1
    while line > value.start_mark.line + 1 and (not lines[line - 1].strip() or lines[line - 1].startswith("#")):
        line -= 1
    return min(line, len(lines))

"""The materials of a run: each collection and model found, verified and told, or the reason why it cannot be used."""

from __future__ import annotations

from typing import Any

from harness.config import Config
from harness.data import asset, counts, loading
from harness.data.verify import digest_of
from harness.errors import InputError
from harness.studies import models
from harness.text import read_yaml


def gather(wanted: list[str], config: Config) -> tuple[dict[str, Any], list[str]]:
    """Return what each collection holds and each model is, and why the others cannot be used."""
    found: dict[str, Any] = {}
    problems = []
    for entry in wanted:
        try:
            found[entry] = find(entry, config)
        except InputError as error:
            problems.append(str(error))
    return found, problems


def find(entry: str, config: Config) -> dict[str, Any]:
    """Return what a collection holds or a model is, 'model NAME'; raise Absent where no source has it, InputError for what is wrong."""
    kind, name = entry.split(" ", 1)
    return _collection(name, config) if kind == "collection" else _model(name, config)


def _collection(name: str, config: Config) -> dict[str, Any]:
    loaded = loading.load(name, config)
    source = "made" if loaded.made else _source(name, config)
    told = counts.cautions(loading.find(config)[name], loaded)
    return {"digest": loaded.digest, **counts.counts(loaded), "source": source} | ({"cautions": told} if told else {})


def _source(name: str, config: Config) -> str:
    path = loading.find(config)[name]
    if sources := read_yaml(path).get("from"):
        return ", ".join(dict.fromkeys(_source(source, config) for source in sources))
    try:
        return asset.origin(asset.files(path, config).values(), config)
    except asset.Missing:  # it was loaded all the same, so by the public route
        return "ir_datasets"


def _model(name: str, config: Config) -> dict[str, Any]:
    folder = models.model_folder(name, config)
    weights = folder / "model.safetensors"
    state = weights.stat()
    source = asset.origin([weights], config)
    return {"sha256": digest_of(weights, state.st_size, state.st_mtime_ns), "bytes": state.st_size, "source": source}

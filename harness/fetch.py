"""The fetch stage: find and verify everything a run needs, or say in one message all that is missing."""

from __future__ import annotations

import json
from typing import Any

from harness.config import Config
from harness.data import asset, counts, loading
from harness.data.verify import digest_of
from harness.errors import InputError, stage
from harness.studies import encoders, models, study
from harness.studies.command import parse
from harness.studies.plan import materials
from harness.text import read_yaml, write_text


def fetch(wanted: list[str], config: Config) -> dict[str, Any]:
    """Return what each collection holds and each model is; raise one InputError that lists every failure."""
    found: dict[str, Any] = {}
    problems = []
    for entry in wanted:
        kind, name = entry.split(" ", 1)
        try:
            found[entry] = _collection(name, config) if kind == "collection" else _model(name, config)
        except InputError as error:
            problems.append(str(error))
    if problems:
        listed = "\n".join(f"  - {problem}" for problem in dict.fromkeys(problems))  # several may come from one source
        raise InputError(
            f"{len(problems)} of {len(wanted)} collections and models cannot be used at fidelity {config.fidelity}:\n{listed}"
        )
    return found


def _collection(name: str, config: Config) -> dict[str, Any]:
    loaded = loading.load(name, config)
    source = "made" if loaded.made else _source(name, config)
    told = counts.cautions(loading.find(config.root)[name], loaded)
    return {"digest": loaded.digest, **counts.counts(loaded), "source": source} | ({"cautions": told} if told else {})


def _source(name: str, config: Config) -> str:
    path = loading.find(config.root)[name]
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


def main() -> None:
    """`python -m harness.fetch`: find and verify what the selected studies need at this fidelity."""
    _, config = parse(main.__doc__ or "")
    studies = study.select(config)
    found = fetch(materials(studies, config), config)
    if wrong := list(dict.fromkeys(encoders.problems(studies, config))):
        raise InputError("\n".join(wrong))
    write_text(config.folder / "assets.json", json.dumps(found, indent=1) + "\n")
    print(f"fetch: {len(found)} assets found and verified")


if __name__ == "__main__":
    stage(main)

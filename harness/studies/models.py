"""Models: the definitions of those that the project builds itself, and the verified folder of any."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from harness.config import Config
from harness.data import asset, definition
from harness.errors import Absent, InputError, closest, explained
from harness.studies.trained import keep, unfinished_of


class Recipe(BaseModel):
    """What a built model's yaml says: the python file beside it, its settings, and the collection whose texts it reads."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str
    """What the model is, in words."""
    licence: str
    """Under which licence the model may be used."""
    build: str
    """The python file beside the definition that trains the model."""
    settings: dict[str, Any]
    """The settings of the training."""
    collection: str
    """The collection whose texts it is trained on."""


def recipes(project: Path | Config) -> dict[str, Path]:
    """Return the definitions of all models that are built, by name."""
    known = asset.definitions(project, "models")
    return {name: path for name, path in known.items() if _is_built(path)}


def _is_built(path: Path) -> bool:
    """Say whether a definition is one of a model to build; a broken one is told to who uses it, and stops nobody else."""
    try:
        return "build" in definition.read_mapping(path)
    except InputError:
        return False


def read(path: Path) -> Recipe:
    """Read one definition; raise InputError naming file and key."""
    try:
        found = Recipe.model_validate(definition.read_mapping(path))
    except ValidationError as error:
        raise InputError(f"{path}: " + "; ".join(explained(error, Recipe.model_fields))) from None
    definition.beside(path, found.build)
    return found


def digest(name: str, project: Path | Config) -> str:
    """Return what a built model hangs on, shortened: its recipe, its code, and the definition and code of its collection."""
    known = recipes(project)
    if name not in known:
        raise InputError(f"models: no '{name}' that is built: {name}.yaml is missing, or has no 'build'{closest(name, known)}")
    path = known[name]
    recipe, collections = read(path), asset.definitions(project, "collections")
    if recipe.collection not in collections:
        raise InputError(f"{path}: collection: no '{recipe.collection}'{closest(recipe.collection, collections)}")
    defined = collections[recipe.collection]
    code = [definition.beside(path, recipe.build)]
    code += [definition.beside(defined, built)] if (built := definition.read_mapping(defined).get("build")) else []
    if absent := [file for file in code if not file.is_file()]:
        raise InputError(f"{path}: build: {absent[0]} is missing")
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in (path, defined, *code))).hexdigest()[:16]


def folder(name: str, config: Config) -> Path:
    """Return where a built model is kept."""
    return config.root / config.cache / "models" / f"{name}-{digest(name, config)}"


def model_folder(name: str, config: Config) -> Path:
    """Return the folder that holds the verified files of `models/<name>.yaml`."""
    known = asset.definitions(config, "models")
    if name not in known:
        raise InputError(f"models: no '{name}'{closest(name, known)}")
    raw = definition.read_mapping(known[name])
    if "build" in raw:
        built = folder(name, config)
        if not built.is_dir():
            raise InputError(f"models: '{name}' is not built yet; run `python -m harness.build --model {name}`")
        return built
    refuse_unknown(known[name], raw)
    try:
        paths = asset.files(known[name], config)
    except asset.Missing as error:
        raise Absent(f"{known[name]}: {error}") from None
    if not paths:
        raise InputError(f"{known[name]}: files: it lists none")
    _refuse_left_out(known[name], paths)
    return _linked(name, paths, config)


def refuse_unknown(path: Path, raw: dict[str, Any]) -> None:
    """Raise InputError for a key that no definition of a model with files has."""
    keys = {"title", *asset.Asset.model_fields}
    if unknown := [key for key in raw if key not in keys]:
        raise InputError(f"{path}: unknown key '{unknown[0]}'{closest(unknown[0], keys)}")


# What these say changes what a model gives: left out of a definition, a head or a prompt would be lost without a word.
TELLING = ("modules.json", "config_sentence_transformers.json", "sentence_bert_config.json", "adapter_config.json")


def _refuse_left_out(path: Path, paths: dict[str, Path]) -> None:
    """Raise InputError where a file that changes what the model gives lies beside the pinned ones, and is not pinned."""
    roots = {found.parents[len(Path(file).parts) - 1] for file, found in paths.items()}
    for there in sorted(root / name for root in roots for name in TELLING if name not in paths):
        if there.is_file():
            told = f"{there} is not among the files, and what it says would be left out"
            raise InputError(f"{path}: files: {told}; add it with its bytes and sha256, or take the file away")


def _linked(name: str, paths: dict[str, Path], config: Config) -> Path:
    """Return a folder that holds the pinned files and no other: what lies beside them in a mirror reaches no loader."""
    places = {file: str(found.resolve()) for file, found in sorted(paths.items())}
    key = hashlib.sha256(json.dumps(places).encode()).hexdigest()[:16]
    final = config.root / config.cache / "models" / f"{name}-of-{key}"
    if not final.is_dir():
        unfinished = unfinished_of(final)
        for file, found in places.items():
            (unfinished / file).parent.mkdir(parents=True, exist_ok=True)
            (unfinished / file).symlink_to(found)
        keep(unfinished, final)
    return final

"""The build stage: models that the project trains itself, once, from one collection's texts (`models/<name>.yaml`)."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from harness import asset
from harness.command import parse
from harness.config import Config
from harness.errors import InputError, closest, stage
from harness.text import read_yaml, write_text


class Recipe(BaseModel):
    """What a built model's yaml says: the python file beside it, its settings, and the collection whose texts it reads."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str
    licence: str
    build: str
    settings: dict[str, Any]
    collection: str


def recipes(root: Path) -> dict[str, Path]:
    """Return the definitions of all models that are built, by name."""
    known = asset.definitions(root, "models")
    return {name: path for name, path in known.items() if "build" in read_yaml(path)}


def read(path: Path) -> Recipe:
    """Read one definition; raise InputError naming file and key."""
    try:
        return Recipe.model_validate(read_yaml(path))
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(map(str, problem["loc"]))
        raise InputError(f"{path}: {key}: {problem['msg']} (you wrote: {problem['input']!r})") from None


def digest(name: str, root: Path) -> str:
    """Return what a built model hangs on, shortened: its recipe, its code, and the definition and code of its collection."""
    path = recipes(root)[name]
    recipe, collections = read(path), asset.definitions(root, "collections")
    if recipe.collection not in collections:
        raise InputError(f"{path}: collection: no '{recipe.collection}'{closest(recipe.collection, collections)}")
    defined = collections[recipe.collection]
    code = [path.with_name(recipe.build)]
    code += [defined.with_name(built)] if (built := read_yaml(defined).get("build")) else []
    if absent := [file for file in code if not file.is_file()]:
        raise InputError(f"{path}: build: {absent[0]} is missing")
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in (path, defined, *code))).hexdigest()[:16]


def folder(name: str, config: Config) -> Path:
    """Return where a built model is kept."""
    return config.root / config.cache / "models" / f"{name}-{digest(name, config.root)}"


def build(name: str, config: Config) -> Path:
    """Build a model unless it is there; its folder appears whole or not at all. Raise InputError for what is not usable."""
    from harness import collection

    final = folder(name, config)
    if final.is_dir():
        return final
    path = recipes(config.root)[name]
    recipe = read(path)
    spec = importlib.util.spec_from_file_location(f"build_of_{name}", path.with_name(recipe.build))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    unfinished = final.with_name(f".{final.name}.{os.getpid()}")
    unfinished.mkdir(parents=True)
    try:
        module.build(collection.load(recipe.collection, config).document_texts, recipe.settings, unfinished)
        unfinished.rename(final)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return final


def main() -> None:
    """`python -m harness.build --model NAME`: train one of the project's own models, unless it is there."""
    arguments, config = parse(main.__doc__ or "", "model")
    known = recipes(config.root)
    if arguments.model not in known:
        raise InputError(f"--model: no built model '{arguments.model}'{closest(arguments.model, known)}")
    built = build(arguments.model, config)
    print(f"build {arguments.model}: {built}")
    write_text(config.folder / "build" / f"{arguments.model}.json", f'{{"digest": "{digest(arguments.model, config.root)}"}}\n')


if __name__ == "__main__":
    stage(main)

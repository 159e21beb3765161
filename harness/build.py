"""The build stage: models that the project trains itself, once, from one collection's texts (`models/<name>.yaml`)."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

from harness.config import Config
from harness.data import loading
from harness.errors import InputError, closest, stage
from harness.studies import held, models
from harness.studies.command import parse
from harness.studies.trained import keep, unfinished_of
from harness.text import write_text


def build(name: str, config: Config) -> Path:
    """Build a model unless it is there; its folder appears whole or not at all. Raise InputError for what is not usable."""

    final = models.folder(name, config)
    if final.is_dir():
        return final
    path = models.recipes(config)[name]
    recipe = models.read(path)
    spec = importlib.util.spec_from_file_location(f"build_of_{name}", path.with_name(recipe.build))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    unfinished = unfinished_of(final)
    unfinished.mkdir(parents=True)
    try:
        module.build(loading.load(recipe.collection, config).document_texts, recipe.settings, unfinished)
        keep(unfinished, final)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return final


def main() -> None:
    """`python -m harness.build --model NAME`: train one of the project's own models, unless it is there."""
    arguments, config = parse(main.__doc__ or "", "model")
    known = models.recipes(config)
    if arguments.model not in known:
        raise InputError(f"--model: no built model '{arguments.model}'{closest(arguments.model, known)}")
    with held.using(config):
        built = build(arguments.model, config)
    print(f"build {arguments.model}: {built}")
    write_text(
        config.folder / "build" / f"{arguments.model}.json", f'{{"digest": "{models.digest(arguments.model, config)}"}}\n'
    )


if __name__ == "__main__":
    stage(main)

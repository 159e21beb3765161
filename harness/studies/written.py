"""All that is written in the folders of the chosen studies, read before anything runs: every problem of every file in one message."""

from __future__ import annotations

from pathlib import Path

from harness.config import Config
from harness.data import asset, definition
from harness.data.readers.layouts import LAYOUTS
from harness.errors import InputError, Problems
from harness.studies import models, study
from harness.studies.absent import absent
from harness.studies.study import Study


def select(config: Config) -> list[Study]:
    """Load the chosen studies with their ledgers and definitions; raise one InputError with all that is wrong with any of them.

    What is wrong with studies that were not chosen is not looked at. The last line says how to run those that are whole.
    """
    known, found, broken = study.folders(config), [], []
    problems = Problems()
    for name in study.named(config, known):
        own = Problems()
        for folder in ("collections", "models"):
            for path in sorted((known[name] / folder).glob("*.yaml")):
                with own.each():
                    (_collection if folder == "collections" else _model)(path)
        with own.each():
            found.append(study.load(known[name], known, config.fidelity, absent(config)))
        with own.each():
            _ = found[-1].ledger if found and found[-1].name == name else study.ledger_at(known[name])
        problems.found += own.found
        broken += [name] if own.found else []
    if broken and (whole := [name for name in study.named(config, known) if name not in broken]):
        words = [name if name in study.folders(config.root) else str(known[name]) for name in whole]
        try:
            problems.raise_all()
        except InputError as error:
            raise InputError(f"{error}\nto run the others meanwhile: make tables STUDIES={','.join(words)}") from None
    problems.raise_all()
    return found


def _collection(path: Path) -> None:
    raw = definition.read(path, list(LAYOUTS))
    if raw.get("files"):
        asset.read_asset(path, raw)


def _model(path: Path) -> None:
    raw = definition.read_mapping(path)
    if "build" in raw:
        models.read(path)
    else:
        models.refuse_unknown(path, raw)
        asset.read_asset(path, raw)

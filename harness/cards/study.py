"""A study that re-runs what a card prints: its ledger, its experiment with the model as it was saved, and the definitions it needs."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from harness.cards import data, ledger, models, settling, tasks
from harness.cards.data import Run
from harness.cards.ledger import VARIANT
from harness.cards.models import Model
from harness.cards.record import Card
from harness.cards.tasks import Task
from harness.config import Config
from harness.data import hub
from harness.errors import InputError, refuse_name
from harness.text import write_text

METHOD = '''"""The encoder as it is: inner product of its frozen vectors."""

from harness.rankings.dense import Settings, rank

__all__ = ["Settings", "rank"]
'''


def write(
    card: Card,
    name: str,
    folder: Path,
    *,
    config: Config,
    model: str | Path | None = None,
    tasks: Mapping[str, str] | None = None,
    endpoint: str = hub.HUB,
) -> list[str]:
    """Write the study `folder`, whose last part is `name`, whole or not at all, and return what it leaves open, a line each.

    `model`: the name of a definition, org/name to be pinned from the Hub at `endpoint`, a model's folder, or None for what
    the card names. `tasks`: by a record's task (or task:split), the name of a collection, or a folder in BEIR's layout or
    its qrels file; a task that is left out is run on the collection that is known by its name, if there is one. Raise
    InputError for a folder that is there, and for a model or data that are not there or not what the card speaks of.
    """
    refuse_name(name, folder.parent, "a study's folder")
    if folder.name != name or (folder.exists() and any(folder.iterdir())):
        raise InputError(f"{folder}: {'it is there, and nothing in it is overwritten' if folder.name == name else f'not named {name}'}")
    if not card.records:
        raise InputError(f"{card.source}: no record of a retrieval task in it" + _left(card))
    # Not beside the studies: a run that looks at them now must not meet half a study.
    with tempfile.TemporaryDirectory() as home:
        told = _write(card, name, Path(home) / name, config, model, tasks or {}, endpoint)
        folder.parent.mkdir(parents=True, exist_ok=True)
        if folder.exists():
            folder.rmdir()
        shutil.move(Path(home) / name, folder)
    return told


def _left(card: Card) -> str:
    return f"; left out: {'; '.join(card.left_out[:6])}{'; ...' if len(card.left_out) > 6 else ''}" if card.left_out else ""


def _write(card: Card, name: str, folder: Path, config: Config, model: str | Path | None, given: Mapping[str, str], endpoint: str) -> list[str]:
    found, again = tasks.grouped(card.records)
    known, words = tasks.known(config), tasks.chosen(found, given)
    folder.mkdir(parents=True)
    runs = {task.key: data.found(task, words.get(task.key), name, folder, known, config) for task in found}
    ran = {key: run for key, run in runs.items() if isinstance(run, Run)}
    used = models.resolve(card, model, name, folder, config, endpoint) if ran else None
    found = [settling.settled(task, runs[task.key], used.normalise if used else None, folder, config) for task in found]
    scores = list(dict.fromkeys(record.score for task in found if task.key in ran for record in task.records.values() if record.score))
    write_text(folder / "claims.yaml", ledger.text(card, found, runs, used, again))
    if used and scores:
        write_text(folder / "experiment.yaml", _experiment(card, name, ran, scores, used))
        write_text(folder / "method.py", METHOD)
    write_text(folder / "README.md", _readme(card, name, found, runs, used))
    return [f"{task.name}: {run}" for task in found if isinstance(run := runs[task.key], str)]


def _experiment(card: Card, name: str, ran: Mapping[str, Run], scores: list[str], model: Model) -> str:
    """Return the experiment: one variant, the model as it was saved, on every collection."""
    encoder = {
        "model": "model",
        "pooling": "saved",
        "max_length": "saved",
        "dtype": "float32",
        "normalise": model.normalise,
        "query_prompt": None,
        "document_prompt": None,
    }
    raw: dict[str, Any] = {
        "seeds": [0],
        "metrics": scores,
        "collections": {key: _role(run.collection, run.identity, run.everywhere) for key, run in ran.items()},
        "models": {"model": _role(model.name, model.identity, model.everywhere)},
        "variants": {VARIANT: {"encoder": encoder}},
    }
    body = yaml.safe_dump(raw, sort_keys=False, default_flow_style=None, width=10**6, allow_unicode=True)
    return f"# {ledger.line(card.model or name)} as it was saved: its own modules, length and prompts, in float32.\n{body}"


def _role(used: str, identity: str, everywhere: bool) -> dict[str, str | None]:
    return {"embedded": used if everywhere else None, "substitute": used, "original": used, "identity": identity}


def _readme(card: Card, name: str, found: list[Task], runs: Mapping[str, Run | str], model: Model | None) -> str:
    """Return what the source leaves open, and what was chosen."""
    lines = [f"# {name}", f"What {card.source or 'the source'} ({card.form}) prints of {card.model or 'a model'}, run again.", ""]
    if model:
        lines += [f"**Model**: {model.told}. It is run as it was saved.", "", f"**Left open by the source**: {ledger.PROMPTS}.", ""]
    lines += ["**Data**:", ""]
    for task in found:
        run = runs[task.key]
        lines.append(f"- {task.label}: " + (f"not run: {run}." if isinstance(run, str) else f"`{run.collection}` ({run.identity})."))
    lines += ["", *(f"{one[0].upper()}{one[1:]}." for one in card.remarks)]
    if card.left_out:
        lines += ["", "**Left out**:", "", *(f"- {one}" for one in card.left_out)]
    return "\n".join(map(ledger.line, lines)).rstrip() + "\n"

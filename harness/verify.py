"""The verify stage: what a model card prints of a task, run again and judged; where it does not come out, which setting explains it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness.cards import asked, explained, opening, study, tasks, told
from harness.cards.passes import Task
from harness.cards.record import REPO, Card, Record
from harness.config import Config
from harness.data import asset, hub, loading
from harness.errors import InputError, closest, stage
from harness.pages import verdict_rows
from harness.studies import models
from harness.studies.command import parse, workflow
from harness.text import read_yaml, write_text

HOME = "verified"  # below results/: what is written there is made anew by every call
ADVICE = "give the card or the results file that prints it: CARD=path/to/README.md"


def card_of(word: str, config: Config, endpoint: str = hub.HUB) -> Path:
    """Return the model card of a folder, of a folder of the mirror, or of a Hub repository, saved here; raise InputError for none."""
    known = asset.definitions(config, "models")
    places = [Path(word).expanduser(), *([Path(config.mirror).expanduser() / word.split("/")[-1]] if config.mirror else [])]
    for place in places:
        if place.is_dir() and opening.recognised(place):
            return place
    if word in known or places[0].is_dir():
        raise InputError(f"MODEL={word}: no model card with results is beside it; {ADVICE}")
    if not re.fullmatch(REPO, word, re.ASCII):
        raise InputError(f"MODEL={word}: no such folder, no model that is defined here{closest(word, known)}, and no org/name of the Hub")
    try:
        commit, text = hub.card(word, "main", endpoint)
    except InputError as error:
        raise InputError(f"MODEL={word}: there is no such folder here, and its card could not be had from the Hub: {error}") from None
    path = config.root / config.results / HOME / "cards" / f"models--{word.replace('/', '--')}" / "snapshots" / commit / "README.md"
    write_text(path, text)
    return path


def run(folder: Path, config: Config, cores: str) -> None:
    """Run the study's workflow; raise InputError where it ends badly, after its own words."""
    given = [f"{key}={value}" for key, value in (("mirror", config.mirror), ("results", config.results), ("cache", config.cache)) if value]
    command, environment = workflow(Path(config.results) / ".lock", cores, ["fidelity=original", f"studies={folder}", *given])
    done = subprocess.run(command, cwd=config.root, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise InputError(f"{folder}: the run did not end; what is above says why\n{done.stdout.strip()}")


def lines(folder: Path, card: Card, config: Config) -> list[told.Line]:
    """Return each printed score beside its verdict, found by the column that the study's ledger gives it."""
    verdicts = {row["claim"]: row for row in verdict_rows.read(config.folder / folder.name / "verdicts.csv")}
    (table,) = read_yaml(folder / "claims.yaml")["tables"]
    found = []
    for task in tasks.grouped(card.records)[0]:
        for record in task.records.values():
            column = _column(table, task.key, record)
            row = verdicts[f"{folder.name}:records.{task.key}.{column}"]
            found.append(told.Line(record.metric, record.printed, row["shown"] or None, row["verdict"], row["reason"], row["score"] or None))
    return found


def _column(table: dict[str, Any], key: str, record: Record) -> str:
    """Return the column of a printed score: the one of its own name, else, where another task named the column, of its metric."""
    there = [(name, one) for (name, one), value in zip(table["columns"].items(), table["rows"][key]["printed"], strict=True) if value is not None]
    own = [name for name, one in there if one["label"] == record.metric]
    return str((own or [name for name, one in there if one.get("metric") == record.score])[0])


def task_of(folder: Path, given: dict[str, str], config: Config) -> Task:
    """Return the collection that the study ran on, with the other splits of its folder."""
    (role,) = read_yaml(folder / "experiment.yaml")["collections"].values()
    collection = loading.load(role["original"], config)
    return Task(collection, {name: one for place in given.values() for name, one in asked.splits(Path(place), collection).items()})


def explanation(folder: Path, card: Card, found: list[told.Line], given: dict[str, str], config: Config) -> str:
    """Return which settings give the printed scores that were recomputed."""
    task = task_of(folder, given, config)
    if task.collection.passages:
        return "The collection is too large to be encoded anew for each setting: no explanation was looked for."
    written = read_yaml(folder / "experiment.yaml")["models"]["model"]
    held = {(line.metric, line.printed) for line in found if line.compared}
    scores = asked.scores_of([one for one in card.records if (one.metric, one.printed) in held], card.form == "MTEB results")
    model = models.model_folder(written["original"], config)
    return told.explanation(explained.explain(model, task, scores, config, _progress(time.monotonic())), scores)


def _progress(started: float) -> Callable[[int, int], None]:
    def say(done: int, count: int) -> None:
        spent = time.monotonic() - started
        left = f", about {spent / done * (count - done):.0f} s left" if 0 < done < count else ""
        print(f"settings: {done} of {count} passes over the texts{left}", file=sys.stderr, flush=True)

    return say


@contextmanager
def _replacing(folder: Path) -> Iterator[None]:
    """Take the study of an earlier call away while it is written anew, and put it back where that fails."""
    before = folder.with_name(f".{folder.name}.before")
    shutil.rmtree(before, ignore_errors=True)
    if folder.exists():
        folder.rename(before)
    try:
        yield
    except BaseException:
        if before.exists():
            shutil.rmtree(folder, ignore_errors=True)
            before.rename(folder)
        raise
    shutil.rmtree(before, ignore_errors=True)


def main() -> None:
    """`python -m harness.verify --model FOLDER|ORG/NAME --task NAME|FOLDER|NAME=FOLDER`: do a model's printed scores on a task come out?"""
    arguments, config = parse(main.__doc__ or "", "model", "task", optional=("card", "cores", "endpoint"))
    endpoint = arguments.endpoint or hub.HUB
    source = Path(arguments.card).expanduser() if arguments.card else card_of(arguments.model, config, endpoint)
    card, given = asked.of_task(opening.read(source, tasks.known(config).names), arguments.task)
    name = f"{tasks.slug(Path(arguments.model).name)}_{tasks.slug(card.records[0].task)}"
    folder = (config.root / config.results / HOME / name).resolve()
    place = Path(arguments.model).expanduser()
    with _replacing(folder):
        left = study.write(card, name, folder, config=config, model=place if place.is_dir() else arguments.model, tasks=given, endpoint=endpoint)
    if not (folder / "experiment.yaml").is_file():
        raise InputError("; ".join(left) or f"{card.source}: nothing of it can be computed from a ranking")
    if len(read_yaml(folder / "experiment.yaml")["collections"]) > 1:
        printed = "; ".join(one.label for one in tasks.grouped(card.records)[0][:4])
        raise InputError(f"TASK={arguments.task}: {card.source} prints it more than once ({printed}); give the judgements of one split, TASK=NAME=FOLDER/qrels/<split>.tsv, or a copy of the card with one of them: CARD=COPY.md")
    chosen = config.model_copy(update={"fidelity": "original", "studies": str(folder), "places": (str(folder),)})
    run(folder, chosen, arguments.cores or "all")
    found = lines(folder, card, chosen)
    print(told.verdicts(card.model or arguments.model, card.records[0].task, card.source or "the card", found))
    if any(line.compared and line.verdict not in told.HOLDS for line in found):
        print(f"\n{explanation(folder, card, found, given, chosen)}")
    print(f"\nthe study: {folder}; its page: {chosen.folder / 'subset' / 'report.html'}")


if __name__ == "__main__":
    stage(main)

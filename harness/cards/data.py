"""What a task of a card is run on: a collection that is here, or a local folder in BEIR's layout, linked into the study and pinned."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from harness.cards import tasks
from harness.cards.tasks import Known, Task
from harness.config import Config
from harness.data import definition, pinning
from harness.errors import InputError, closest
from harness.text import write_text

PACKED = ("", ".gz")


@dataclass(frozen=True)
class Run:
    """What stands for a task: a collection, what the source used in its words, its number of queries, and where it is at hand."""

    collection: str
    identity: str
    n: int | None
    everywhere: bool  # it ships with the study, so that it is at hand at fidelity embedded


def found(task: Task, word: str | None, study: str, folder: Path, known: Known, config: Config) -> Run | str:
    """Return what a task is run on, or the reason why it is run on nothing; raise InputError for what was given and cannot be it.

    `word`: what the user gave for the task: a collection's name, or a folder in BEIR's layout or its qrels file.
    """
    if word is None:
        name = known.collection(task)
        return f"no collection here is known as {task.name}; give one: --task {task.name}=NAME or FOLDER" if name is None else _here(task, name, known)
    place = Path(word).expanduser()
    if word not in known.paths and place.exists():
        return _linked(task, place.resolve(), study, folder, config)
    if word not in known.paths:
        raise InputError(f"--task {task.name}: '{word}' is no collection here and no folder{closest(word, known.paths)}")
    run = _here(task, word, known)
    if isinstance(run, str):
        raise InputError(f"--task {task.name}={word}: {run}")
    return run


def _here(task: Task, name: str, known: Known) -> Run | str:
    """Return a collection that is here; a reason where the source speaks of another split of it."""
    raw = definition.read_mapping(known.paths[name])
    if task.split and raw.get("split") != task.split:
        return f"it is of the split {task.split}, and the collection {name} is of {raw.get('split')}"
    # What the user gave, but its definition does not know by this name, is a stand-in.
    same = known.says(name, task) and raw.get("identity")
    return Run(name, str(raw["identity"]) if same else task.label, tasks.counts(known.paths[name]).get("queries"), False)


def _linked(task: Task, given: Path, study: str, folder: Path, config: Config) -> Run:
    """Link the files of a folder in BEIR's layout, and pin sizes, digests and counts."""
    place, judged = _judged(task, given)
    files = [_packed(place, "corpus.jsonl"), _packed(place, "queries.jsonl"), judged]
    name, home = f"{study}_{task.key}", f"data_{task.key}"
    for file in files:
        link = folder / home / file
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(place / file)
    identity = f"{task.name}, the folder {place.name}, {judged}"
    raw = {
        "title": f"{task.name}, from the folder {place.name}",
        "identity": identity,
        "tasks": list(dict.fromkeys(filter(None, [task.name, task.dataset]))),
        "reader": "beir",
        "split": judged.removeprefix("qrels/").split(".tsv")[0],
        "licence": "not stated in the folder",
        "origin": f"the folder {place.name} on this machine, given for {task.label}",
        "get": f"link the folder that holds these files as {home}/ of the study",
        "files": files,
        "sources": {"shipped": home},
    }
    path = folder / "collections" / f"{name}.yaml"
    write_text(path, yaml.safe_dump(raw, sort_keys=False, default_flow_style=None, width=10**6, allow_unicode=True))
    _, pinned = pinning.pin(name, inside(folder, config))
    return Run(name, identity, pinned["counts"]["queries"], True)


def inside(folder: Path, config: Config) -> Config:
    """Return the settings in which a study's folder is the whole project: it is not among the studies yet."""
    return config.model_copy(update={"root": folder, "places": ()})


def _judged(task: Task, given: Path) -> tuple[Path, str]:
    """Return the folder and the judgements that are meant, below it; raise InputError where the split cannot be told."""
    if given.is_file():
        if given.parent.name != "qrels" or ".tsv" not in given.name:
            raise InputError(f"--task {task.name}: {given} is no qrels/<split>.tsv of a folder in BEIR's layout")
        return given.parent.parent, f"qrels/{given.name}"
    there = sorted(path.name for path in (given / "qrels").glob("*.tsv*") if path.name.endswith((".tsv", ".tsv.gz")))
    fitting = [name for name in there if name.split(".tsv")[0] == task.split] if task.split else there
    if len(fitting) == 1:
        return given, f"qrels/{fitting[0]}"
    if not there:
        raise InputError(f"--task {task.name}: {given} has no qrels/<split>.tsv; BEIR's layout is corpus.jsonl, queries.jsonl, qrels/test.tsv")
    said = f"the record is of the split {task.split}" if task.split else "the record names no split"
    raise InputError(f"--task {task.name}: {said}, and {given} has {', '.join(there)}; name the file: {given}/qrels/{there[0]}")


def _packed(place: Path, name: str) -> str:
    """Return a file's name as it is there, packed or not; raise InputError where it is not."""
    for ending in PACKED:
        if (place / f"{name}{ending}").is_file():
            return f"{name}{ending}"
    raise InputError(f"{place}: no {name} (or {name}.gz); BEIR's layout is corpus.jsonl, queries.jsonl, qrels/<split>.tsv")

"""What is asked of a card: one task's records, the splits at hand, and the printed scores as intervals."""

from __future__ import annotations

from pathlib import Path

from harness.cards import margin, tasks
from harness.cards.explained import Score
from harness.cards.record import Card, Record
from harness.data.collection import Collection
from harness.data.readers.layouts import beir
from harness.errors import InputError, closest
from harness.ledger.printed import parse


def of_task(card: Card, word: str) -> tuple[Card, dict[str, str]]:
    """Return the card with the records of one task alone, and where that task's data lie if they were given as NAME=FOLDER, or FOLDER.

    Raise InputError for a task that the card does not print.
    """
    name, sign, place = word.partition("=")
    if not sign and Path(word).expanduser().exists():
        name, place = "", word
    found, _ = tasks.grouped(card.records)
    names = {task.name for task in found}
    if not name:
        same = [task.name for task in found if tasks.slug(task.name) == tasks.slug(Path(place).name)]
        name = same[0] if same else next(iter(names)) if len(names) == 1 else ""
    kept = [one for one in card.records if name in (one.task, one.dataset)]
    if not kept:
        said = f"; write TASK=NAME={place}" if place and not name else ""
        raise InputError(f"TASK={word}: {card.source} prints no such task (it prints: {', '.join(sorted(names)[:12])}){closest(name, names)}{said}")
    kept = _of_split(kept, Path(place).expanduser()) if place else kept
    return Card(**{**vars(card), "records": kept, "left_out": []}), {kept[0].task: str(Path(place).expanduser())} if place else {}


def _of_split(records: list[Record], place: Path) -> list[Record]:
    """Return the records of the split whose judgements were given, where the card prints several splits; else all."""
    there = [place] if place.is_file() else [*(place / "qrels").glob("*.tsv*")]
    names = {path.name.split(".tsv")[0] for path in there}
    return [one for one in records if one.split in names] or records


def splits(place: Path, own: Collection) -> dict[str, Collection]:
    """Return the other splits of a folder in BEIR's layout."""
    home = place.parent.parent if place.is_file() else place
    files = {str(path.relative_to(home)): path for path in home.rglob("*") if path.name.endswith((".tsv", ".jsonl", ".gz"))}
    names = sorted({name.removeprefix("qrels/").split(".tsv")[0] for name in files if name.startswith("qrels/")} - {own.split})
    found = {}
    for name in names:
        content = beir(files, {"split": name}, home)
        found[name] = Collection(**content, name=own.name, split=name, candidates=None, labels={}, made=False, self_retrieval=own.self_retrieval)
    return found


def scores_of(records: list[Record], machine: bool) -> list[Score]:
    """Return the printed scores that are computed from a ranking, as intervals of fractions."""
    decimals = margin.decimals([one.printed for one in records]) if machine else None
    found = [(one.score, parse(one.printed, decimals, "nearest", -2 if one.unit == "percent" else 0)) for one in records if one.score]
    return [Score(name, number) for name, number in found if number]

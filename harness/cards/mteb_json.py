"""MTEB's result JSON, today's layout and the one before mteb 1.11, and the layout of its results repository."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.cards import hub_cache, metrics, values
from harness.cards.record import Card, Record
from harness.cards.values import Place
from harness.errors import InputError, brief
from harness.text import read_text

META = "model_meta.json"
BESIDE = ("dataset_revision", "mteb_dataset_name", "mteb_version", "evaluation_time", "dataset_version", "kg_co2_emissions")


def load(path: Path) -> Any:
    """Return a JSON file, its numbers as the letters that were written; raise InputError where it is none."""
    try:
        found = json.loads(read_text(path), parse_float=str, parse_int=str, parse_constant=str)
        json.dumps(found, ensure_ascii=False).encode()  # half a letter, which no file can hold
        return found
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: malformed JSON: {error}") from None


def is_result(found: Any) -> bool:
    """Say whether a JSON file's content is a result of MTEB, in either layout."""
    return isinstance(found, dict) and (isinstance(found.get("scores"), dict) or "mteb_dataset_name" in found)


def files(path: Path) -> list[Path]:
    """Return the JSON files of a folder of results, at any depth; a file is itself."""
    inside = [one for one in path.rglob("*.json") if not any(part.startswith(".") for part in one.relative_to(path).parts)] if path.is_dir() else [path]
    return sorted(one for one in inside if one.name != META)


def read(path: Path, known: frozenset[str]) -> Card:
    """Return the records of a file, or of a folder of one model's results at one revision; raise InputError.

    `known`: the names of tasks whose main score is told (`values.records`).
    """
    found: list[Record] = []
    left: list[str] = []
    versions: set[str] = set()
    results = {}
    for file in files(path):
        content = load(file)
        if is_result(content):
            results[file] = content
        elif file == path:
            raise InputError(f"{path}: no result of MTEB: expected task_name and scores: {{split: [{{main_score: ...}}]}}")
        else:
            left.append(f"{file.relative_to(path)}: no result of MTEB")
    if not results:
        raise InputError(f"{path}: no result of MTEB in it; give the folder of one model's results, <org>__<name>/<revision>/")
    _refuse_several(path, list(results))
    for file, content in results.items():
        versions |= {str(content["mteb_version"])} if content.get("mteb_version") else set()
        for at, scores in _tasks(file, content):
            told, unread = _one(at, scores, known)
            found, left = found + told, left + unread
    values.refuse_percent(path, found)
    model, commit = _model(next(iter(results)))
    remarks = [f"computed by mteb {', '.join(sorted(versions))}"] if versions and found else []
    return Card("MTEB results", model, commit, found, left, path.name, remarks)


def _one(at: Place, scores: dict[str, Any], known: frozenset[str]) -> tuple[list[Record], list[str]]:
    """Return the records of one split and subset of a task, or why there are none."""
    alone = at.task in known and metrics.MAIN in scores
    if not (metrics.is_retrieval(scores) or alone):
        return [], [f"{at.where}: {at.task}: no retrieval (no ndcg_at_k among its scores)"]
    main = scores.get(metrics.MAIN)
    if main is not None and main == scores.get("map_at_1000") != scores.get("ndcg_at_10"):
        return [], [f"{at.where}: {at.task}: reranking of given candidates (its main score is map_at_1000), not retrieval"]
    return values.records(scores, at, known)


def _tasks(path: Path, content: dict[str, Any]) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Yield each split and subset of a result, with its values."""
    task = str(content.get("task_name") or content.get("mteb_dataset_name") or path.stem)
    data = values.revision(content.get("dataset_revision"))
    splits = content["scores"] if isinstance(content.get("scores"), dict) else {key: value for key, value in content.items() if key not in BESIDE}
    for split, written in splits.items():
        for number, (subset, scores) in enumerate(_subsets(path, split, written)):
            where = f"{path.name}, scores.{split}[{number}]" if "scores" in content else f"{path.name}, {split}"
            yield Place(task, None, data, split, subset, where), scores


def _subsets(path: Path, split: str, written: Any) -> list[tuple[str, dict[str, Any]]]:
    """Return the subsets of a split: a list of scores with their hf_subset, or, before mteb 1.11, scores or subsets of scores."""
    if isinstance(written, list) and all(isinstance(one, dict) for one in written):
        return [(str(one.get("hf_subset", "default")), one) for one in written]
    if not isinstance(written, dict):
        raise InputError(f"{path}: {split}: expected the scores of a split, not {brief(written)}")
    nested = {key: value for key, value in written.items() if isinstance(value, dict)}
    plain = [key for key in written if key not in nested and key != "evaluation_time"]
    return [("default", written)] if plain or not nested else list(nested.items())


def _refuse_several(path: Path, found: list[Path]) -> None:
    homes = sorted({file.parent for file in found})
    if len(homes) > 1:
        named = ", ".join(str(home.relative_to(path)) for home in homes[:4])
        raise InputError(f"{path}: results of {len(homes)} models or revisions ({named}{', ...' if len(homes) > 4 else ''}); give one of these folders")


def _model(file: Path) -> tuple[str | None, str | None]:
    """Return the model and its revision as model_meta.json, the folders of the results repository or those of the Hub's cache say them.

    Raise InputError where they say different revisions.
    """
    meta = load(file.parent / META) if (file.parent / META).is_file() else {}
    meta = meta if isinstance(meta, dict) else {}
    home, above = file.absolute().parent, file.absolute().parent.parent
    layout = "__" in above.name
    folder = above.name.replace("__", "/", 1) if layout else None
    said, stands = values.revision(meta.get("revision")), values.revision(home.name) if layout else None
    if said and stands and said != stands:
        raise InputError(f"{file}: a result of another revision: the folder is of {stands}, {META} beside it of {said}; keep one")
    cached = hub_cache.named(file)
    name = meta.get("name")
    return (str(name) if name else folder or cached[0]), said or stands or cached[1]

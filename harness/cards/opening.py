"""Recognising a model card and result files: by what stands in them, for a file's name says little."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from harness.cards import eval_results, front, model_index, mteb_json
from harness.cards.record import Card
from harness.errors import InputError

CARD = "README.md"
# What stands in front of a model card, and hardly in front of a paper.
KEYS = {"model-index", "library_name", "pipeline_tag", "base_model", "license", "license_name"}
WEIGHTS = ("config.json", "model.safetensors")


def recognised(path: Path) -> str | None:
    """Return the form of a card or of result files, None for what is neither; raise InputError for malformed YAML in front of a card."""
    if path.is_dir():
        return _of_folder(path)
    kind = path.suffix.lower()
    if not path.is_file():
        return None
    if kind == ".json":
        return "MTEB results"
    if kind in (".yaml", ".yml"):
        return ".eval_results" if isinstance(front.written(path), list) else "model-index"
    return "model-index" if kind in (".md", ".markdown") and _is_card(path) else None


def _is_card(path: Path) -> bool:
    """Say whether what stands in front of a text is a model card's; a paper whose front cannot be read is a paper."""
    try:
        found = front.written(path)
    except InputError:
        if path.name == CARD:
            raise
        return False
    return isinstance(found, dict) and bool(KEYS & found.keys())


def _of_folder(folder: Path) -> str | None:
    if folder.name == eval_results.FOLDER:
        return ".eval_results"
    card = folder / CARD
    if card.is_file() and model_index.holds(card):
        return "model-index"
    if (folder / eval_results.FOLDER).is_dir():
        return ".eval_results"
    if any(_is_result(file) for file in mteb_json.files(folder)):
        return "MTEB results"
    return "model-index" if card.is_file() and _is_card(card) else None


def _is_result(path: Path) -> bool:
    try:
        return mteb_json.is_result(mteb_json.load(path))
    except InputError:  # what is no JSON is no result; the reader says so where it is asked for
        return False


def read(path: Path, known: frozenset[str]) -> Card:
    """Return what a card or result files print; raise InputError for what is none, is malformed, or holds no retrieval.

    `known`: the names of retrieval tasks that collections here are known by.
    """
    form = recognised(path)
    if form == "model-index":
        place = path / CARD if path.is_dir() else path
        card = model_index.read(place, known)
    elif form == ".eval_results":
        inner = path / eval_results.FOLDER
        card = eval_results.read(inner if inner.is_dir() else path, known)
    elif form == "MTEB results":
        card = mteb_json.read(path, known)
    else:
        raise InputError(f"{path}: no model card with model-index, no .eval_results and no result of MTEB")
    if form == "model-index" and path.is_dir() and (path / eval_results.FOLDER).is_dir():
        card = replace(card, left_out=[*card.left_out, f"{eval_results.FOLDER}/ is there too; give it to read it: {path}/{eval_results.FOLDER}"])
    if not card.records:
        left = "; ".join(card.left_out[:20]) + (f"; and {len(card.left_out) - 20} more" if len(card.left_out) > 20 else "")
        raise InputError(f"{path}: nothing in it is a retrieval score; left out: {left or 'nothing, it is empty'}")
    return card


def model_beside(path: Path) -> Path | None:
    """Return the model's folder that a source lies in, None where there is none."""
    place = path if path.is_dir() else path.parent
    for folder in (place, place.parent) if place.name == eval_results.FOLDER else (place,):
        if all((folder / name).is_file() for name in WEIGHTS):
            return folder
    return None

"""The encodings that a multiverse takes: each text once for each way of encoding it, all poolings of one pass together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from harness.cards.axes import AXES, INSTRUCTION, Reading, of
from harness.config import Config
from harness.data.collection import Collection
from harness.vectors import modules
from harness.vectors.cache import Vectors
from harness.vectors.encoder import SAVED, THROUGHOUT
from harness.vectors.filling import fill


@dataclass(frozen=True)
class Task:
    """A collection under its split's name, and the same documents with the other splits that are at hand."""

    collection: Collection
    splits: dict[str, Collection]

    def of(self, reading: Reading) -> Collection:
        """Return the collection that a reading is evaluated on."""
        return self.splits.get(of(reading, "split"), self.collection)


def possible(folder: Path, task: Task, poolings: list[str]) -> dict[str, list[str]]:
    """Return for each axis the values that differ from the standard for this model and this collection."""
    saved, longest, ends = modules.prompts(folder), modules.longest(folder), modules.positions(folder)
    lengths = [v for v in AXES["length"] if v.isdigit() and int(v) != longest and (ends is None or int(v) <= ends)]
    prompts = ["none", "swapped", "query on both"] if any(saved.values()) else []
    if saved["query"] == saved["document"]:
        prompts = [one for one in prompts if one == "none"]
    grades = {grade for judged in task.collection.qrels.values() for grade in judged.values()}
    here = task.collection
    own = any(query in here.documents for query in here.query_ids)
    unanswered = any(all(grade <= 0 for grade in judged.values()) for judged in here.qrels.values())
    unit = modules.similarity(folder) == "cosine" or scaled(folder)
    return {
        "prompt": [*prompts, "e5", "instruction"],
        "pooling": [one for one in poolings if one not in (SAVED, bare(folder))],
        "length": lengths,
        "title": ["left out", "joined by a full stop"] if any(here.titles) else [],
        "precision": ["float16", "bfloat16"],
        "split": list(task.splits),
        "similarity": ["dot" if unit else "cosine", "euclidean"],
        "own": ["kept" if here.self_retrieval == "excluded" else "excluded"] if own else [],
        "ties": [one for one in AXES["ties"] if one != "trec_eval"],
        "gain": ["exponential"] if any(grade > 1 for grade in grades) else [],
        "level": ["2"] if any(grade > 1 for grade in grades) else [],
        "queries": ["with a relevant one"] if unanswered else [],
        "cutoff": [one for one in AXES["cutoff"] if one.isdigit()],
    }


def poolings(folder: Path) -> list[str]:
    """Return the poolings that a pass gives: all that are known, or the saved modules alone where layers stand behind the pooling."""
    return [SAVED, *(one for one in AXES["pooling"] if one != SAVED)] if bare(folder) else [SAVED]


def bare(folder: Path) -> str | None:
    """Return the folder's own pooling where nothing but a scaling to unit length stands behind it; None where more does."""
    _, *behind = modules.modules(folder)
    own = modules.poolings(folder, behind[0]) if behind else ["mean"]
    kept = any(one.kind in ("Dense", "LayerNorm") for one in behind[1:])
    return None if kept or len(own) > 1 else own[0]


def scaled(folder: Path) -> bool:
    """Say whether the saved modules scale vectors to unit length, so that their dot product is the cosine."""
    return any(one.kind == "Normalize" for one in modules.modules(folder))


def texts(collection: Collection, reading: Reading, folder: Path) -> tuple[list[str], list[str]]:
    """Return the texts of queries and documents as one pass encodes them, prompts in front."""
    saved = modules.prompts(folder)
    ask, tell = {
        "saved": (saved["query"], saved["document"]),
        "none": ("", ""),
        "swapped": (saved["document"], saved["query"]),
        "query on both": (saved["query"], saved["query"]),
        "e5": ("query: ", "passage: "),
        "instruction": (INSTRUCTION, ""),
    }[of(reading, "prompt")]
    return [ask + query for query in collection.queries], [tell + text for text in _documents(collection, of(reading, "title"))]


def _documents(collection: Collection, title: str) -> list[str]:
    if title == "joined":
        return collection.document_texts
    if title == "left out":
        return collection.texts
    return [f"{head}. {text}".strip() if head else text for head, text in zip(collection.titles, collection.texts, strict=True)]


def encoded(task: Task, reading: Reading, folder: Path, names: list[str], config: Config) -> dict[str, tuple[Vectors, Vectors]]:
    """Return pooling → vectors of queries and of documents, (n, d) float32 as pooled, encoding what is not kept yet."""
    from transformers.utils import logging

    written = of(reading, "length")
    length = modules.length(folder, written if written == "saved" else int(written), "length")
    dtype = {"bfloat16": THROUGHOUT}.get(of(reading, "precision"), of(reading, "precision"))  # the source's run, not the nearest to float32
    asked, told = texts(task.of(reading), reading, folder)
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # of the weights: it would stand between the lines that say how far the passes are
    opened, _ = fill(folder, [*asked, *told], names, length, dtype, config)
    return {name: (np.asarray(cache.get(asked)), np.asarray(cache.get(told))) for name, cache in opened.items()}

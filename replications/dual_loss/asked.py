"""Every question asked of every syllabus: chunks as documents, and which of them state the answer."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from harness.data.collection import Collection
from harness.errors import InputError

from .answers import CATEGORIES, states
from .chunks import fixed, structured
from .names import NONE
from .questions import Asked


class Unstated(InputError):
    """A label that its syllabus does not state."""


def cut(text: str, settings: dict[str, Any]) -> list[str]:
    """Cut one syllabus as the settings say; raise InputError for an unknown way of cutting."""
    if settings["chunking"] == "fixed":
        return fixed(text, settings["words"])
    if settings["chunking"] == "structured":
        return structured(text, settings["words"], settings["least"])
    raise InputError(f"settings.chunking: '{settings['chunking']}' is neither fixed nor structured")


def content(
    syllabi: Collection, asked: dict[str, Asked], settings: dict[str, Any], apart: list[tuple[str, str, str]] | None = None
) -> dict[str, Any]:
    """Return a collection's content: a query for each question and syllabus, its candidates the chunks of that syllabus.

    Labels of queries: cluster (the syllabus), asked (seen or unseen), category, answer, institution, and, for an answer
    that no single chunk states, `across`: the two chunks that state it together. Labels of chunks: those categories they
    state, under `states`. A label that no text states is an error, unless `apart` takes it, as (syllabus, column, label): then
    its questions are not asked, and the others are.
    """
    found: dict[str, Any] = {"document_ids": [], "titles": [], "texts": [], "query_ids": [], "queries": [], "qrels": {}}
    found |= {"candidates": {}, "labels": {n: {} for n in ("cluster", "asked", "category", "answer", "institution", "across")}}
    found["labels"]["states"] = {}
    for name, text in zip(syllabi.document_ids, syllabi.texts, strict=True):
        chunks = {f"{name}#{i:02d}": chunk for i, chunk in enumerate(cut(text, settings))}
        found["document_ids"] += chunks
        found["titles"] += [""] * len(chunks)
        found["texts"] += chunks.values()
        for category, column in CATEGORIES.items():
            answer = syllabi.labels[column][name]
            try:
                judged, across = gold(name, text, chunks, category, answer)
            except Unstated:
                if apart is None:
                    raise
                apart.append((name, column, answer))
                continue
            for chunk in (chunk for chunk, grade in judged.items() if grade):
                found["labels"]["states"][chunk] = f"{found['labels']['states'].get(chunk, '')} {category}".strip()
            for kind, by_category in asked.items():
                for i, question in enumerate(by_category[category]):
                    labels = {"cluster": name, "asked": kind, "category": category, "answer": answer, "across": across}
                    labels["institution"] = syllabi.labels["institution"][name]
                    _add(found, f"{kind}.{category}.{i}@{name}", question, judged, list(chunks), labels)
    return found


def gold(name: str, text: str, chunks: dict[str, str], category: str, answer: str) -> tuple[dict[str, int], str]:
    """Return the grade of each chunk that matters, and the two that state the answer only together.

    Where no chunk states it, the first chunk stands with grade 0. Raise Unstated for a label that the text does not state.
    """
    judged = {chunk: 1 for chunk, words in chunks.items() if states(words, category, answer)}
    if judged or answer == NONE:
        return judged or {next(iter(chunks)): 0}, ""
    for one, other in pairwise(chunks):
        if states(f"{chunks[one]} {chunks[other]}", category, answer):
            return {one: 0, other: 0}, f"{one}\t{other}"  # file names hold spaces
    raise Unstated(f"labels: {name}: {CATEGORIES[category]}: '{answer}' is nowhere in the text, as names and credits are written")


def _add(
    found: dict[str, Any], query: str, question: str, judged: dict[str, int], chunks: list[str], labels: dict[str, str]
) -> None:
    found["query_ids"].append(query)
    found["queries"].append(question)
    found["qrels"][query] = dict(judged)
    found["candidates"][query] = chunks
    for label, value in labels.items():
        if value:
            found["labels"][label][query] = value

"""The layouts that collections come in. Queries come from the qrels: one without a judgement is not evaluated."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from harness.data.readers.content import (
    Content,
    Qrels,
    fields,
    json_lines,
    judge,
    judgements,
    refuse_halves,
    rows,
    texts_by_id,
)
from harness.data.readers.meeting import refuse_strangers, refuse_unasked, refuse_unheld
from harness.data.readers.training import answers, triples, written
from harness.errors import InputError
from harness.text import read_text

Files = dict[str, Path]


def _one(files: Files, ending: str) -> Path:
    for name, path in files.items():
        if ending in name:
            return path
    raise InputError(f"no file named like {ending} among {', '.join(files)}")


def beir(files: Files, settings: dict[str, Any], folder: Path) -> Content:
    """BEIR: corpus.jsonl, queries.jsonl, qrels/<split>.tsv with a header or without (.gz allowed)."""
    judged, corpus, texts = (
        _one(files, f"qrels/{settings['split']}.tsv"),
        _one(files, "corpus.jsonl"),
        _one(files, "queries.jsonl"),
    )
    qrels = _qrels(judged, "\t", 3)
    documents, queries = list(json_lines(corpus, "_id", "text")), list(json_lines(texts, "_id", "text"))
    refuse_unasked(judged, qrels, [q["_id"] for q in queries], texts)
    refuse_unheld(judged, qrels, {d["_id"]: None for d in documents}, corpus, _outside(settings))
    asked = [q for q in queries if q["_id"] in qrels]
    return {
        "document_ids": [d["_id"] for d in documents],
        "titles": [_title(d) for d in documents],
        "texts": [d["text"] for d in documents],
        "query_ids": [q["_id"] for q in asked],
        "queries": [q["text"] for q in asked],
        "qrels": qrels,
    }


def _qrels(path: Path, separator: str | None, count: int) -> Qrels:
    qrels: Qrels = {}
    for judgement in judgements(path, separator, count):
        judge(qrels, *judgement)
    return qrels


def _outside(settings: dict[str, Any]) -> bool:
    return settings.get("judged_outside") == "counted"
def _title(document: dict[str, Any]) -> str:
    """Return a document's title, '' where it has none; raise InputError for a title of another kind."""
    title = document.get("title") or ""
    if not isinstance(title, str):
        raise InputError(f"corpus.jsonl: the title of '{document['_id']}' is no string (it is {repr(title)[:40]})")
    refuse_halves("corpus.jsonl", f"title of '{document['_id']}", title)
    return title


def table(files: Files, settings: dict[str, Any], folder: Path) -> Content:
    """Two CSV files: one row a document; one row a query, its relevant ids in one column."""
    d, q = settings["documents"], settings["queries"]
    documents = rows(files[d["file"]], *d["id"], *filter(None, (d["title"], d["text"], d["label"])))
    ids = [" ".join(row[column] for column in d["id"]) for row in documents]
    queries: dict[str, str] = {}
    qrels: Qrels = {}
    for number, row in enumerate(rows(files[q["file"]], q["text"], q["relevant"]), start=1):
        relevant = [name.strip() for name in row[q["relevant"]].split(q["separator"]) if name.strip()]
        if relevant:
            queries[f"{q['prefix']}{number}"] = row[q["text"]]
            qrels[f"{q['prefix']}{number}"] = dict.fromkeys(relevant, 1)
    refuse_unheld(files[q["file"]], qrels, dict.fromkeys(ids), files[d["file"]], _outside(settings))
    return {
        "document_ids": ids,
        "titles": [row[d["title"]].strip() if d["title"] else "" for row in documents],
        "texts": [row[d["text"]].strip() if d["text"] else "" for row in documents],
        "query_ids": list(queries),
        "queries": list(queries.values()),
        "qrels": qrels,
        "labels": {d["label"]: {i: row[d["label"]] for i, row in zip(ids, documents, strict=True)}} if d["label"] else {},
    }


def pool(files: Files, settings: dict[str, Any], folder: Path) -> Content:
    """A re-ranking pool: queries.tsv, TREC qrels, a TREC run as candidates, passages as JSON lines."""
    judged, texts, ranked, held = (files[settings[key]] for key in ("qrels", "queries", "run", "passages"))
    qrels, queries, run = _qrels(judged, None, 4), texts_by_id(texts), run_of(ranked)
    refuse_unasked(judged, qrels, queries, texts)
    refuse_unasked(judged, qrels, run, ranked)
    found = pooled(queries, qrels, run, ((p["_id"], p["text"]) for p in json_lines(held, "_id", "text")))
    by = {document: query for query, documents in found["candidates"].items() for document in documents}
    candidate = "query '{}' has the candidate '{}', which is no document"
    refuse_strangers(lambda name: f"{ranked}: {candidate.format(by[name], name)}", "document", by, found["document_ids"], held)
    refuse_unheld(judged, qrels, dict.fromkeys(found["document_ids"]), ranked, _outside(settings))
    return found


def run_of(path: Path) -> dict[str, list[str]]:
    """Return the documents of a TREC run by query; raise InputError if a query lists one twice."""
    candidates: dict[str, dict[str, None]] = {}
    for where, (query, _, document, *_) in fields(path, None, 6):
        listed = candidates.setdefault(query, {})
        if document in listed:
            raise InputError(f"{where}: query '{query}' lists '{document}' a second time")
        listed[document] = None
    return {query: list(listed) for query, listed in candidates.items()}


def pooled(queries: dict[str, str], qrels: Qrels, run: dict[str, list[str]], passages: Iterable[tuple[str, str]]) -> Content:
    """Put a pool together; the qrels stay whole, so that an ideal ranking is the official one.

    White space runs become one space: copies of MS MARCO differ in them, and no tokenizer sees them.
    """
    candidates = {query: documents for query, documents in run.items() if query in qrels}
    wanted = {document for documents in candidates.values() for document in documents}
    texts: dict[str, str] = {}
    for document, text in passages:
        if document in texts:
            raise InputError(f"the passage '{document}' is given twice")
        if document in wanted:
            texts[document] = re.sub(r"[ \t\r\n]+", " ", text).strip(" ")
    asked = [query for query in queries if query in qrels]
    return {
        "document_ids": list(texts),
        "titles": [""] * len(texts),
        "texts": list(texts.values()),
        "query_ids": asked,
        "queries": [queries[query] for query in asked],
        "qrels": qrels,
        "candidates": candidates,
    }


def folder(files: Files, settings: dict[str, Any], folder: Path) -> Content:
    """One document a file, with a CSV of labels; no queries."""
    labels: dict[str, dict[str, str]] = {}
    for row in rows(files[settings["labels"]], settings["key"], *settings["columns"]):
        if row[settings["key"]] in labels:
            raise InputError(f"{files[settings['labels']]}: '{row[settings['key']]}' has two rows")
        labels[row[settings["key"]]] = row
    names = [name for name in files if name != settings["labels"]]
    for name in names:
        if name not in labels:
            raise InputError(f"{files[settings['labels']]}: no row for the file '{name}'")
    return {
        "document_ids": names,
        "titles": [""] * len(names),
        "texts": [read_text(files[name]).replace("\r\n", "\n").replace("\r", "\n") for name in names],
        "query_ids": [],
        "queries": [],
        "qrels": {},
        "labels": {column: {name: labels[name][column] for name in names} for column in settings["columns"]},
    }


def made(files: Files, settings: dict[str, Any], folder: Path) -> Content:
    """Content generated by the project: `build(settings)` of a python file beside the definition."""
    content: Content = _builder(settings, folder)(settings["settings"])
    return content


def own(files: Files, settings: dict[str, Any], folder: Path) -> Content:
    """A study's own layout: `build(settings, files, collections)` of a python file beside the definition.

    `collections` holds those that `from` names, by name: a collection may be put together from others.
    """
    content: Content = _builder(settings, folder)(settings["settings"], files, settings["from"])
    return content


def _builder(settings: dict[str, Any], folder: Path) -> Callable[..., Content]:
    path = folder / str(settings["build"])
    spec = importlib.util.spec_from_file_location(f"made_{path.stem}", path)
    if not (path.is_file() and spec and spec.loader):
        raise InputError(f"{path}: the file that should build this collection is missing")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    build: Callable[..., Content] = module.build
    return build


def large(files: Files, settings: dict[str, Any], folder: Path) -> Content:
    """Queries and TREC qrels in files; passages in one file of 'id <tab> text' lines, too many to be read at once.

    Every judged query must have its text; of the others, that nobody judged, none is kept.
    """
    judged, texts = files[settings["qrels"]], files[settings["queries"]]
    qrels, queries = _qrels(judged, None, 4), texts_by_id(texts)
    refuse_unasked(judged, qrels, queries, texts)
    asked = [query for query in queries if query in qrels]
    return {
        "document_ids": [],
        "titles": [],
        "texts": [],
        "query_ids": asked,
        "queries": [queries[query] for query in asked],
        "qrels": qrels,
    }


LAYOUTS = {
    "beir": beir,
    "table": table,
    "pool": pool,
    "folder": folder,
    "made": made,
    "own": own,
    "triples": triples,
    "written": written,
    "answers": answers,
    "large": large,
}

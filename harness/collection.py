"""Collections: documents, queries and qrels under one name, with a split and a content digest."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from harness import asset
from harness.config import Config
from harness.errors import InputError, closest
from harness.large import Passages
from harness.readers.layouts import LAYOUTS
from harness.text import read_yaml


@dataclass(frozen=True)
class Collection:
    """Documents, queries and judgements; lists run in parallel, ids are unique.

    `candidates` lists the documents to re-rank for each query (None: all documents). `labels` maps a label's name
    to id → value; the one called `cluster` says which queries belong together. `made` says that the project generated it,
    `stand_in` that it stands for data that cannot be had, so that it is nobody's original.
    `passages` stands for the documents of a collection too large for memory, whose lists of documents are then empty.
    To train on: `triples` of (query, positive document, negative document) and `pairs` of (document, document, label).
    """

    name: str
    split: str
    document_ids: list[str]
    titles: list[str]
    texts: list[str]
    query_ids: list[str]
    queries: list[str]
    qrels: dict[str, dict[str, int]]
    candidates: dict[str, list[str]] | None
    labels: dict[str, dict[str, str]]
    made: bool
    triples: list[tuple[str, str, str]] = field(default_factory=list)
    pairs: list[tuple[str, str, float]] = field(default_factory=list)
    passages: Passages | None = None
    stand_in: bool = False

    @cached_property
    def document_texts(self) -> list[str]:
        """Title and text as BEIR and MTEB join them."""
        return [f"{title} {text}".strip() for title, text in zip(self.titles, self.texts, strict=True)]

    @cached_property
    def documents(self) -> frozenset[str]:
        """The document ids as a set."""
        return frozenset(self.document_ids)

    @cached_property
    def digest(self) -> str:
        """sha256 over the content, in a canonical order, whatever route it came by."""
        documents = sorted(zip(self.document_ids, self.titles, self.texts, strict=True))
        queries = sorted(zip(self.query_ids, self.queries, strict=True))
        qrels = sorted((q, d, grade) for q, judged in self.qrels.items() for d, grade in judged.items())
        candidates = sorted((q, sorted(ids)) for q, ids in (self.candidates or {}).items())
        labels = sorted((name, sorted(values.items())) for name, values in self.labels.items())
        parts: list[Any] = [documents, queries, qrels, candidates, labels]
        parts += [[name, sorted(rows)] for name, rows in (("triples", self.triples), ("pairs", self.pairs)) if rows]
        parts += [[self.passages.digest, self.passages.count]] if self.passages else []
        content = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(content.encode()).hexdigest()


KEYS = {"title", "reader", "split", "settings", "build", "counts", "digest", "ir_datasets", "queries", "judged_outside"}
KEYS |= {"from", "stand_in", "passages"}
KEYS |= set(asset.Asset.model_fields)


def find(root: Path) -> dict[str, Path]:
    """Return every collection's definition by name."""
    return asset.definitions(root, "collections")


def load(name: str, config: Config) -> Collection:
    """Read a collection and check it: ids, judgements, counts and digest; raise InputError naming what is wrong."""
    known = find(config.root)
    if name not in known:
        raise InputError(f"collections: no '{name}'{closest(name, known)}")
    path = known[name]
    raw = _definition(path)
    made, stand_in = is_made(name, known), is_stand_in(name, known)
    own = raw["reader"] in ("made", "own")
    settings = {"build": raw.get("build"), "settings": raw.get("settings")} if own else {**(raw.get("settings") or {})}
    try:
        content = _content(path, raw, {**settings, "split": raw["split"]}, config)
    except KeyError as error:
        raise InputError(f"{path}: settings or files: the key {error} is missing") from error
    empty: dict[str, Any] = {"candidates": None, "labels": {}}
    if raw.get("passages"):
        content["passages"] = _passages(path, raw, config)
    collection = Collection(**{**empty, **content}, name=name, split=raw["split"], made=made, stand_in=stand_in)
    check(path, raw, collection)
    return collection


def _definition(path: Path) -> dict[str, Any]:
    raw: dict[str, Any] = read_yaml(path)
    if not isinstance(raw, dict):
        raise InputError(f"{path}: not a mapping of keys to values")
    for key in raw:
        if key not in KEYS:
            raise InputError(f"{path}: unknown key '{key}'{closest(key, KEYS)}")
    for key in ("reader", "split"):
        if not raw.get(key):
            raise InputError(f"{path}: the key '{key}' is missing")
    if raw["reader"] not in LAYOUTS:
        raise InputError(f"{path}: reader: '{raw['reader']}'{closest(str(raw['reader']), LAYOUTS)}")
    return raw


def is_made(name: str, known: dict[str, Path]) -> bool:
    """Say whether the project generates a collection, or any that it is put together from."""
    raw = _definition(known[name])
    return raw["reader"] == "made" or any(is_made(source, known) for source in _sources(known[name], raw, known))


def is_stand_in(name: str, known: dict[str, Path]) -> bool:
    """Say whether a collection, or any that it is put together from, stands for data that cannot be had."""
    raw = _definition(known[name])
    return bool(raw.get("stand_in")) or any(is_stand_in(source, known) for source in _sources(known[name], raw, known))


def _sources(path: Path, raw: dict[str, Any], known: dict[str, Path]) -> list[str]:
    """Return the collections that one is put together from; raise InputError for one that is not there."""
    for source in raw.get("from") or []:
        if source not in known:
            raise InputError(f"{path}: from: no '{source}'{closest(str(source), known)}")
    return raw.get("from") or []


def _content(path: Path, raw: dict[str, Any], settings: dict[str, Any], config: Config) -> dict[str, Any]:
    """Read by the local files; where some are missing and a public route exists, by ir_datasets."""
    if raw["reader"] in ("made", "own"):
        settings["from"] = {source: load(source, config) for source in _sources(path, raw, find(config.root))}
    if raw["reader"] == "made":
        return LAYOUTS["made"]({}, settings, path.parent)
    try:
        if raw["reader"] == "own" and not raw.get("files"):
            return LAYOUTS["own"]({}, settings, path.parent)
        if raw.get("files") or not raw.get("ir_datasets"):
            return LAYOUTS[raw["reader"]](asset.files(path, config), settings, path.parent)
        missing = f"{path.stem}: it comes by ir_datasets alone"
    except asset.Missing as error:
        missing = str(error)
    if not raw.get("ir_datasets") or config.fidelity == "embedded":
        raise InputError(missing)
    from harness.readers import public

    try:  # a pool's candidates are nobody's but the run's
        run = asset.files(path, config, [settings["run"]])[settings["run"]] if raw["reader"] == "pool" else None
    except asset.Missing:
        raise InputError(missing) from None
    return public.read(raw["ir_datasets"], run, config, missing)


def _passages(path: Path, raw: dict[str, Any], config: Config) -> Passages:
    """Return where a large collection's passages lie, their file verified."""
    written = raw["passages"]
    if unknown := set(written) ^ {"file", "member", "count", "parts"}:
        raise InputError(f"{path}: passages: exactly file, member, count and parts are expected; see '{min(unknown)}'")
    if not 1 <= written["parts"] <= written["count"]:
        raise InputError(f"{path}: passages.parts: {written['parts']} parts cannot be cut from {written['count']} passages")
    try:
        found = asset.files(path, config, [written["file"]])[written["file"]]
    except asset.Missing as error:
        raise InputError(str(error)) from None
    pin = raw["files"][written["file"]]
    return Passages(found, written["member"], written["count"], written["parts"], str(pin.get("sha256") or pin["md5"]))


def counts(c: Collection) -> dict[str, int]:
    """Return the numbers of documents, queries and qrels, and for a pool the qrels of documents outside it."""
    documents = c.passages.count if c.passages else len(c.document_ids)
    found = {"documents": documents, "queries": len(c.query_ids), "qrels": sum(map(len, c.qrels.values()))}
    if c.candidates is not None:
        found["outside"] = sum(document not in c.documents for judged in c.qrels.values() for document in judged)
    return found | {kind: len(rows) for kind, rows in (("triples", c.triples), ("pairs", c.pairs)) if rows}


def check(path: Path, raw: dict[str, Any], collection: Collection) -> None:
    """Refuse an empty collection, an id given twice, a judgement of nothing, and counts or a digest not as pinned."""
    c, where = collection, f"{path}: collection '{collection.name}'"
    if not (c.document_ids or c.passages) or not (c.query_ids or raw.get("queries") == "none"):
        raise InputError(f"{where} is empty: {len(c.document_ids)} documents, {len(c.query_ids)} queries")
    for kind, ids in (("document", c.document_ids), ("query", c.query_ids)):
        if len(set(ids)) != len(ids):
            twice = next(name for name, count in Counter(ids).items() if count > 1)
            raise InputError(f"{where}: the {kind} id '{twice}' is given twice")
    if loose := set(c.qrels).symmetric_difference(c.query_ids):
        name = min(loose)
        found = "the qrels name the query '{}', which is not there" if name in c.qrels else "the query '{}' has no judgement"
        raise InputError(f"{where}: {found.format(name)}")
    if (
        raw.get("judged_outside") != "counted" and not c.passages
    ):  # a pool's qrels judge passages outside it, and the ideal ranking needs them
        _named(where, c, c.qrels, "judges")
    if c.candidates is not None:
        _named(where, c, c.candidates, "has the candidate")
        if bare := [query for query in c.query_ids if not c.candidates.get(query)]:
            raise InputError(f"{where}: query '{bare[0]}' has no candidates")
    _trainable(where, c)
    for kind, expected in (raw.get("counts") or {}).items():
        if (actual := counts(c).get(kind)) != expected:
            raise InputError(f"{where}: {actual} {kind}, but {expected} are pinned under counts")
    if raw.get("digest") and raw["digest"] != c.digest:
        raise InputError(f"{where}: its content digest is {c.digest}, but {raw['digest']} is pinned")


def _trainable(where: str, c: Collection) -> None:
    """Refuse a triple or a pair that names a text which is not there."""
    queries = set(c.query_ids)
    for number, (query, *documents) in enumerate(c.triples, start=1):
        if query not in queries:
            raise InputError(f"{where}: triple {number} names the query '{query}', which is not there")
        for document in documents:
            if document not in c.documents:
                raise InputError(f"{where}: triple {number} (query '{query}') names '{document}', which is no document")
    for number, (one, other, _) in enumerate(c.pairs, start=1):
        for document in (one, other):
            if document not in c.documents:
                raise InputError(f"{where}: pair {number} names '{document}', which is no document")


def _named(where: str, c: Collection, named: Mapping[str, Iterable[str]], verb: str) -> None:
    for query, documents in named.items():
        for document in documents:
            if document not in c.documents:
                raise InputError(f"{where}: query '{query}' {verb} '{document}', which is no document")

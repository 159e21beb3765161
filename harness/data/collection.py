"""Collections: documents, queries and qrels under one name, with a split and a content digest."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from harness.data.passages import Passages


@dataclass(frozen=True)
class Collection:
    """Documents, queries and judgements; lists run in parallel, ids are unique.

    `candidates` lists the documents to re-rank for each query (None: all documents). `labels` maps a label's name
    to id → value; the one called `cluster` says which queries belong together. `made` says that the project generated it.
    `passages` stands for the documents of a collection too large for memory, whose lists of documents are then empty.
    `self_retrieval`: whether a document with a query's own id is `excluded` from that query's ranking, or `kept`; None: not said.
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
    self_retrieval: str | None = None

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

"""The public route: the same content through ir_datasets, from archives verified before they are read."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from harness.config import Config
from harness.errors import InputError
from harness.readers.content import Content


def read(settings: dict[str, Any], config: Config, missing: str) -> Content:
    """Read a BEIR set by its ir_datasets id; the archive's md5 and size must be the pinned ones.

    ir_datasets keeps what it derives from an archive even when the archive changes, so each digest has its own home.
    """
    home = config.root / config.cache / "ir_datasets" / settings["md5"]
    archive = home / settings["archive"]
    os.environ["IR_DATASETS_HOME"] = str(home)  # read at import
    import ir_datasets

    dataset = ir_datasets.load(settings["id"])
    if not archive.is_file():
        if not config.download:
            raise InputError(f"{missing}; or put the archive of ir_datasets' {settings['id']} at {archive}")
        try:
            next(iter(dataset.docs_iter()), None)  # makes ir_datasets download and verify it
        except Exception as error:
            raise InputError(f"{missing}; ir_datasets could not download {settings['id']}: {error}") from None
    verify(archive, settings)
    return content(dataset)


def verify(archive: Path, settings: dict[str, Any]) -> None:
    """Refuse an archive whose size or md5 (the only digest its publishers give) is not the pinned one."""
    raw = archive.read_bytes()
    if len(raw) != settings["bytes"] or hashlib.md5(raw, usedforsecurity=False).hexdigest() != settings["md5"]:
        raise InputError(f"{archive}: truncated or altered: not {settings['bytes']} bytes with md5 {settings['md5']}; remove it")


def content(dataset: Any) -> Content:
    """Turn an ir_datasets data set into the content of a collection."""
    qrels: dict[str, dict[str, int]] = {}
    for judgement in dataset.qrels_iter():
        qrels.setdefault(judgement.query_id, {})[judgement.doc_id] = int(judgement.relevance)
    documents = list(dataset.docs_iter())
    queries = [query for query in dataset.queries_iter() if query.query_id in qrels]
    return {
        "document_ids": [d.doc_id for d in documents],
        "titles": [getattr(d, "title", "") for d in documents],
        "texts": [d.text for d in documents],
        "query_ids": [q.query_id for q in queries],
        "queries": [q.text for q in queries],
        "qrels": qrels,
    }

"""The public route: the same content through ir_datasets, from archives verified before they are read.

ir_datasets fixes its home at import and keeps what it derives from an archive even when the archive changes. So each
archive digest has its own home, and is read in its own process.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.config import ROOT, Config
from harness.data.readers.content import Content
from harness.data.readers.layouts import pooled, run_of
from harness.data.readers.training import trained_on
from harness.errors import Absent, InputError


def read(route: dict[str, Any], run: Path | None, config: Config, missing: str) -> Content:
    """Read a set by its ir_datasets id; the archive's md5 and size must be the pinned ones.

    `run` is the TREC run of a re-ranking pool, whose passages are taken from the archive as they were shipped. The archive
    is looked for in the cache, then in the user's IR_DATASETS_HOME, then downloaded by ir_datasets. With `take`, the set is
    one of training triples: the first triple of each of its first `take` queries is kept.
    """
    home = config.root / config.cache / "ir_datasets" / route["md5"]
    archive = home / route["archive"]
    given = Path(os.environ.get("IR_DATASETS_HOME", Path.home() / ".ir_datasets")) / route["archive"]
    if not archive.is_file() and given.is_file():
        verify(given, route)
        archive.parent.mkdir(parents=True, exist_ok=True)
        archive.unlink(missing_ok=True)  # a link whose file has gone
        archive.symlink_to(given.resolve())
    if archive.is_file():
        verify(archive, route)
    elif not config.download:
        raise Absent(f"{missing}; or put the archive of ir_datasets' {route['id']} at {archive}")
    content = _ask(route, home, missing)
    verify(archive, route)
    if "take" in route:
        kept = [(query, positive, negative) for query, positive, negative in content["triples"]]
        wanted = {name for _, *both in kept for name in both}
        texts = {name: text for name, text in shipped(archive, route["passages"]) if name in wanted}
        return trained_on(kept, content["queries"], texts)
    if run is None:
        return content
    queries = dict(zip(content["query_ids"], content["queries"], strict=True))
    return pooled(queries, content["qrels"], run_of(run), shipped(archive, route["passages"]))


def _ask(route: dict[str, Any], home: Path, missing: str) -> Content:
    command = [sys.executable, "-m", "harness.data.readers.public", json.dumps(route)]
    environment = {**os.environ, "IR_DATASETS_HOME": str(home)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise Absent(f"{missing}; ir_datasets could not read {route['id']}: {' '.join(last)}")
    content: Content = json.loads(done.stdout)
    return content


def verify(archive: Path, route: dict[str, Any]) -> None:
    """Refuse an archive whose size or md5 (the only digest its publishers give) is not the pinned one."""
    digest = hashlib.md5(usedforsecurity=False)
    with archive.open("rb") as opened:
        while block := opened.read(1 << 20):
            digest.update(block)
    if archive.stat().st_size != route["bytes"] or digest.hexdigest() != route["md5"]:
        raise InputError(f"{archive}: truncated or altered: not {route['bytes']} bytes with md5 {route['md5']}; remove it")


def shipped(archive: Path, member: str) -> Iterator[tuple[str, str]]:
    """Yield id and text of the passages in an archive's TSV file.

    ir_datasets would repair their encoding; published numbers were made on them as they are.
    """
    with tarfile.open(archive, "r:*") as packed:
        opened = next((packed.extractfile(entry) for entry in packed if Path(entry.name).name == member), None)
        if opened is None:
            raise InputError(f"{archive}: holds no {member}")
        for number, line in enumerate(io.TextIOWrapper(opened, encoding="utf-8", newline="\n"), start=1):
            name, tab, text = line.rstrip("\r\n").partition("\t")
            if not tab:
                raise InputError(f"{archive}: {member}:{number}: no tab")
            yield name, text


def content(dataset: Any, documents: bool) -> Content:
    """Turn an ir_datasets data set into the content of a collection; a pool's `documents` come from elsewhere."""
    qrels: dict[str, dict[str, int]] = {}
    for judgement in dataset.qrels_iter():
        qrels.setdefault(judgement.query_id, {})[judgement.doc_id] = int(judgement.relevance)
    read = list(dataset.docs_iter()) if documents else []
    queries = [query for query in dataset.queries_iter() if query.query_id in qrels]
    return {
        "document_ids": [d.doc_id for d in read],
        "titles": [getattr(d, "title", "") for d in read],
        "texts": [d.text for d in read],
        "query_ids": [q.query_id for q in queries],
        "queries": [q.text for q in queries],
        "qrels": qrels,
    }


def triples(dataset: Any, take: int) -> Content:
    """Return the first triple of each of the first `take` queries, and these queries; the file is in the order of queries."""
    kept: dict[str, tuple[str, str, str]] = {}
    for pair in dataset.docpairs_iter():
        kept.setdefault(pair.query_id, (pair.query_id, pair.doc_id_a, pair.doc_id_b))
        if len(kept) == take:
            break
    if len(kept) < take:
        raise ValueError(f"triples of {len(kept)} queries, but take: {take}")
    queries = {query.query_id: query.text for query in dataset.queries_iter() if query.query_id in kept}
    return {"triples": list(kept.values()), "queries": queries}


def main(route: dict[str, Any]) -> None:
    """Print a set's content as JSON; ir_datasets downloads and verifies what its home lacks."""
    import ir_datasets

    if "passages" in route:
        collection, archive = route["archive"].split("/")
        home = Path(os.environ["IR_DATASETS_HOME"]) / collection
        ir_datasets.util.DownloadConfig.context(collection, home)[archive.removesuffix(".tar.gz")].path()
    dataset = ir_datasets.load(route["id"])
    print(json.dumps(triples(dataset, route["take"]) if "take" in route else content(dataset, "passages" not in route)))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))

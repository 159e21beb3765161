"""Does `make verify` name the setting that moved a printed score? Ten planted causes, and scores that no setting gives.

`python -m benchmarks.explaining [CHUNKS] [--documents 40]`: CHUNKS is a folder of JSON lines with id, title, chapter, module and text, else
the textbook chunks that ship. The printed scores come from sentence-transformers and pytrec_eval, not from the code that explains them. Prints for each cause at which
place it is named; for made-up scores how often anything is called an explanation; passes and seconds against one pass a reading.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from harness import config
from harness.cards import axes
from harness.cards.explained import Score, Tried, judged, tried
from harness.cards.passes import Task
from harness.data.collection import Collection
from harness.ledger.printed import parse
from harness.studies.models import model_folder

ONE, SEVERAL = ["ndcg@10"], ["ndcg@10", "ndcg@1", "ndcg@100", "mrr@10", "map@100", "recall@10"]
TREC = {"ndcg@10": "ndcg_cut_10", "ndcg@1": "ndcg_cut_1", "ndcg@100": "ndcg_cut_100", "map@100": "map_cut_100", "recall@10": "recall_10"}
PROMPTS = {"query": "search_query: ", "document": "search_document: "}
CAUSES: dict[str, dict[str, str]] = {
    "wrong pooling": {"pooling": "cls"}, "no prompt": {"prompt": "none"}, "dot for cosine": {"similarity": "dot"},
    "128 tokens": {"length": "128"}, "fp16": {"precision": "float16"}, "title left out": {"title": "left out"},
    "ties by file order": {"ties": "file"}, "exponential gain": {"gain": "exponential"}, "self-retrieval counted": {"own": "kept"},
    "other split": {"split": "train"},
}  # fmt: skip


def collection(chunks: Path, size: int) -> Task:
    """A chunk's first sentence asks for other chunks of its module (grade 2) and chapter (grade 1); some chunks stand there twice, judged once."""
    rows = [json.loads(line) for path in sorted(chunks.glob("*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines()[:size]]
    copies = [{**row, "id": f"{row['id'][::-1]}"} for row in rows[::4]]  # a text twice: a tie; ids in no order
    documents = [*copies, *rows]

    def split(name: str) -> Collection:
        asked = {row["id"]: row for row in rows if row["split"] == name}
        qrels = {}
        for query, row in asked.items():
            near = {d["id"]: 2 if d["module"] == row["module"] else 1 for d in rows if d["chapter"] == row["chapter"]}
            if near.keys() - {query}:
                qrels[query] = near
        return Collection(
            name=name, split=name, document_ids=[d["id"] for d in documents], titles=[d["title"] for d in documents],
            texts=[d["text"] for d in documents], query_ids=list(qrels), queries=[asked[q]["text"].split(". ")[0] for q in qrels],
            qrels=qrels, candidates=None, labels={}, made=True, self_retrieval="excluded",
        )  # fmt: skip

    return Task(split("test"), {"train": split("train")})


def model(place: Path) -> Path:
    source = model_folder("minilm", config.load())
    for path in source.rglob("*"):
        if path.is_file():
            (place / path.relative_to(source)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path.resolve(), place / path.relative_to(source))
    (place / "config_sentence_transformers.json").write_text(json.dumps({"prompts": PROMPTS}), encoding="utf-8")
    return place


def printed(folder: Path, task: Task, cause: str) -> dict[str, float]:
    """What a user of sentence-transformers and pytrec_eval would print with one thing wrong."""
    import pytrec_eval
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling

    own = SentenceTransformer(str(folder), local_files_only=True)
    if cause in ("wrong pooling", "dot for cosine"):
        pooling = Pooling(own.get_embedding_dimension(), "cls" if cause == "wrong pooling" else "mean")
        own = SentenceTransformer(modules=[own[0], pooling])
    if cause == "128 tokens":
        own.max_seq_length = 128
    if cause == "fp16":
        own = own.half()
    here = task.splits["train"] if cause == "other split" else task.collection
    before, front = ("", "") if cause == "no prompt" else (PROMPTS["query"], PROMPTS["document"])
    texts = here.texts if cause == "title left out" else here.document_texts
    with torch.inference_mode():
        asked, told = (own.encode(list(dict.fromkeys(group)), batch_size=16) for group in ([before + q for q in here.queries], [front + t for t in texts]))
    place = {text: i for i, text in enumerate(dict.fromkeys(front + t for t in texts))}
    told = told[[place[front + text] for text in texts]].astype(np.float64)
    asked = asked[[list(dict.fromkeys(here.queries)).index(q) for q in here.queries]].astype(np.float64)
    if cause != "dot for cosine":
        asked, told = (v / np.linalg.norm(v, axis=1, keepdims=True) for v in (asked, told))
    scores = (asked @ told.T).astype(np.float32)
    run: dict[str, dict[str, float]] = {}
    for query, row in zip(here.query_ids, scores, strict=True):
        ids = np.array(here.document_ids)
        order = np.argsort(-row, kind="stable") if cause == "ties by file order" else np.array(sorted(range(len(row)), key=lambda i: (row[i], ids[i]), reverse=True))
        kept = [i for i in order if cause == "self-retrieval counted" or ids[i] != query]
        run[query] = {str(ids[i]): float(len(kept) - n) for n, i in enumerate(kept)}
    grade: Callable[[int], int] = (lambda g: 2**g - 1) if cause == "exponential gain" else (lambda g: g)
    qrels = {q: {d: grade(g) for d, g in judged.items()} for q, judged in here.qrels.items()}
    found = pytrec_eval.RelevanceEvaluator(qrels, set(TREC.values())).evaluate(run)
    values = {name: float(np.mean([row[trec] for row in found.values()])) for name, trec in TREC.items()}
    ten = {q: dict(sorted(rows.items(), key=lambda item: -item[1])[:10]) for q, rows in run.items()}
    cut = pytrec_eval.RelevanceEvaluator(qrels, {"recip_rank"}).evaluate(ten)
    return values | {"mrr@10": float(np.mean([row["recip_rank"] for row in cut.values()]))}


def narrowed(outcome: Tried, metrics: list[str]) -> Tried:
    keep = [SEVERAL.index(name) for name in metrics]
    return Tried(outcome.readings, [[row[i] for i in keep] for row in outcome.rows], outcome.passes)


def place_of(outcome: Tried, values: dict[str, float], metrics: list[str], form: str, cause: dict[str, str]) -> str:
    """Say at which place the planted cause is named, or why it is not."""
    scores = [Score(name, parse(form.format(values[name]))) for name in metrics]
    found = judged(narrowed(outcome, metrics), scores, 0.05)
    if outcome.rows[0] == outcome.rows[outcome.readings.index(cause)]:
        return "moves nothing here"
    own = next(row for reading, row in zip(outcome.readings, narrowed(outcome, metrics).rows, strict=True) if reading == cause)
    names = [tuple(one.values) for one in found.best if one.found]
    return str(names.index(tuple(own)) + 1) if tuple(own) in names else "called luck" if found.best else "not found"


def false_explanations(outcome: Tried, metrics: list[str], form: str, draws: int = 100) -> float:
    """Share of made-up cards, near the standard's scores and given by no setting on purpose, for which something is called an explanation."""
    rng, few = np.random.default_rng(0), narrowed(outcome, metrics)
    base, spread = np.array(few.rows[0], dtype=float), np.std(np.array(few.rows, dtype=float), axis=0)
    wrong = 0
    for _ in range(draws):
        values = np.clip(base + rng.normal(size=len(base)) * spread, 0, 1)
        scores = [Score(name, parse(form.format(value))) for name, value in zip(metrics, values, strict=True)]
        wrong += any(one.found for one in judged(few, scores, 0.05).best)
    return wrong / draws


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("chunks", type=Path, nargs="?", default=config.ROOT / "replications" / "encoder_anisotropy" / "data")
    parser.add_argument("--documents", type=int, default=40, help="chunks of each subject")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        settings = config.load(overrides={"cache": f"{place}/cache"})
        folder, task = model(Path(place) / "model"), collection(given.chunks, given.documents)
        started, marks = time.perf_counter(), []
        outcome = tried(folder, task, SEVERAL, settings, lambda done, count: marks.append(time.perf_counter() - started))
        took, one = marks[-1], marks[1]
        print(f"{len(task.collection.query_ids)} queries, {len(task.collection.document_ids)} documents; {len(outcome.readings)} readings, "
              f"{outcome.passes} passes, {took:.0f} s; one pass a reading would take about {one * len(outcome.readings):.0f} s ({one * len(outcome.readings) / took:.0f} times)")
        forms = {"5 digits": "{:.5f}", "3 digits": "{:.3f}"}
        print(f"\n{'planted':24}" + "".join(f"{len(m)} score(s), {f}".rjust(24) for m in (ONE, SEVERAL) for f in forms))
        for cause, reading in CAUSES.items():
            values = printed(folder, task, cause)
            cells = [place_of(outcome, values, m, form, reading) for m in (ONE, SEVERAL) for form in forms.values()]
            print(f"{cause:24}" + "".join(cell.rjust(24) for cell in cells) + f"   ({axes.words(reading)})", flush=True)
        cells = [f"{false_explanations(outcome, m, form):.3f}" for m in (ONE, SEVERAL) for form in forms.values()]
        print(f"{'false explanations':24}" + "".join(cell.rjust(24) for cell in cells))


if __name__ == "__main__":
    main()

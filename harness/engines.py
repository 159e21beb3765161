"""The second engine (ir-measures, pytrec_eval) and the third opinion (mteb's evaluator) on the same rankings.

They get the raw scores, not the order that `harness.rankings.metrics` gave ranx, so that they break ties by their own rules.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from harness.data.collection import Collection
from harness.errors import InputError, stage
from harness.rankings import metrics, runs, trec_eval
from harness.rankings.runs import Run, ordered
from harness.rankings.trec_eval import SAME, parts_of, raw_scores
from harness.studies.command import parse
from harness.studies.inputs import Inputs
from harness.studies.jobs import find_job, job_folder
from harness.studies.plan import runnable

ROUNDED = 5  # decimals that mteb keeps of a mean


def mteb_means(run: Run, collection: Collection, names: list[str]) -> dict[str, float]:
    """Return metric → mean over queries, to 5 decimals, by mteb's evaluator on a retrieval task made of `collection`.

    f1 and levels of relevance above 1 are left out, which mteb lacks.
    Raise InputError where mteb is not installed (it is an optional extra).
    """
    parts = {name: parts_of(name) for name in names if parts_of(name).measure != "f1" and parts_of(name).level == 1}
    if not parts:
        return {}
    task = mteb_task(collection, sorted({part.cutoff for part in parts.values()}))
    # mteb's own MRR compares doubles where trec_eval compares floats: it gets the scores that a run file keeps.
    kept = {query: ordered(rows) for query, rows in run.items()}
    found: Any = task.evaluate(_Replayed(raw_scores(kept, collection.qrels)), split=collection.split, encode_kwargs={})
    return {name: float(found["default"][f"{part.measure}_at_{part.cutoff}"]) for name, part in parts.items()}


def mteb_task(collection: Collection, cutoffs: list[int]) -> Any:
    """Return an mteb retrieval task on a collection in memory; any mteb model can be evaluated on it."""
    try:
        from datasets import Dataset
        from mteb.abstasks.retrieval import AbsTaskRetrieval
        from mteb.abstasks.task_metadata import TaskMetadata
    except ImportError:
        raise InputError("mteb is not installed: it is an optional extra; `python bootstrap.py mteb` installs it") from None
    about = {"name": collection.name, "description": "A collection of this project", "eval_splits": [collection.split]}
    kind = {"type": "Retrieval", "category": "t2t", "main_score": "ndcg_at_10", "eval_langs": ["eng-Latn"]}
    origin = {"path": collection.name, "revision": collection.digest}
    described = TaskMetadata.model_validate({**about, **kind, "dataset": origin})

    class Task(AbsTaskRetrieval):  # type: ignore[misc,unused-ignore]
        metadata = described
        k_values = tuple(sorted({1, 10, *cutoffs}))  # mteb's main score and 'accuracy' read 10 and 1

        def load_data(self, num_proc: int | None = None, *, timer: Any = None, **kwargs: Any) -> None:
            columns = {"id": collection.document_ids, "title": collection.titles, "text": collection.texts}
            split: Any = {
                "corpus": Dataset.from_dict(columns),
                "queries": Dataset.from_dict({"id": collection.query_ids, "text": collection.queries}),
                "relevant_docs": metrics.gains(collection.qrels),  # mteb asks pytrec_eval too
                "top_ranked": collection.candidates,
            }
            self.dataset = {"default": {collection.split: split}}
            self.data_loaded = True

    return Task()


class _Replayed:
    """An mteb search model that has already searched."""

    mteb_model_meta = None

    def __init__(self, found: dict[str, dict[str, float]]) -> None:
        self.found = found

    def index(self, corpus: Any, **_: Any) -> None:
        """Nothing is left to index."""

    def search(self, queries: Any, **_: Any) -> dict[str, dict[str, float]]:
        """Return the scores of the queries asked for."""
        return {query: self.found[query] for query in queries["id"]}


def compare(run: Run, collection: Collection, names: list[str]) -> list[tuple[str, list[float], bool]]:
    """Return metric, its means by ranx, ir-measures and mteb, and whether they agree (the first two on every query)."""
    first = metrics.evaluate(run, collection.qrels, names)
    second = trec_eval.values(run, collection.qrels, names)
    third = mteb_means(run, collection, names)
    rows = []
    for name in names:
        means = [math.fsum(values[name].values()) / len(values[name]) for values in (first, second)]
        same = all(abs(value - second[name][query]) <= SAME for query, value in first[name].items())
        if name in third:
            same = same and abs(third[name] - means[1]) <= 0.5 * 10**-ROUNDED + SAME
            means.append(third[name])
        rows.append((name, means, same))
    return rows


def main() -> int:
    """`python -m harness.engines --study S --group G --seed N`: do all three engines agree on a job's rankings?"""
    arguments, config = parse(main.__doc__ or "", "study", "group", "seed")
    chosen, job = find_job(config, arguments.study, arguments.group, arguments.seed)
    assert chosen.experiment
    metrics.keep_compiled()
    disagree = 0
    for variant in job.variants:
        for role in runnable(chosen, variant, config.fidelity):
            collection = Inputs(config, chosen, variant, Path()).collection(role)
            if not collection.qrels:
                continue
            run = runs.read(job_folder(config, job) / "rank" / f"{variant.name}.{role}.trec.gz", collection)
            for name, means, same in compare(run, collection, metrics.ranked(chosen.experiment.metrics)):
                disagree += not same
                print(f"{variant.name} {role} {name}", *(f"{mean:.5f}" for mean in means), "agree" if same else "DISAGREE")
    return 1 if disagree else 0


if __name__ == "__main__":
    stage(main)

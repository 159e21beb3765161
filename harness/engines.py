"""The second engine (ir-measures, pytrec_eval) and the third opinion (mteb's evaluator) on the same rankings.

They get the raw scores, not the order that `harness.rankings.metrics` gave ranx, so that they break ties by their own rules.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.data.collection import Collection
from harness.errors import InputError, stage
from harness.rankings import metrics, runs
from harness.rankings.runs import Run, ordered
from harness.studies.command import parse
from harness.studies.inputs import Inputs
from harness.studies.jobs import find_job, job_folder
from harness.studies.plan import runnable

ROUNDED = 5  # decimals that mteb keeps of a mean
SAME = 1e-9  # what the order of floating-point sums may change


def ir_measures_values(run: Run, qrels: dict[str, dict[str, int]], names: list[str]) -> dict[str, dict[str, float]]:
    """Return metric → query id → value for every query of the qrels, as ir-measures has it from pytrec_eval."""
    import ir_measures
    from ir_measures import AP, RR, P, R, Success, nDCG

    direct = {"ndcg": nDCG, "hit_rate": Success, "recall": R, "precision": P, "map": AP}
    parts = {name: _parts(name) for name in names}

    def theirs(measure: str, cutoff: int, level: int) -> Any:
        bare = RR if measure == "mrr" else direct[measure] @ cutoff  # trec_eval's recip_rank has no cut-off
        return bare if level == 1 else bare(rel=level)

    both = {"f1": ("precision", "recall")}
    asked = {theirs(m, cutoff, level) for measure, cutoff, level in parts.values() for m in both.get(measure, (measure,))}
    found = ir_measures.pytrec_eval.evaluator(asked, metrics.gains(qrels)).iter_calc(_scores(run, qrels))
    values = {(str(value.measure), value.query_id): float(value.value) for value in found}

    def one(measure: str, cutoff: int, level: int, query: str) -> float:
        if measure == "f1":
            p, r = (one(part, cutoff, level, query) for part in both["f1"])
            return 2 * p * r / (p + r) if p + r else 0.0
        value = values[str(theirs(measure, cutoff, level)), query]
        return value if measure != "mrr" or (value and round(1 / value) <= cutoff) else 0.0

    return {name: {query: one(*parts[name], query) for query in qrels} for name in names}


def _parts(name: str) -> metrics.Parts:
    parts = metrics.split(name)
    if parts is None:
        raise InputError(f"'{name}' is not computed from a ranking")
    return parts


def _scores(run: Run, qrels: Mapping[str, object]) -> dict[str, dict[str, float]]:
    """Return the raw scores of the judged queries by document, in no order that means anything."""
    return {query: dict(sorted(run.get(query, []))) for query in qrels}


def mteb_means(run: Run, collection: Collection, names: list[str]) -> dict[str, float]:
    """Return metric → mean over queries, to 5 decimals, by mteb's evaluator on a retrieval task made of `collection`.

    f1 and levels of relevance above 1 are left out, which mteb lacks.
    Raise InputError where mteb is not installed (it is an optional extra).
    """
    parts = {name: _parts(name) for name in names if _parts(name).measure != "f1" and _parts(name).level == 1}
    if not parts:
        return {}
    task = mteb_task(collection, sorted({part.cutoff for part in parts.values()}))
    # mteb's own MRR compares doubles where trec_eval compares floats: it gets the scores that a run file keeps.
    kept = {query: ordered(rows) for query, rows in run.items()}
    found: Any = task.evaluate(_Replayed(_scores(kept, collection.qrels)), split=collection.split, encode_kwargs={})
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
    second = ir_measures_values(run, collection.qrels, names)
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

"""How far the order of tied documents alone moves a score, from the run files of a finished run.

Documents with the same text (or the same first tokens, after truncation) get the same vector, hence the same score, and
every engine has to put one of them first. Usage, after `make tables FIDELITY=original MIRROR=... STUDIES=minilm`:

    python benchmarks/tie_order.py --fidelity original --mirror ... --study minilm --group mean --seed 0

Prints, for each collection, NDCG@10 and MRR@5 with tied documents in descending order of their ids (trec_eval, MTEB,
this workbench) and in the collection's own order (what a stable sort does).
"""

from __future__ import annotations

from pathlib import Path

from harness.errors import stage
from harness.rankings import metrics, runs
from harness.studies.command import parse
from harness.studies.inputs import Inputs
from harness.studies.jobs import find_job, job_folder
from harness.studies.plan import runnable

METRICS = ["ndcg@10", "mrr@5"]


def main() -> None:
    """Score each run of one job under both orders of ties."""
    arguments, config = parse(main.__doc__ or "", "study", "group", "seed")
    chosen, job = find_job(config, arguments.study, arguments.group, arguments.seed)
    metrics.keep_compiled()
    for variant in job.variants:
        for role in runnable(chosen, variant, config.fidelity):
            collection = Inputs(config, chosen, variant, Path()).collection(role)
            run = runs.read(job_folder(config, job) / "rank" / f"{variant.name}.{role}.trec.gz", collection)
            place = {name: i for i, name in enumerate(collection.document_ids)}
            filed = {q: sorted(rows, key=lambda row: (-row[1], place[row[0]])) for q, rows in run.items()}
            # Strictly decreasing stand-ins keep this order: equal scores would be put back by id.
            filed = {q: [(d, float(-i)) for i, (d, _) in enumerate(rows)] for q, rows in filed.items()}
            tied = sum(len({score for _, score in rows[:11]}) < len(rows[:11]) for rows in run.values())
            for name, ranking in (("by id, descending", run), ("as filed", filed)):
                values = metrics.evaluate(ranking, collection.qrels, METRICS)
                means = "  ".join(f"{m} {sum(v.values()) / len(v):.5f}" for m, v in values.items())
                print(f"{variant.name} on {role}, ties {name:<18} {means}  ({tied} of {len(run)} queries tie near the top)")


if __name__ == "__main__":
    stage(main)

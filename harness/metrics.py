"""Ranking metrics by ranx, named so that cut-off, gain and ties are never guessed."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import InputError, closest

if TYPE_CHECKING:
    from harness.runs import Run

TIES = "ties: score, then document id, both descending, as trec_eval"
# Our name → what it means. ranx spells hit rate 'hit_rate' and NDCG with linear gain 'ndcg'.
MEASURES = {
    "ndcg": "normalised discounted cumulative gain, linear gain, log2 discount (trec_eval's ndcg_cut)",
    "mrr": "reciprocal of the rank of the first relevant document, 0 beyond the cut-off",
    "hit_rate": "1 if any relevant document stands within the cut-off",
    "recall": "share of the relevant documents within the cut-off",
    "precision": "share of the cut-off that is relevant",
    "map": "average precision within the cut-off, divided by the number of relevant documents",
}
VECTOR_METRICS = {
    "isoscore": "(PR - 1) / (d - 1), Rudman et al. 2022",
    "participation_ratio": "PR = tr(C)^2 / tr(C^2) of the covariance C",
    "isoscore_ceiling": "(min(n - 1, d) - 1) / (d - 1), the most that n points allow",
    "mean_cosine": "mean cosine over all pairs of documents",
    "sd_cosine": "population standard deviation of the cosine over all pairs",
    "partition_isotropy": "min over max of the partition function over the second moment's eigenvectors, Mu & Viswanath 2018",
}
_NAME = re.compile(r"^(?P<measure>[a-z_]+)@(?P<cutoff>[1-9]\d*)$")


def definition(metric: str) -> str | None:
    """Return the full definition of a metric the harness computes, or None for a study's own."""
    if metric in VECTOR_METRICS:
        return VECTOR_METRICS[metric]
    match = _NAME.match(metric)
    if match and match["measure"] in MEASURES:
        return f"{MEASURES[match['measure']]}; cut-off {match['cutoff']}; {TIES}"
    return None


def ranked(metrics: list[str]) -> list[str]:
    """Return those that are computed from a ranking."""
    return [m for m in metrics if definition(m) and m not in VECTOR_METRICS]


def refuse_unknown(metrics: list[str], own: set[str], where: str) -> None:
    """Raise InputError for a metric that neither the harness nor the study's method (`own`) supplies."""
    for metric in metrics:
        if definition(metric) is None and metric not in own:
            known = [*(f"{m}@10" for m in MEASURES), *VECTOR_METRICS, *own]
            raise InputError(f"{where}: metrics: unknown metric '{metric}'{closest(metric, known)}")


def evaluate(
    run: Run, qrels: dict[str, dict[str, int]], queries: list[str], metrics: list[str], cache: Path
) -> dict[str, dict[str, float]]:
    """Return metric → query id → value for every query; one that the run misses scores 0.

    ranx breaks ties as it likes, so it is given strictly decreasing stand-ins for the scores, in our order.
    """
    if not metrics:
        return {}
    os.environ.setdefault("NUMBA_CACHE_DIR", str(cache / "numba"))  # compiled once, not in every job
    from ranx import Qrels, Run as RanxRun
    from ranx import evaluate as ranx_evaluate

    judged = {q: {d: g for d, g in qrels[q].items() if g > 0} or {"(none)": 0} for q in queries}
    stand_ins = {q: {d: float(len(run[q]) - i) for i, (d, _) in enumerate(run[q])} for q in queries if run.get(q)}
    filled = {q: stand_ins.get(q, {"(nothing found)": 1.0}) for q in queries}
    found = RanxRun(filled)
    ranx_evaluate(Qrels(judged), found, metrics, return_mean=False)
    return {metric: {q: float(found.scores[metric][q]) for q in queries} for metric in metrics}

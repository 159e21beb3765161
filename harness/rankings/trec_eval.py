"""The second engine: trec_eval's own code, by ir-measures, on the raw scores of a run, so that it breaks ties by its own rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.errors import InputError
from harness.rankings import metrics
from harness.rankings.runs import Run

SAME = 1e-9  # what the order of floating-point sums may change


def values(run: Run, qrels: dict[str, dict[str, int]], names: list[str]) -> dict[str, dict[str, float]]:
    """Return metric → query id → value for every query of the qrels, as ir-measures has it from pytrec_eval."""
    import ir_measures
    from ir_measures import AP, RR, P, R, Success, nDCG

    direct = {"ndcg": nDCG, "hit_rate": Success, "recall": R, "precision": P, "map": AP}
    parts = {name: parts_of(name) for name in names}

    def theirs(measure: str, cutoff: int, level: int) -> Any:
        bare = RR if measure == "mrr" else direct[measure] @ cutoff  # trec_eval's recip_rank has no cut-off
        return bare if level == 1 else bare(rel=level)

    both = {"f1": ("precision", "recall")}
    asked = {theirs(m, cutoff, level) for measure, cutoff, level in parts.values() for m in both.get(measure, (measure,))}
    found = ir_measures.pytrec_eval.evaluator(asked, metrics.gains(qrels)).iter_calc(raw_scores(run, qrels))
    by_query = {(str(value.measure), value.query_id): float(value.value) for value in found}

    def one(measure: str, cutoff: int, level: int, query: str) -> float:
        if measure == "f1":
            p, r = (one(part, cutoff, level, query) for part in both["f1"])
            return 2 * p * r / (p + r) if p + r else 0.0
        value = by_query[str(theirs(measure, cutoff, level)), query]
        return value if measure != "mrr" or (value and round(1 / value) <= cutoff) else 0.0

    return {name: {query: one(*parts[name], query) for query in qrels} for name in names}


def parts_of(name: str) -> metrics.Parts:
    """Return measure, cut-off and level of a metric; raise InputError for one that is not computed from a ranking."""
    parts = metrics.split(name)
    if parts is None:
        raise InputError(f"'{name}' is not computed from a ranking")
    return parts


def raw_scores(run: Run, qrels: Mapping[str, object]) -> dict[str, dict[str, float]]:
    """Return the raw scores of the judged queries by document, in no order that means anything."""
    return {query: dict(sorted(run.get(query, []))) for query in qrels}

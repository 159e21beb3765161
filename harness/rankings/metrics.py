"""Ranking metrics by ranx, named so that cut-off, gain and ties are never guessed."""

from __future__ import annotations

import importlib
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.errors import InputError, closest
from harness.rankings.runs import ordered
from harness.vectors import isotropy

if TYPE_CHECKING:
    from harness.rankings.runs import Run

TIES = "ties: score (float32), then document id, both descending, as trec_eval"
SELF = {
    "excluded": "the document with the query's own id is excluded, no other",
    "kept": "no document is excluded",
    None: "no document is excluded, but where the collection says self_retrieval: excluded the one with the query's own id",
}
JUDGED = "a negative grade counts as 0, as in trec_eval; queries: all that the qrels judge"
MISSING = "missing_queries"  # how many judged queries a run ranks nothing for: each scores 0, and is counted here
OWN = (
    "own_documents"  # how many queries rank the document of their own id, where the collection does not say whether to exclude it
)
MEASURES = {
    "ndcg": "normalised discounted cumulative gain, linear gain, discount log2(rank + 1) (trec_eval's ndcg_cut)",
    "mrr": "reciprocal of the rank of the first relevant document, 0 beyond the cut-off",
    "hit_rate": "1 if any relevant document stands within the cut-off, else 0",
    "recall": "share of the relevant documents that stand within the cut-off",
    "precision": "relevant documents within the cut-off, divided by the cut-off",
    "map": "precisions at the ranks of relevant documents within the cut-off, summed, divided by the number of relevant ones",
    "f1": "harmonic mean of precision and recall at the cut-off, per query",
}
# Our name → the module of ranx.metrics that computes it.
ENGINE = {name: {"mrr": "reciprocal_rank", "map": "average_precision"}.get(name, name) for name in MEASURES}
GRADED = {"ndcg"}  # every grade has its own gain there: no level parts the relevant from the others
_NAME = re.compile(r"(?P<measure>[a-z_0-9]+)@(?P<cutoff>[1-9][0-9]{0,8})(?:-l(?P<level>[1-9][0-9]{0,5}))?")


class Parts(NamedTuple):
    """What a metric's name says: `level` is the grade from which on a document is relevant, 1 where the name gives none."""

    measure: str
    cutoff: int
    level: int


def split(metric: str) -> Parts | None:
    """Return measure, cut-off and level of a metric that is computed from a ranking (`mrr@10`, `mrr@10-l2`), else None."""
    match = _NAME.fullmatch(metric)
    if not match or match["measure"] not in MEASURES or (match["level"] and match["measure"] in GRADED):
        return None
    return Parts(match["measure"], int(match["cutoff"]), int(match["level"] or 1))


def definition(metric: str, self_retrieval: str | None = None) -> str | None:
    """Return the full definition of a metric the harness computes, or None for a study's own.

    `self_retrieval` is what a collection says of a query's own document; without it the definition says what decides.
    """
    if metric in isotropy.MEASURES:
        return isotropy.MEASURES[metric]
    parts = split(metric)
    if parts is None:
        return None
    return f"{MEASURES[parts.measure]}; cut-off {parts.cutoff}; relevant: judged {parts.level} or higher; {JUDGED}; {TIES}; {SELF[self_retrieval]}"


def ranked(metrics: list[str]) -> list[str]:
    """Return those that are computed from a ranking."""
    return [metric for metric in metrics if split(metric)]


def refuse_unknown(metrics: list[str], own: set[str], depth: int, where: str) -> None:
    """Raise InputError for a metric that neither the harness nor a method (`own`) supplies, or that looks below `depth`."""
    for metric in metrics:
        parts = split(metric)
        if parts and parts.cutoff > depth:
            raise InputError(f"{where}: metrics: '{metric}' looks beyond the {depth} documents that a run keeps (config: depth)")
        if definition(metric) is None and metric not in own:
            raise InputError(f"{where}: metrics: unknown metric '{metric[:80]}'{_meant(metric, own)}")


def _meant(metric: str, own: set[str]) -> str:
    """Return why a name is no metric, or the nearest one that is."""
    measure, _, ending = metric.partition("@")
    cutoff, dash, level = ending.partition("-l")
    if measure in GRADED and dash and split(f"{measure}@{cutoff}"):
        return f": '{measure}' weighs each grade by a gain of its own, so that no level says what is relevant; write {measure}@{cutoff}"
    fitting = cutoff if split(f"mrr@{cutoff}") else "10"
    endings = {f"{fitting}-l{level}", fitting} if split(f"mrr@{fitting}-l{level}") else {fitting}
    names = [f"{one}@{ending}" for one in MEASURES for ending in endings]
    return closest(metric, [*filter(split, names), *isotropy.MEASURES, *own])


def keep_compiled() -> None:
    """Let ranx keep what it compiles, once for all jobs; call it before the first evaluation.

    numba's index is a pickle, which whoever can write it can make run code: the folder is the user's alone, never a shared cache.
    """
    if "NUMBA_CACHE_DIR" not in os.environ:
        os.environ["NUMBA_CACHE_DIR"] = str(_private())


def _private() -> Path:
    """Return a folder that nobody else can write to; one of this process alone where the home is not writable."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "embedding-replication-workbench" / "compiled"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)  # refused where it is another's
        return folder
    except OSError:
        return Path(tempfile.mkdtemp(prefix="compiled-"))


def evaluate(run: Run, qrels: dict[str, dict[str, int]], metrics: list[str]) -> dict[str, dict[str, float]]:
    """Return metric → query id → value for every query of the qrels; one that the run misses scores 0.

    Raise InputError for a metric that is not computed from a ranking.
    """
    refuse_unknown(metrics, set(), max((parts.cutoff for m in metrics if (parts := split(m))), default=0), "evaluate")
    if not metrics or not qrels:
        return {metric: {} for metric in metrics}
    of, asked = _engine(), [(metric, parts) for metric in metrics if (parts := split(metric))]
    found: dict[str, dict[str, float]] = {metric: {} for metric in metrics}
    for query, grades in gains(qrels).items():
        judged, ranking = _numbered(run.get(query, []), grades)
        for metric, parts in asked:
            found[metric][query] = float(of[parts.measure](judged, ranking, parts.cutoff, parts.level))
    return found


@cache
def _engine() -> dict[str, Callable[..., float]]:
    """Return ranx's function for each measure: judgements and ranking of one query, cut-off, level → value.

    Taken from its modules of metrics, for its own loop over queries is compiled for each metric anew: 12 s more on a fresh clone, and the
    same values.
    """
    found: dict[str, Callable[..., float]] = {
        name: getattr(importlib.import_module(f"ranx.metrics.{module}"), f"_{module}") for name, module in ENGINE.items()
    }
    ndcg: Any = found["ndcg"]
    return found | {"ndcg": lambda judged, ranking, cutoff, level: ndcg(judged, ranking, cutoff, level, True)}  # True: linear gain


def gains(qrels: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """Return the judgements with negative grades (TREC's for spam and broken pages) as 0, for every engine alike.

    trec_eval gives them no gain and holds them for irrelevant; pytrec_eval, given one below -1, ends the process.
    """
    return {query: {document: max(grade, 0) for document, grade in grades.items()} for query, grades in qrels.items()}


def _numbered(rows: list[tuple[str, float]], grades: dict[str, int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return judgements, (judged, 2), and ranking, (retrieved, 2), as ranx keeps them: (document number, grade or score).

    ranx breaks ties as it likes and knows documents by a hash cut to 53 bits. So the order is ours, its scores are
    strictly decreasing stand-ins, and documents are numbered: judged ones from 0, best grade first, all others -1.
    """
    best_first = sorted(grades, key=lambda document: -grades[document])  # ranx reads the ideal ranking off this order
    number = {document: i for i, document in enumerate(best_first)}
    judged = np.array([(number[document], grades[document]) for document in best_first], dtype=np.float64)
    order = [number.get(document, -1) for document, _ in ordered(rows)]
    found = np.column_stack([order, np.arange(len(order), 0, -1)]).astype(np.float64)
    return judged.reshape(-1, 2), found.reshape(-1, 2)

"""What is measured besides the usual metrics: the released ones with their rounding, and hits by stratum of the statements."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from harness.data.collection import Collection
from harness.vectors import isotropy

Run = dict[str, list[tuple[str, float]]]
Measure = tuple[str, str | None, float]
CUT = 5  # of every released metric


def released(run: Run, qrels: dict[str, dict[str, int]]) -> list[Measure]:
    """Return hit rate, normalised F1, MRR and plain F1 as released: each statement's value rounded to 3 decimals, then the mean."""
    rows = [_one([name for name, _ in run[query][:CUT]], set(liked)) for query, liked in qrels.items()]
    means = [round(sum(column) / len(column), 3) for column in zip(*rows, strict=True)]
    return [(f"{name}@released", None, mean) for name, mean in zip(("hit_rate", "recall", "mrr", "plain_f1"), means, strict=True)]


def plain_f1(run: Run, qrels: dict[str, dict[str, int]], cuts: tuple[int, ...]) -> list[Measure]:
    """Return F1 as it is usually written, 2PR / (P + R), by statement and cut."""
    return [
        (f"plain_f1@{cut}", query, _f1(sum(name in liked for name, _ in run[query][:cut]), len(liked), cut))
        for cut in cuts
        for query, liked in qrels.items()
    ]


def _one(top: list[str], liked: set[str]) -> tuple[float, float, float, float]:
    found = [name in liked for name in top]
    matches, best = sum(found), min(CUT, len(liked))
    plain, most = _f1(matches, len(liked), CUT), _f1(best, len(liked), CUT)
    first = 1 / (found.index(True) + 1) if matches else 0.0
    return float(matches > 0), round(plain / most, 3), round(first, 3), round(plain, 3)


def _f1(matches: int, liked: int, cut: int) -> float:
    precision, recall = matches / cut, matches / liked
    return 2 * precision * recall / (precision + recall) if matches else 0.0


def strata(collection: Collection) -> dict[str, str]:
    """Return statement id → one_label, all_mentioned or one_unmentioned: is every liked title quoted word for word?

    A title is the collection's own, or what stands before the first full stop of the course's text.
    """
    texts = zip(collection.document_ids, collection.titles, collection.texts, strict=True)
    titles = {name: _plain(title or text.split(".")[0]) for name, title, text in texts}
    found = {}
    for name, text in zip(collection.query_ids, collection.queries, strict=True):
        liked = collection.qrels[name]
        quoted = sum(titles[course] in _plain(text) for course in liked)
        found[name] = "one_label" if len(liked) == 1 else "all_mentioned" if quoted == len(liked) else "one_unmentioned"
    return found


def hits(run: Run, qrels: dict[str, dict[str, int]], of: dict[str, str]) -> list[Measure]:
    """Return hit rate and recall at 5 of every statement under the name of its stratum."""
    found: list[Measure] = []
    for query, liked in qrels.items():
        got = len({name for name, _ in run[query][:CUT]} & liked.keys())
        found.append((f"hit_rate@5[{of[query]}]", query, float(got > 0)))
        found.append((f"recall@5[{of[query]}]", query, got / len(liked)))
    return found


def by_course(qrels: dict[str, dict[str, int]], away: frozenset[str]) -> dict[str, str]:
    """Return statement id → unseen, partly or seen: are all, some or none of its liked courses set apart?"""
    return {q: ("unseen" if away >= liked.keys() else "partly") if away & liked.keys() else "seen" for q, liked in qrels.items()}


def transposed(vectors: NDArray[np.float32]) -> list[Measure]:
    """Return the IsoScore of (n, d) vectors taken as d samples of n dimensions: the package's older orientation."""
    moments, _ = isotropy.gather(lambda: [vectors.T.astype(np.float64)], [f"dimension {i}" for i in range(vectors.shape[1])])
    return [("isoscore_transposed", None, (isotropy.participation_ratio(moments) - 1) / (len(vectors) - 1))]


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().lower()

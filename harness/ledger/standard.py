"""Ranking metrics whose name says all: a ledger that prints `ndcg@10` need not declare what that is."""

from __future__ import annotations

import re

from harness.ledger.entries import Metric

NAME = re.compile(r"(ndcg|mrr|hit_rate|recall|precision|map|f1)@([1-9][0-9]{0,2})(?:-l([1-9][0-9]{0,5}))?")
SAID = {
    "ndcg": "normalised discounted cumulative gain at {}, linear gain",
    "mrr": "reciprocal rank of the first relevant document, 0 beyond rank {}",
    "hit_rate": "share of queries with a relevant document within rank {}",
    "recall": "share of the relevant documents within rank {}",
    "precision": "share of relevant documents among the first {}",
    "map": "average precision within rank {}",
    "f1": "harmonic mean of precision and recall at {}, per query",
}


def metric(name: str) -> Metric | None:
    """Return the declaration of a metric that is named as the harness computes it (`recall@100`, `mrr@10-l2`), else None."""
    match = NAME.fullmatch(name)
    if not match or (match[3] and match[1] == "ndcg"):
        return None
    level = f"; relevant: judged {match[3]} or higher" if match[3] else ""
    said = SAID[match[1]].format(match[2]) + level
    return Metric(definition=said, quantity=match[1], score=name, orientation="higher", range=[0, 1], cutoff=int(match[2]))

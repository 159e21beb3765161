"""Clean ledgers of made-up papers: every number is right, and printed by one rule of rounding."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np

from harness.ledger.claims import Claim, Document, Ledger, Metric

Rng = np.random.Generator
RULES = ("half up", "half even", "truncated")
WAYS = {"half up": ROUND_HALF_UP, "half even": ROUND_HALF_EVEN, "truncated": ROUND_DOWN}
PLACE = {"place": "made up", "status": "measured", "source": "primary", "study": "made", "untested": "made up"}
METRICS = {
    "hit": Metric(definition="hits", quantity="hit_rate", range=[0, 1], step=1, cutoff=5),
    "recall": Metric(definition="recall of two", quantity="recall", range=[0, 1], step=2, cutoff=5),
    "precision": Metric(definition="precision", quantity="precision", range=[0, 1], cutoff=5),
    "mrr": Metric(definition="reciprocal rank", quantity="mrr", range=[0, 1], cutoff=5),
    "ndcg": Metric(definition="ndcg", quantity="ndcg", score="ndcg@10", range=[0, 1], cutoff=10),
    "change": Metric(definition="percent change", quantity="other"),
    "isoscore": Metric(definition="isoscore", quantity="isoscore", range=[0, 1]),
    "mean_cosine": Metric(definition="mean cosine", quantity="mean_cosine", range=[-1, 1]),
    "sd_cosine": Metric(definition="sd of cosine", quantity="sd_cosine", range=[0, 1]),
}


def shown(value: float, decimals: int, rule: str) -> str:
    """Return a value as it is printed under a rule of rounding."""
    return f"{Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), rounding=WAYS[rule]):f}"


def ledger(rng: Rng, rule: str) -> Ledger:
    """Return a paper of four systems: rankings, means and changes over two sets, clouds of any length, and a second document."""
    percent, decimals, n = bool(rng.integers(2)), int(rng.integers(3, 5)), int(rng.integers(20, 200))
    claims: list[Claim] = []

    def add(name: str, value: float, metric: str, more: dict[str, Any], share: bool = True) -> None:
        unit = ("percent" if percent else "fraction") if share else more.pop("unit", "none")
        printed = shown(value * 100, decimals - 2, rule) if share and percent else shown(value, decimals, rule)
        entry = {"id": name, "printed": printed, "metric": metric, "kind": "absolute", "document": "P", "unit": unit}
        claims.append(Claim.model_validate({**PLACE, **entry, **more}))

    systems = [f"s{i}" for i in range(4)]
    table = {system: _system(rng, n) for system in systems}
    for system, found in table.items():
        for metric in ("hit", "recall", "precision", "mrr"):
            add(f"t1.{system}.{metric}", found[metric], metric, {"variant": system, "n": n, "collection": "a"})
        for one in ("a", "b"):
            add(f"t2.{system}.{one}", found[one], "ndcg", {"variant": system, "collection": one})
        mean = {"arithmetic": {"op": "mean", "of": [f"t2.{system}.a", f"t2.{system}.b"]}, "status": "derived"}
        add(f"t2.{system}.mean", (found["a"] + found["b"]) / 2, "ndcg", {"variant": system, **mean})
        base = table["s0"]["a"] + table["s0"]["b"]
        change = {
            "unit": "percent",
            "status": "derived",
            "arithmetic": {"op": "percent_change", "of": [f"t2.{system}.mean", "t2.s0.mean"]},
        }
        add(
            f"t2.{system}.change",
            100 * ((found["a"] + found["b"]) / base - 1),
            "change",
            {"variant": system, **change},
            share=False,
        )
        for metric, value in _cloud(rng).items():
            add(f"t3.{system}.{metric}", value, metric, {"variant": system, "points": 40, "dimensions": 8}, share=False)
        again = {"document": "Q", "restates": f"t2.{system}.a", "variant": system}
        claims.append(
            claims[-1].model_copy(update={"id": f"r.{system}", **_restated(found["a"], percent, decimals, rule), **again})
        )
    best = sorted(systems, key=lambda system: -table[system]["a"])
    order = {"id": "best", "printed": "is best", "kind": "best_of", "metric": "ndcg", "document": "P"}
    claims.append(Claim.model_validate({**PLACE, **order, "order": [[f"t2.{best[0]}.a"], [f"t2.{one}.a" for one in best[1:]]]}))
    documents = {name: Document(title=name, source="primary", locator="made up") for name in "PQ"}
    return Ledger(study="made", title="made up", documents=documents, metrics=METRICS, claims=claims)


def _restated(value: float, percent: bool, decimals: int, rule: str) -> dict[str, Any]:
    """The same value in another document, with a digit fewer, as a fraction or per cent."""
    text = shown(value * 100, decimals - 3, rule) if percent else shown(value, decimals - 1, rule)
    return {"printed": text, "unit": "percent" if percent else "fraction", "metric": "ndcg", "points": None, "dimensions": None}


def _system(rng: Rng, n: int) -> dict[str, float]:
    """Return the measures of n queries with two relevant texts each, ranked at random with a skill of the system's own."""
    skill = float(rng.uniform(0.1, 0.9))
    hits = rng.random((n, 5)) < skill * np.array([0.5, 0.3, 0.2, 0.15, 0.1])
    hits &= np.cumsum(hits, axis=1) <= 2
    first = np.where(hits.any(axis=1), 1 / (1 + np.argmax(hits, axis=1)), 0.0)
    return {
        "hit": float(hits.any(axis=1).mean()), "recall": float(hits.sum() / (2 * n)), "precision": float(hits.sum() / (5 * n)),
        "mrr": float(first.mean()), "a": float(rng.uniform(0.1, 0.8)), "b": float(rng.uniform(0.1, 0.8)),
    }  # fmt: skip


def _cloud(rng: Rng) -> dict[str, float]:
    """Return IsoScore and cosines of 40 vectors in 8 dimensions, of unequal lengths and with a common part."""
    vectors = rng.standard_normal((40, 8)) * np.exp(rng.normal(0, 1, (40, 1))) + rng.uniform(0, 2)
    spread = np.linalg.eigvalsh(np.cov(vectors.T))
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = (unit @ unit.T)[np.triu_indices(40, 1)]
    ratio = float(spread.sum() ** 2 / (spread**2).sum())
    return {"isoscore": (ratio - 1) / 7, "mean_cosine": float(cosines.mean()), "sd_cosine": float(cosines.std())}

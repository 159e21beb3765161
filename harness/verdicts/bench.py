"""Made-up papers and scores whose truth is known, for the workbench's test of itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from harness.ledger.claims import Claim, Document, Ledger, Metric
from harness.rankings.scores import Floats, Key, Measured
from harness.studies.experiment import Experiment, Role, Variant
from harness.studies.fidelity import Parts
from harness.studies.study import Study
from harness.verdicts.join import Scores

NAME, COLLECTION, METRIC = "bench", "made", "m"
PLAIN = {"study": NAME, "document": "D", "place": "Table 1", "status": "measured", "source": "primary", "metric": "m",
         "collection": COLLECTION, "variant": "a", "decidable_at": "embedded"}  # fmt: skip


@dataclass(frozen=True)
class World:
    """How scores come about: `queries` of two variants, `seeds` of each (0: deterministic), and what varies.

    `rho`: the standard error that seeds give a mean, over that of its queries. `mixed`: the part of a query under one seed,
    as a share of the spread of queries. `per_cluster`: queries that share a cluster, half of whose spread is the cluster's.
    `hits`: the share of hits, where every query counts 0 or 1; else the values are normal. `whole`: no values by query.
    """

    queries: int = 60
    seeds: tuple[int, int] = (0, 0)
    rho: float = 1.0
    mixed: float = 0.3
    per_cluster: int = 1
    hits: float | None = None
    whole: bool = False

    @property
    def clusters(self) -> np.ndarray[Any, np.dtype[np.intp]] | None:
        """The number of each query's cluster, (queries,), or None."""
        return np.arange(self.queries) // self.per_cluster if self.per_cluster > 1 else None

    def draw(self, rng: np.random.Generator, variant: int, mean: float, shared: Floats) -> Measured:
        """Draw the scores of one variant; `shared` (queries,) is what both variants have in common."""
        runs = max(1, self.seeds[variant])
        own = np.zeros(self.queries) if self.whole else 0.1 * self._by_query(rng)
        sd = self.seed_sd(variant)
        seeds = rng.normal(0, sd, runs) if self.seeds[variant] else np.zeros(1)
        values = mean + (shared + own)[:, None] + seeds
        if self.seeds[variant]:
            values = values + rng.normal(0, 0.1 * self.mixed, values.shape)
        return measured("ab"[variant], values, self.clusters, bool(self.seeds[variant]), self.whole)

    def seed_sd(self, variant: int) -> float:
        """The standard deviation between runs, from rho."""
        own = self.rho * 0.1 * (max(1, self.seeds[variant]) / self.queries) ** 0.5
        return float(own * (self.per_cluster / 2 + 0.5) ** 0.5)

    def _by_query(self, rng: np.random.Generator) -> Floats:
        alone = rng.normal(size=self.queries)
        if self.clusters is None:
            return alone
        return np.asarray((alone + rng.normal(size=self.queries)[self.clusters]) / 2**0.5)

    def pair(self, rng: np.random.Generator, gap: float) -> tuple[Measured, Measured]:
        """Draw two variants whose true means are `gap` apart."""
        if self.hits is not None:
            return self._hit(rng, 0, self.hits + gap), self._hit(rng, 1, self.hits)
        # A measure of the whole collection is of these documents: seeds alone vary.
        shared = np.zeros(self.queries) if self.whole else 0.2 * rng.normal(size=self.queries)
        return self.draw(rng, 0, 0.5 + gap, shared), self.draw(rng, 1, 0.5, shared)

    def _hit(self, rng: np.random.Generator, variant: int, share: float) -> Measured:
        """Draw hits: a query under a seed is one where its own luck, its cluster's or that run's is below the share."""
        runs = max(1, self.seeds[variant])
        luck = rng.random((self.queries, 1))
        if self.clusters is not None:
            of_cluster = rng.random((self.queries, 1))[self.clusters]
            luck = np.where(rng.random((self.queries, 1)) < 0.5, of_cluster, luck)
        if self.seeds[variant]:
            luck = np.where(rng.random((self.queries, runs)) < self.mixed, rng.random((self.queries, runs)), luck)
        return measured("ab"[variant], (luck < share).astype(np.float64), self.clusters, bool(self.seeds[variant]), False)


def measured(
    variant: str, values: Floats, clusters: Any, stochastic: bool, whole: bool = False, metric: str = METRIC
) -> Measured:
    """Return scores, (queries, seeds), as the harness reads them; `whole`: only the means."""
    queries = () if whole else tuple(f"q{i}" for i in range(len(values)))
    key, seeds = (NAME, variant, COLLECTION, metric), tuple(range(values.shape[1]))
    by_query = None if whole else values
    return Measured(
        key, seeds, values.mean(axis=0), by_query, queries, None if whole else clusters, stochastic, Parts("original", "none", "none")
    )


def study(*claims: Claim) -> Study:
    """Return a study of two variants whose ledger holds these claims."""
    roles = {COLLECTION: Role(embedded="x", substitute="x", original="x", identity="x")}
    written = Experiment(seeds=[0], metrics=[METRIC], collections=roles)
    variants = [Variant(name=v, method=NAME, group="g", seeds=[0], collections=[COLLECTION], settings={}) for v in "ab"]
    found = Study(name=NAME, folder=Path(NAME), experiment=written, variants=variants)
    documents = {"D": Document(title="A made-up paper", source="primary", locator="none")}
    metrics = {"m": Metric(definition="a made-up metric", quantity="m", score=METRIC, orientation="higher")}
    found.__dict__["ledger"] = Ledger(study=NAME, title="made up", documents=documents, metrics=metrics, claims=list(claims))
    return found


def scores(chosen: Study, *found: Measured) -> Scores:
    """Return the scores as the judge stage gets them."""
    table: dict[Key, Measured] = {one.key: one for one in found}
    return Scores("original", {NAME: chosen}, table, {})  # type: ignore[arg-type]


def order() -> Claim:
    """Return the claim that a stands above b."""
    refs = [[{"variant": v, "metric": "m", "collection": COLLECTION}] for v in "ab"]
    return Claim.model_validate(PLAIN | {"id": "order", "printed": "a is better", "kind": "ordering", "order": refs})


def size(margin: float | None, **more: Any) -> Claim:
    """Return a claim of one number of a; its printed string is filled in run by run."""
    reason = {"margin": {"value": margin, "reason": "made up"}} if margin else {}
    return Claim.model_validate(PLAIN | {"id": "size", "printed": "0.5", "kind": "absolute", **reason, **more})


def printed(claim: Claim, value: float, decimals: int) -> Claim:
    """Return the claim with a value printed to so many decimals."""
    return claim.model_copy(update={"printed": f"{value:.{decimals}f}"})

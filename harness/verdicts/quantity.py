"""What a claim says, recomputed: a number with the spread of its queries and of its seeds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from harness.config import Judgement
from harness.errors import InputError
from harness.ledger.claims import Claim, Ledger, ScoreRef, Unit
from harness.ledger.printed import parse
from harness.rankings.scores import Measured
from harness.studies.fidelity import Parts, together
from harness.verdicts import estimate
from harness.verdicts.crossed import Spread
from harness.verdicts.estimate import Estimate
from harness.verdicts.formula import ORIGIN, Formula, apply, scale_of, slopes
from harness.verdicts.join import NotRun, OutOfReach, Scores, Unusable
from harness.verdicts.pooling import Pool


@dataclass(frozen=True)
class Quantity:
    """One recomputed number in the claim's unit; `effect` is what its sign rests on, None where it claims no sign."""

    estimate: Estimate
    effect: Estimate | None

    @property
    def value(self) -> float:
        """The number, from the means over queries and seeds."""
        return self.estimate.value

    @property
    def leaves(self) -> tuple[Measured, ...]:
        """Every score that it is made from."""
        return self.estimate.leaves

    @property
    def spread(self) -> Spread:
        """How it varies with queries and seeds."""
        return self.estimate.spread

    @property
    def fidelity(self) -> Parts:
        """The weakest evaluation data, encoder and training data behind any part."""
        return together(leaf.fidelity for leaf in self.leaves)

    @property
    def queries(self) -> int | None:
        """The fewest queries behind any part; None for whole-collection measures."""
        return min((len(leaf.queries) for leaf in self.leaves if leaf.queries), default=None)

    @property
    def seeds(self) -> int:
        """The fewest seeds behind any stochastic part, else 1."""
        return self.spread.fewest_seeds or 1

    @property
    def query_error(self) -> float | None:
        """Standard error of the value from its queries alone; None where it has none, or a single one."""
        variance = self.spread.of_queries.variance
        return float(variance**0.5) if self.spread.units and np.isfinite(variance) else None

    @property
    def seed_sd(self) -> float | None:
        """Standard deviation of the value between single runs; 0 for deterministic ones, None where it is not known."""
        return None if self.spread.lone else float(sum(one.one.variance for one in self.spread.seeds.values()) ** 0.5)


@dataclass
class Recompute:
    """Finds and recomputes what the claims of one study say."""

    ledger: Ledger
    scores: Scores
    rules: Judgement
    path: str
    pool: Pool = field(init=False)
    known: dict[str, Claim] = field(init=False)  # the ledger's claims by id

    def __post_init__(self) -> None:
        self.pool = Pool(self.scores.table, self.rules.pooled_from)
        self.known = {claim.id: claim for claim in self.ledger.claims}

    def quantity(self, claim: Claim, score: str | None = None) -> Quantity:
        """Recompute a claim; `score` names one of several candidates. Raise NotRun, Unusable or InputError."""
        number = self._estimate(claim, score)
        if claim.arithmetic is None or claim.arithmetic.op not in ORIGIN or claim.beside:
            return Quantity(number, None)
        # Two numbers are equal where their difference is 0, and so is their change or their ratio no effect: one test.
        apart = claim.model_copy(update={"arithmetic": claim.arithmetic.model_copy(update={"op": "difference"})})
        return Quantity(number, self._estimate(apart, score))

    def _estimate(self, claim: Claim, score: str | None) -> Estimate:
        leaves: list[Measured] = []
        formula = self._formula(claim, leaves, score)
        means = [float(leaf.means.mean()) for leaf in leaves]
        with np.errstate(all="ignore"):  # what is not finite is refused below
            value, weights = float(formula([np.array([mean]) for mean in means])[0]), slopes(formula, means)
        if not np.isfinite([value, *weights]).all():
            raise Unusable("the scores hold a value that is not finite, or the arithmetic divides by zero")
        return estimate.of(leaves, weights, value, self.pool)

    def swapped(self, claim: Claim, score: str | None, swap: Callable[[Measured], float]) -> float:
        """Return the value of a claim with the mean of each of its scores given by `swap`; raise what `swap` raises."""
        leaves: list[Measured] = []
        formula = self._formula(claim, leaves, score)
        with np.errstate(all="ignore"):
            return float(formula([np.array([swap(leaf)]) for leaf in leaves])[0])

    def member(self, claim: Claim, side: str | ScoreRef) -> Measured:
        """Return the scores of one side of an ordering."""
        if isinstance(side, ScoreRef):
            metric = self.ledger.metrics.get(side.metric)
            score = metric.score if metric and metric.score else side.metric
            return self.scores.find(self._entry(claim), side.study or claim.study, side.variant, side.collection, score)
        return self.measured(self.claim(side))

    def measured(self, claim: Claim, score: str | None = None) -> Measured:
        """Return the scores that a claim about a single number names."""
        if claim.metric is None:
            raise NotRun("no metric stands with the claim")
        score = score or self.ledger.metrics[claim.metric].score
        if score is None:
            raise NotRun(f"no score stands for the metric '{claim.metric}'")
        try:
            found = self.scores.find(self._entry(claim), claim.study, claim.variant, claim.collection, score)
        except InputError:
            if claim.out_of_reach:
                raise OutOfReach(f"{claim.id}: {claim.out_of_reach}") from None
            if claim.untested:  # no run need know it; another claim may still point to it
                raise NotRun(f"{claim.id}: {claim.untested}") from None
            raise
        if not np.isfinite(found.means).all():
            raise Unusable(f"{score} of {claim.variant} on {claim.collection} is not a finite number")
        return found

    def claim(self, name: str) -> Claim:
        """Return a claim of this ledger by its id."""
        return self.known[name]

    def _entry(self, claim: Claim) -> str:
        return f"{self.path}: entry '{claim.id}'"

    def _formula(self, claim: Claim, leaves: list[Measured], score: str | None) -> Formula:
        """Return the claim's arithmetic over its leaves (appended to `leaves`), in the claim's unit."""
        if claim.beside and claim.arithmetic is None:
            start = len(leaves)
            leaves += [self.member(claim, ref) for ref in claim.beside]
            return lambda arrays: np.mean(arrays[start : start + len(claim.beside)], axis=0)
        if claim.arithmetic is None:
            leaves.append(self.measured(claim, score))
            at, scale = len(leaves) - 1, 100.0 if claim.unit == "percent" else 1.0
            return lambda arrays: scale * arrays[at]
        parts: list[Formula] = []
        units: set[Unit] = set()
        for item in claim.arithmetic.of:
            if operand := self.known.get(item):
                units.add(operand.unit)
                parts.append(self._formula(operand, leaves, None))
            else:
                parts.append(self._literal(claim, item))
        if not leaves:
            raise NotRun("the arithmetic holds nothing that a run computes")
        op, scale = claim.arithmetic.op, scale_of(claim, units)
        return lambda arrays: scale * apply(op, [part(arrays) for part in parts])

    def _literal(self, claim: Claim, item: str) -> Formula:
        number = parse(item)
        if number is None:
            raise NotRun(f"'{item}' in the arithmetic names no number")
        value = number.value
        return lambda arrays: np.full_like(arrays[0], value)

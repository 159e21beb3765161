"""What a claim says, recomputed: a number with the spread of its queries and of its seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from harness.config import Judgement
from harness.errors import InputError
from harness.ledger.claims import Claim, Ledger, ScoreRef, Unit
from harness.ledger.printed import parse
from harness.rankings.scores import Floats, Measured
from harness.studies.fidelity import weakest
from harness.verdicts.formula import Formula, apply, scale_of, seed_spread
from harness.verdicts.join import NotRun, Scores, Unusable
from harness.verdicts.resample import drawn


@dataclass(frozen=True)
class Quantity:
    """One recomputed number in the claim's unit.

    `draws`: nested bootstrap, (bootstrap,). `by_query`: the same with the seeds held, or None for whole-collection
    measures. `seed_sd`: standard deviation of one more seed about our mean, sqrt(Σ s²(1 + 1/k)); 0 for deterministic
    runs, None where a single seed of a stochastic variant leaves it unknown.
    """

    leaves: tuple[Measured, ...]
    value: float
    draws: Floats
    by_query: Floats | None
    seed_sd: float | None
    freedom: int | None

    @property
    def data_fidelity(self) -> str:
        """The weakest data behind any part."""
        return weakest(*(leaf.data_fidelity for leaf in self.leaves))

    @property
    def encoder_fidelity(self) -> str:
        """The weakest encoder behind any part."""
        return worst_encoder(self.leaves)

    @property
    def queries(self) -> int | None:
        """The fewest queries behind any part; None for whole-collection measures."""
        return min((len(leaf.queries) for leaf in self.leaves if leaf.queries), default=None)

    @property
    def seeds(self) -> int:
        """The fewest seeds behind any stochastic part, else 1."""
        return min((len(leaf.seeds) for leaf in self.leaves if leaf.stochastic), default=1)

    @property
    def query_error(self) -> float | None:
        """Standard error of the value from its queries alone."""
        return None if self.by_query is None else float(self.by_query.std())


def worst_encoder(leaves: Sequence[Measured]) -> str:
    """Return the weakest encoder fidelity, 'none' where no encoder is used."""
    used = [leaf.encoder_fidelity for leaf in leaves if leaf.encoder_fidelity != "none"]
    return weakest(*used) if used else "none"


@dataclass
class Recompute:
    """Finds and recomputes what the claims of one study say; remembers the draws of each score."""

    ledger: Ledger
    scores: Scores
    rules: Judgement
    path: str
    _draws: dict[Measured, tuple[Floats, Floats]] = field(default_factory=dict)

    def quantity(self, claim: Claim, score: str | None = None) -> Quantity:
        """Recompute a claim; `score` names one of several candidates. Raise NotRun, Unusable or InputError."""
        leaves: list[Measured] = []
        formula = self._formula(claim, leaves, score)
        value = float(formula([np.array([leaf.means.mean()]) for leaf in leaves])[0])
        draws = formula([self.drawn(leaf)[0] for leaf in leaves])
        if not (np.isfinite(value) and np.isfinite(draws).all()):
            raise Unusable("the scores hold a value that is not finite, or the arithmetic divides by zero")
        by_query = formula([self.drawn(leaf)[1] for leaf in leaves]) if any(leaf.queries for leaf in leaves) else None
        return Quantity(tuple(leaves), value, draws, by_query, *seed_spread(leaves, formula))

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
            if claim.untested:  # no run need know it; another claim may still point to it
                raise NotRun(f"{claim.id}: {claim.untested}") from None
            raise
        if not np.isfinite(found.means).all():
            raise Unusable(f"{score} of {claim.variant} on {claim.collection} is not a finite number")
        return found

    def claim(self, name: str) -> Claim:
        """Return a claim of this ledger by its id."""
        return next(claim for claim in self.ledger.claims if claim.id == name)

    def _entry(self, claim: Claim) -> str:
        return f"{self.path}: entry '{claim.id}'"

    def drawn(self, leaf: Measured) -> tuple[Floats, Floats]:
        """Return nested and query-only draws, (bootstrap,), made once."""
        if leaf not in self._draws:
            self._draws[leaf] = drawn(leaf, self.rules)
        return self._draws[leaf]

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
            operand = next((other for other in self.ledger.claims if other.id == item), None)
            if operand is not None:
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

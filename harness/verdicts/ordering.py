"""Orderings, recomputed: does every score of a tier stand above every score of the next one?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from harness.config import Judgement
from harness.ledger.claims import Claim
from harness.rankings.scores import Measured
from harness.studies.fidelity import Parts, together
from harness.verdicts import estimate
from harness.verdicts.estimate import Estimate
from harness.verdicts.quantity import Recompute


@dataclass(frozen=True)
class Pair:
    """One comparison: `gap` is the upper minus the lower mean, `p` two-sided, None where `lacking` says why."""

    upper: Measured
    lower: Measured
    apart: Estimate
    p: float | None
    floor: float
    lacking: str = ""

    @property
    def gap(self) -> float:
        """The upper minus the lower mean."""
        return self.apart.value


@dataclass(frozen=True)
class Ordering:
    """All adjacent comparisons of one claim; `p` is what enters Holm's correction.

    All pairs must hold, so the largest p counts for holding (intersection-union); one reversed pair is enough to
    contradict, so the smallest p of the reversed ones, times their possible number, counts for a reversal.
    """

    pairs: tuple[Pair, ...]

    @property
    def reversed(self) -> bool:
        """Whether any pair stands the other way round."""
        return any(pair.gap < 0 for pair in self.pairs)

    @property
    def lacking(self) -> str:
        """Why a pair could not be tested; empty where all could."""
        return next((pair.lacking for pair in self.pairs if pair.p is None), "")

    @property
    def p(self) -> float | None:
        """The raw p of holding or, where a pair is reversed, of the reversal."""
        if self.reversed:
            found = [pair.p for pair in self.pairs if pair.gap < 0 and pair.p is not None]
            return min(1.0, len(self.pairs) * min(found)) if found else None
        found = [pair.p for pair in self.pairs if pair.p is not None]
        return max(found) if len(found) == len(self.pairs) else None

    @property
    def floor(self) -> float:
        """The smallest p that so few units could give."""
        return max(pair.floor for pair in self.pairs)

    @property
    def weakest(self) -> Pair:
        """The pair with the smallest gap: the claim stands or falls with it."""
        return min(self.pairs, key=lambda pair: pair.gap)

    @property
    def leaves(self) -> list[Measured]:
        """Every score compared, pair by pair."""
        return [leaf for pair in self.pairs for leaf in (pair.upper, pair.lower)]

    @property
    def fidelity(self) -> Parts:
        """The weakest evaluation data, encoder and training data behind any side."""
        return together(leaf.fidelity for leaf in self.leaves)


def compare(claim: Claim, recompute: Recompute) -> Ordering:
    """Test every member of each tier against every member of the next; raise NotRun, Unusable or InputError."""
    tiers: list[Sequence[Measured]] = [[recompute.member(claim, side) for side in tier] for tier in claim.order or []]
    pairs = []
    for upper, lower in pairwise(tiers):
        pairs += [pair(a, b, recompute) for a in upper for b in lower]
    return Ordering(tuple(pairs))


def pair(upper: Measured, lower: Measured, recompute: Recompute) -> Pair:
    """Compare two scores by the crossed model: the same test as that of their printed difference."""
    apart = estimate.of_difference(upper, lower, recompute.pool)
    tested = apart.tested(recompute.rules)
    return Pair(upper, lower, apart, tested.p, tested.floor, tested.lacking)


def detectable(ordering: Ordering, rules: Judgement, tests: int = 1) -> float:
    """Return the smallest gap that the weakest comparison would find at the configured power, as one of `tests`."""
    return ordering.weakest.apart.detectable(rules, tests)

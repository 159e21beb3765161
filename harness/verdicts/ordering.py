"""Orderings, recomputed: does every score of a tier stand above every score of the next one?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from harness.config import Judgement
from harness.ledger.claims import Claim
from harness.rankings.scores import Floats, Measured
from harness.studies.fidelity import weakest
from harness.verdicts.quantity import Recompute, worst_encoder
from harness.verdicts.resample import bootstrap_p, interval, minimum_detectable, permutation_p, stream, welch_p

FEWEST_SEEDS = 3  # below which two lists of whole-collection measures are not tested


@dataclass(frozen=True)
class Pair:
    """One comparison: `gap` is the upper minus the lower mean, `p` two-sided, None where `lacking` says why."""

    upper: Measured
    lower: Measured
    gap: float
    p: float | None
    low: float
    high: float
    error: float
    lacking: str = ""


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
    def weakest(self) -> Pair:
        """The pair with the smallest gap: the claim stands or falls with it."""
        return min(self.pairs, key=lambda pair: pair.gap)

    @property
    def leaves(self) -> list[Measured]:
        """Every score compared, pair by pair."""
        return [leaf for pair in self.pairs for leaf in (pair.upper, pair.lower)]

    @property
    def data_fidelity(self) -> str:
        """The weakest data behind any side."""
        return weakest(*(leaf.data_fidelity for leaf in self.leaves))

    @property
    def encoder_fidelity(self) -> str:
        """The weakest encoder behind any side."""
        return worst_encoder(self.leaves)


def compare(claim: Claim, recompute: Recompute) -> Ordering:
    """Test every member of each tier against every member of the next; raise NotRun, Unusable or InputError."""
    tiers: list[Sequence[Measured]] = [[recompute.member(claim, side) for side in tier] for tier in claim.order or []]
    pairs = []
    for upper, lower in pairwise(tiers):
        pairs += [pair(a, b, recompute) for a in upper for b in lower]
    return Ordering(tuple(pairs))


def pair(upper: Measured, lower: Measured, recompute: Recompute) -> Pair:
    """Compare two scores by their queries where they share them, by their seeds where they have any."""
    rules = recompute.rules
    draws = recompute.drawn(upper)[0] - recompute.drawn(lower)[0]
    low, high = interval(draws, rules.confidence)
    gap, error = float(upper.means.mean() - lower.means.mean()), float(draws.std())
    p, lacking = _p(upper, lower, draws, rules)
    return Pair(upper, lower, gap, p, low, high, error, lacking)


def _p(upper: Measured, lower: Measured, draws: Floats, rules: Judgement) -> tuple[float | None, str]:
    """Queries and seeds must both speak: the larger p counts, and too few seeds of a stochastic run say nothing."""
    fewest = FEWEST_SEEDS if upper.by_query is None or lower.by_query is None else 2
    for side in (upper, lower):
        if side.stochastic and len(side.seeds) < fewest:
            return None, f"{side.key[1]} is stochastic and has {len(side.seeds)} of the {fewest} seeds that a test needs"
    seeds = [side.means if side.stochastic else side.means[:1] for side in (upper, lower)]
    by_seed = welch_p(*seeds) if upper.stochastic or lower.stochastic else 0.0
    return max(by_seed, _p_of_queries(upper, lower, draws, rules)), ""


def _p_of_queries(upper: Measured, lower: Measured, draws: Floats, rules: Judgement) -> float:
    if upper.by_query is None or lower.by_query is None:
        return 0.0 if upper.means.mean() != lower.means.mean() else 1.0
    if upper.queries != lower.queries:
        return bootstrap_p(draws, 0.0)
    difference = upper.by_query.mean(axis=1) - lower.by_query.mean(axis=1)
    rng = stream(rules.seed, *upper.key, *lower.key)
    return permutation_p(difference, upper.clusters, rules.permutations, rng)


def detectable(ordering: Ordering, rules: Judgement) -> float:
    """Return the smallest gap that the weakest comparison would find at the configured power."""
    return minimum_detectable(ordering.weakest.error, rules.alpha, rules.power)

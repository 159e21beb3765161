"""Evidence of absence: a replication Bayes factor, which tells 'no evidence' from 'evidence of none'."""

from __future__ import annotations

from math import log

import numpy as np

from harness.ledger.claims import Claim
from harness.verdicts.estimate import Estimate


def replication_bayes_factor(original: float, original_error: float, ours: float, our_error: float) -> float:
    """Return how much likelier our effect is if the original's holds than if there is none (Verhagen and Wagenmakers 2014).

    The effect that the original leads to expect is normal about what it printed, with its standard error; above 1 speaks
    for the effect, below 1 for none. Errors must be positive.
    """
    expected = _log_density(ours - original, float(np.hypot(original_error, our_error)))
    return float(np.exp(expected - _log_density(ours, our_error)))


def _log_density(away: float, error: float) -> float:
    """The normal log density but for a constant; written out, for loading scipy.stats takes longer than judging a study."""
    return -((away / error) ** 2) / 2 - log(error)


def of_effect(effect: Estimate, original: float, n: int | None) -> float | None:
    """Return the factor of an effect that a paper printed over `n` queries; None where n or our own error is not known.

    The original's error is ours, scaled to its queries, with the seeds of one run.
    """
    whole, queries = effect.spread.whole.variance, effect.spread.of_queries.variance
    count = min((len(leaf.queries) for leaf in effect.leaves if leaf.queries), default=None)
    if not n or not count or effect.spread.lone or not np.isfinite(whole) or not whole:
        return None
    theirs = queries * count / n + sum(one.one.variance for one in effect.spread.seeds.values())
    return replication_bayes_factor(original, theirs**0.5, effect.value, whole**0.5)


def printed_effect(claim: Claim, known: dict[str, Claim]) -> tuple[float, int | None] | None:
    """Return the effect that a claim printed, in its own unit, and over how many queries; None where it printed none.

    A difference says so itself; an ordering of two printed numbers is their difference.
    """
    if claim.arithmetic and claim.arithmetic.op == "difference" and claim.value:
        sides = [known[name] for name in claim.arithmetic.of if name in known]
        counts = [claim.n] if claim.n else [side.n for side in sides]
        return claim.value.value, min((n for n in counts if n), default=None)
    tiers = claim.order or []
    if len(tiers) == 2 and all(len(tier) == 1 and isinstance(tier[0], str) for tier in tiers):
        upper, lower = (known[str(tier[0])] for tier in tiers)
        if upper.value and lower.value and upper.unit == lower.unit:
            scale = 100.0 if upper.unit == "percent" else 1.0
            counts = [n for n in (upper.n, lower.n) if n]
            return (upper.value.value - lower.value.value) / scale, min(counts, default=None)
    return None

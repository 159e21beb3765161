"""What a printed value leaves open: its last digit, the runs that it is of, and the queries that it is over."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy  # its parts are loaded where they are first used

from harness.ledger.claims import Claim
from harness.ledger.printed import Printed

POINTS = (np.arange(4000) + 0.5) / 4000


@dataclass(frozen=True)
class Sample:
    """How the printed value was averaged: `n` units (None: unknown), and which way its metric is better."""

    n: int | None
    orientation: str = "none"


@dataclass(frozen=True)
class Runs:
    """How a printed value stands to single runs: `shift` and `variance` in standard deviations of one run.

    Of one run: 0 and 1. `best`: the mean of how many runs the best was taken, in the sense of the order statistic.
    """

    shift: float
    variance: float
    told: str


def rounded(claim: Claim) -> Printed:
    """Return the values that would be printed so: of truncated digits those that lie further from zero (from v, below v + unit)."""
    printed = claim.value
    assert printed is not None
    if claim.rounding != "truncated" or not printed.exact:
        return printed
    unit = printed.high - printed.low
    if printed.value < 0:
        return replace(printed, low=printed.value - unit, high=printed.value)
    return replace(printed, low=printed.value, high=printed.value + unit)


def runs(claim: Claim, orientation: str, single: bool) -> Runs:
    """Return how the printed value stands to single runs of ours; one that does not say counts as one run.

    A single run is met by a prediction interval (Patil, Peng and Leek 2016), a mean of m runs by a narrower one, the best of
    m by the expected maximum (Dodge et al. 2019), here of the normal: the empirical one ends at the best of our own seeds.
    `single`: whether the value is one variant's own; the best of differences is not told apart from one run.
    """
    word, _, count = claim.printed_runs.partition(" of ")
    if word == "mean":
        return Runs(0.0, 1 / int(count), f"a mean of {count} runs")
    if word == "best" and single and orientation in ("higher", "lower"):
        best = scipy.special.ndtri(POINTS ** (1 / int(count)))
        return Runs(float(best.mean()) * (1 if orientation == "higher" else -1), float(best.var()), f"the best of {count} runs")
    return Runs(0.0, 1.0, "one run")


def own_queries(claim: Claim, data: str) -> bool:
    """Say whether our queries are the very sample behind the printed value: the paper's data, and digits of its own."""
    if data != "original" or claim.same_queries is False:
        return False
    return claim.same_queries is True or claim.status != "copied"

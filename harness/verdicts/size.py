"""A printed number against ours: how far apart they are, and whether that is within the margin, beyond it, or not known.

On the paper's own data the queries are the very sample that the paper scored, so that seeds and rounding alone count. On
other data our queries, our seeds and the printed value's own queries do: as many as are printed; where their number is not
known, no error can be given to it, and nothing is said of its size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import scipy  # its parts are loaded where they are first used

from harness.config import Judgement
from harness.ledger.claims import Claim
from harness.ledger.printed import Printed, rounds_to
from harness.verdicts import crossed, proportion, student
from harness.verdicts.crossed import NOTHING, Part
from harness.verdicts.print_error import Runs, Sample, own_queries, rounded, runs
from harness.verdicts.quantity import Quantity

ErrorAt = Callable[[float], Part]  # the variance of ours - printed, were they truly so far apart


@dataclass(frozen=True)
class Size:
    """The test of ours − printed; `lacking` says why there is none.

    `low` and `high`: the interval at confidence 1 − 2·alpha, widened by what the printed digits leave open. `beyond`: the p
    of 'they lie within the margin of each other', None without a margin. `luck`: the chance that a true value at the
    margin's edge gives the very string. `rounds`: ours is printed so. `sure`: nothing varies that was not held.
    """

    rounds: bool
    lacking: str = ""
    low: float = 0.0
    high: float = 0.0
    beyond: float | None = None
    luck: float = 0.0
    edge: float = 0.0
    half_digit: float = 0.0
    error: ErrorAt = lambda apart: NOTHING
    told: str = ""

    @property
    def within(self) -> bool:
        """Whether the interval lies inside the margin; without one, inside one unit of the last printed digit."""
        return not self.lacking and -self.edge <= self.low and self.high <= self.edge

    @property
    def sure(self) -> bool:
        """Whether nothing varies: a deterministic run on the very queries that the paper scored."""
        return not self.lacking and not self.error(0.0).variance and not self.error(self.edge).variance


def of(claim: Claim, quantity: Quantity, sample: Sample, rules: Judgement) -> Size:
    """Hold a recomputed number against the printed one; the margin stands with the claim."""
    printed, own = rounded(claim), own_queries(claim, quantity.fidelity.evaluation)
    found = rounds_to(quantity.value, printed)
    same_string = found and own and not quantity.spread.seeds  # holds however few the queries are
    if not same_string and (reason := _lacking(quantity, sample, own, rules)):
        return Size(found, reason)
    said = runs(claim, sample.orientation, len({leaf.key[:2] for leaf in quantity.leaves}) == 1)
    error = _error(quantity, sample, printed.value, own, said)
    value = quantity.value + said.shift * (quantity.seed_sd or 0.0)
    edge = claim.margin.value if claim.margin else printed.high - printed.low
    low, high = _interval(value, printed, error, rules.alpha)
    beyond = _beyond(value, printed, error, edge) if claim.margin else None
    told = f", printed {said.told}" if quantity.spread.seeds and claim.printed_runs != "unknown" else ""
    half = (printed.high - printed.low) / 2
    return Size(found, "", low, high, beyond, _luck(printed, error(edge), edge), edge, half, error, told)


def detectable(size: Size, claim: Claim, rules: Judgement, tests: int) -> float | None:
    """Return the smallest true difference that would be called contradicted: margin, rounding, and what the test needs.

    As one of `tests` in a family (Holm's first step); without a margin, beyond the digits alone. None where nothing is told.
    """
    if size.lacking:
        return None
    margin = claim.margin.value if claim.margin else 0.0
    return margin + size.half_digit + crossed.detectable(size.error(margin), rules.alpha / tests, rules.power, sides=1)


def _lacking(quantity: Quantity, sample: Sample, own: bool, rules: Judgement) -> str:
    """Say what is missing to know how far ours may be from printed."""
    if reason := quantity.estimate.lacking(rules.fewest_seeds):
        return reason
    if quantity.spread.units == 1:
        return "a single query, or cluster of queries, tells nothing of others"
    if own:
        return ""
    if quantity.queries is None:
        return "other data than the paper's, and no values by query to tell their sampling error"
    return "" if sample.n else "other data than the paper's, and it is not known how many queries the printed value is over"


def _error(quantity: Quantity, sample: Sample, printed: float, own: bool, said: Runs) -> ErrorAt:
    """Return the variance of ours − printed, as a function of how far apart they truly are (it matters for shares alone)."""
    seeds = _of_seeds(quantity, said)
    if own:
        return lambda apart: seeds
    assert quantity.queries and sample.n
    spread, share = quantity.spread, quantity.estimate.share
    if share is None:
        both = spread.of_queries.times(1 + quantity.queries / sample.n)
        return lambda apart: crossed.crossed(both, seeds, spread.shared)
    scale, alone = quantity.estimate.weights[0], crossed.spread([share], [1.0], None)
    design = proportion.design_effect(share, replace(alone, seeds={}, shared=0.0))
    ours, theirs = (float(share.means.mean()), quantity.queries / design), (printed / scale, sample.n / design)
    freedom = spread.of_queries.freedom if share.clusters is not None else float("inf")

    def under(apart: float) -> Part:
        queries = Part(scale**2 * proportion.under(apart / scale, ours, theirs), freedom, freedom)
        return crossed.crossed(queries, seeds, spread.shared)

    return under


def _of_seeds(quantity: Quantity, said: Runs) -> Part:
    """Return the variance that seeds give to ours − printed: of our mean, and of the printed value's own run or runs."""
    found = quantity.spread.seeds.values()
    if not found:
        return NOTHING
    seeds = crossed.added([one.one.times(1 / one.runs + said.variance) for one in found])
    # What moves the best away from the mean is itself only estimated: the sd of an sd is sd / sqrt(2 · freedom).
    shifted = said.shift**2 * sum(one.one.variance for one in found) / (2 * seeds.freedom)
    return replace(seeds, variance=seeds.variance + shifted)


def _interval(value: float, printed: Printed, error: ErrorAt, alpha: float) -> tuple[float, float]:
    """Return every true difference that the test at `alpha` a side leaves, widened by the printed digits."""
    below, above = value - printed.high, value - printed.low
    return below - _reach(value - printed.value, error, alpha, -1), above + _reach(value - printed.value, error, alpha, 1)


def _reach(apart: float, error: ErrorAt, alpha: float, side: int) -> float:
    """Return how far from `apart` a true difference on one side can lie and not be rejected."""

    def left(far: float) -> float:
        part = error(apart + side * far)
        return float(far - student.bound(alpha, part.freedom) * part.variance**0.5)

    if left(0.0) >= 0:
        return 0.0
    high = -left(0.0)
    while left(high) < -1e-15:
        high *= 2
    return high if left(high) < 1e-15 else float(scipy.optimize.brentq(left, 0.0, high, xtol=1e-12))


def _beyond(value: float, printed: Printed, error: ErrorAt, margin: float) -> float:
    """Return the p of 'the two lie within the margin': one-sided, on the side where ours lies."""
    up = value >= printed.value
    excess = value - printed.high - margin if up else printed.low - margin - value
    part = error(margin if up else -margin)
    if not part.variance:
        return 0.0 if excess > 0 else 1.0
    return student.tail(excess / part.variance**0.5, part.freedom)


def _luck(printed: Printed, part: Part, edge: float) -> float:
    """Return the chance that a true value `edge` above the printed one comes out as its very string."""
    if not part.variance:
        return 0.0
    spread = part.variance**0.5
    low, high = ((bound - printed.value - edge) / spread for bound in (printed.low, printed.high))
    return student.tail(low, part.freedom) - student.tail(high, part.freedom)

"""Verdicts: one claim, what was recomputed, the audit's findings and the rules give one word and its reason.

Absolute numbers. `exact`: our mean over seeds rounds to the printed string. Else two one-sided tests on ours − printed:
the interval of that difference at confidence 1 − 2·alpha, widened by what the printed digits leave open, is
`equivalent` if it lies inside the margin, `contradicted` if it lies wholly outside, and `inconclusive` otherwise.
What counts in that interval depends on the data. With the paper's own data the queries are the very sample that the
paper scored, so only seeds count: a prediction interval, t · s · sqrt(1 + 1/k), of no width for a deterministic run
and of no end for a single seed of a stochastic one. With other data our query sampling error, the seeds and the
printed value's own error (where its n is known) all count. The interval shown beside a value is another one: the
nested bootstrap over queries and seeds at the configured confidence.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.config import FIDELITIES, Judgement
from harness.ledger.claims import Claim
from harness.ledger.printed import Printed, rounds_to
from harness.verdicts.formula import ORIGIN
from harness.verdicts.ordering import Ordering, detectable
from harness.verdicts.quantity import Quantity
from harness.verdicts.resample import bootstrap_p, minimum_detectable, quantile

WORDS = (
    "exact", "equivalent", "direction only", "inconclusive", "contradicted", "inconsistent as printed", "prediction",
    "not identifiable", "not decidable here", "not run", "error",
)  # fmt: skip
UNJUDGED = frozenset({"inconsistent as printed", "prediction", "not identifiable", "not decidable here", "not run", "error"})


@dataclass(frozen=True)
class Verdict:
    """The word, why, and what would change it; `mde` is the minimum detectable effect in the claim's unit."""

    word: str
    reason: str
    would_change: str
    mde: float | None = None


@dataclass(frozen=True)
class Sample:
    """How the printed value was averaged: `n` units (None: unknown), `binary` where each counts 0 or 1."""

    n: int | None
    binary: bool


def before_statistics(claim: Claim, inconsistent: list[str]) -> Verdict | None:
    """Return the verdicts that need no scores, in their order of precedence: predicted, inconsistent, untested."""
    if claim.status == "predicted":
        return Verdict("prediction", "the source expects it; nothing was measured", "a measured result printed in its place")
    if inconsistent:
        return Verdict("inconsistent as printed", "; ".join(inconsistent), "a correction of the printed numbers by their source")
    if claim.untested:
        return Verdict("not run", claim.untested, "a study that computes it, and the claim marked as decidable")
    return None


def not_run(reason: str) -> Verdict:
    """Return the verdict of a claim whose scores are not there."""
    return Verdict("not run", reason, "scores of what the claim names")


def unusable(reason: str) -> Verdict:
    """Return the verdict of a claim whose scores cannot be used."""
    return Verdict("error", reason, "a run whose scores are finite numbers")


def too_low(claim: Claim, data: str, encoder: str) -> Verdict | None:
    """Return `not decidable here` if the weakest fidelity of the scores is below what the claim asks for."""
    needed = claim.decidable_at or FIDELITIES[-1]  # unwritten: only the papers' own materials decide
    used = [part for part in (data, encoder) if part in FIDELITIES]
    if all(FIDELITIES.index(part) >= FIDELITIES.index(needed) for part in used):
        return None
    return Verdict(
        "not decidable here", f"made with {data} data and {encoder} encoder; {needed} decides", f"a run on {needed} materials"
    )


def of_ordering(ordering: Ordering, p: float | None, rules: Judgement) -> Verdict:
    """Judge an ordering by its weakest pair and its p after Holm; an ordering claims no size, so it can at best hold."""
    weakest, mde = ordering.weakest, detectable(ordering, rules)
    names = f"{weakest.upper.key[1]} over {weakest.lower.key[1]}: {weakest.gap:+.4f}"
    if ordering.lacking and p is None:
        return Verdict("inconclusive", f"{names}; {ordering.lacking}", "more seeds of the stochastic variants", mde)
    assert p is not None
    if p < rules.alpha and ordering.reversed:
        return Verdict("contradicted", f"reversed, {names}, p {p:.4f}", "a setting left unsaid that turns the order round", mde)
    if p < rules.alpha:
        return Verdict("direction only", f"holds, {names}, p {p:.4f}", "a run in which the order is significantly reversed", mde)
    return Verdict(
        "inconclusive", f"{names}, p {p:.4f}", f"more queries or seeds: a gap below {mde:.4f} cannot be seen here", mde
    )


def sign_p(claim: Claim, quantity: Quantity) -> float | None:
    """Return the two-sided p of 'no effect' for claims that are a difference, a change or a ratio; else None."""
    if claim.arithmetic is None or claim.arithmetic.op not in ORIGIN or quantity.seed_sd is None:
        return None
    return bootstrap_p(quantity.draws, ORIGIN[claim.arithmetic.op])


def of_size(claim: Claim, quantity: Quantity, sample: Sample, p: float | None, rules: Judgement) -> Verdict:
    """Judge a number: rounding, then the margin, then (for differences, p after Holm) the sign alone."""
    printed, margin = claim.value, claim.margin
    assert printed is not None
    error, missing = _error(quantity, sample, printed, claim)
    mde = None if error is None else minimum_detectable(error, rules.alpha, rules.power) + (printed.high - printed.low) / 2
    if rounds_to(quantity.value, printed):
        return Verdict(
            "exact", "our mean rounds to the printed string", "anything that moves our mean across a rounding edge", mde
        )
    if error is None:
        return Verdict("inconclusive", missing, "at least two seeds" if "seed" in missing else "scores by query", mde)
    half = quantile(rules.alpha, quantity.freedom) * error
    low, high = quantity.value - half - printed.high, quantity.value + half - printed.low
    span = f"ours - printed in [{low:+.4g}, {high:+.4g}]"
    if margin and -margin.value <= low and high <= margin.value:
        return Verdict("equivalent", f"{span}, inside ±{margin.value:g}", f"a difference beyond ±{margin.value:g}", mde)
    if (side := _side(claim, quantity, printed, p, rules)) is not None:
        return Verdict(*side, mde)
    if margin is None:
        return Verdict(
            "inconclusive", f"{span}; no margin was declared", "a margin with its reason, declared before the run", mde
        )
    if low > margin.value or high < -margin.value:
        change = f"a setting left unsaid that brings it within ±{margin.value:g}"
        return Verdict("contradicted", f"{span}, outside ±{margin.value:g}", change, mde)
    change = f"more seeds or queries: the minimum detectable effect is {mde:.4g}, the margin {margin.value:g}"
    return Verdict("inconclusive", f"{span}, neither inside nor outside ±{margin.value:g}", change, mde)


def _side(claim: Claim, quantity: Quantity, printed: Printed, p: float | None, rules: Judgement) -> tuple[str, str, str] | None:
    """Judge the sign of an effect whose size could not be matched; None where no sign is claimed or seen."""
    if claim.arithmetic is None or p is None or p >= rules.alpha:
        return None
    origin = ORIGIN[claim.arithmetic.op]
    if printed.value == origin:
        return None
    if (quantity.value > origin) == (printed.value > origin):
        return (
            "direction only",
            f"{quantity.value:+.4g} has the claimed sign, p {p:.4f}, but not the size",
            "a size within the margin",
        )
    return "contradicted", f"{quantity.value:+.4g} has the opposite sign, p {p:.4f}", "a setting left unsaid that turns the sign"


def _error(quantity: Quantity, sample: Sample, printed: Printed, claim: Claim) -> tuple[float | None, str]:
    """Return the standard error of ours − printed, or None and what is missing to know it."""
    if quantity.seed_sd is None:
        return None, "a single seed of a stochastic run tells nothing of its spread"
    if quantity.data_fidelity == "original":
        return quantity.seed_sd, ""
    if quantity.query_error is None or quantity.queries is None:
        return None, "other data than the paper's, and no values by query to tell their sampling error"
    ours = quantity.query_error**2
    theirs = ours * quantity.queries / sample.n if sample.n else 0.0
    if sample.n and sample.binary and claim.arithmetic is None:
        scale = 100.0 if claim.unit == "percent" else 1.0
        share = (printed.value / scale * sample.n + 2) / (sample.n + 4)  # Agresti and Coull: 0 and n are not certain
        theirs = scale**2 * share * (1 - share) / (sample.n + 4)
    return (ours + quantity.seed_sd**2 + theirs) ** 0.5, ""


def of_candidates(verdicts: dict[str, Verdict]) -> tuple[str, Verdict]:
    """Choose among what a number may mean, score id → verdict; return the score shown and the verdict."""
    fits = [score for score, verdict in verdicts.items() if verdict.word in ("exact", "equivalent")]
    unsure = [score for score, verdict in verdicts.items() if verdict.word not in ("exact", "equivalent", "contradicted")]
    change = "the metric's definition, from the source or its code"
    if len(fits) > 1:
        return fits[0], Verdict("not identifiable", f"{' and '.join(fits)} all reproduce it", change)
    if not fits and not unsure:
        return next(iter(verdicts)), Verdict("not identifiable", f"none of {', '.join(verdicts)} reproduces it", change)
    if unsure:
        reason = f"{', '.join(fits) or 'nothing'} reproduces it, and {', '.join(unsure)} cannot be excluded"
        return (fits or unsure)[0], Verdict("inconclusive", reason, verdicts[unsure[0]].would_change, verdicts[unsure[0]].mde)
    only = verdicts[fits[0]]
    return fits[0], Verdict(only.word, f"only as {fits[0]}: {only.reason}", only.would_change, only.mde)

"""Verdicts: one claim, what was recomputed, the audit's findings and the rules give one word and its reason.

Numbers. Two one-sided tests on ours − printed (size.py): the interval of that difference at confidence 1 − 2·alpha,
widened by what the printed digits leave open, is `equivalent` if it lies inside the margin, `contradicted` if it lies
wholly outside, after Holm's correction over the margin tests of its family, and `inconclusive` otherwise. For a difference,
whose size stays open, the sign alone may hold: `direction only`. `exact`: our mean rounds to the printed string, and that
is no luck: nothing varies in a deterministic run on the paper's own queries; else the interval must lie inside the margin
(inside one unit of the last digit, where none is declared), so that a value that differs by the margin is called exact at
most as often as alpha says. The chance that such a value gives the very string is told.
Orderings, and the signs of differences: one test, estimate.py. The interval shown beside a value is another one: what
other queries and seeds would give, at the configured confidence.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.config import FIDELITIES, Judgement
from harness.ledger.claims import Claim
from harness.studies.fidelity import PARTS, Parts
from harness.studies.fidelity import WORDS as PART_WORDS
from harness.verdicts.formula import ORIGIN
from harness.verdicts.join import NotRun, OutOfReach
from harness.verdicts.ordering import Ordering, detectable
from harness.verdicts.quantity import Quantity
from harness.verdicts.size import Size

WORDS = (
    "exact", "equivalent", "direction only", "inconclusive", "contradicted", "inconsistent as printed", "prediction",
    "not identifiable", "not decidable here", "out of reach", "not run", "error",
)  # fmt: skip
UNJUDGED = frozenset(WORDS) - {"exact", "equivalent", "direction only", "inconclusive", "contradicted"}

NEAR = 0.15  # of a factor of 100, within which a forgotten unit is likelier than any result


@dataclass(frozen=True)
class Verdict:
    """The word, why, and what would change it; `mde` is the minimum detectable effect in the claim's unit.

    Of an ordering or a sign: the smallest true gap that would be seen. Of a size: the smallest true difference from the
    printed value that would be called contradicted, margin and rounding included. None where no effect of any size would be.
    """

    word: str
    reason: str
    would_change: str
    mde: float | None = None


@dataclass(frozen=True)
class Family:
    """What a claim's family makes of its tests: p after Holm, and how many tests it has; None where there is no test."""

    p: float | None = None
    tests: int = 1


def before_statistics(claim: Claim, inconsistent: list[str]) -> Verdict | None:
    """Return the verdicts that need no scores, in their order of precedence: predicted, inconsistent, out of reach, untested."""
    if claim.status == "predicted":
        return Verdict("prediction", "the source expects it; nothing was measured", "a measured result printed in its place")
    if inconsistent:
        return Verdict("inconsistent as printed", "; ".join(inconsistent), "a correction of the printed numbers by their source")
    if claim.out_of_reach:
        return not_run(OutOfReach(claim.out_of_reach))
    if claim.untested:
        return Verdict("not run", claim.untested, "a study that computes it, and the claim marked as decidable")
    return None


def not_run(reason: NotRun) -> Verdict:
    """Return the verdict of a claim whose scores are not there, or cannot be had."""
    if isinstance(reason, OutOfReach):
        return Verdict("out of reach", str(reason), "the material itself, released by its source")
    return Verdict("not run", str(reason), "scores of what the claim names")


def unusable(reason: str) -> Verdict:
    """Return the verdict of a claim whose scores cannot be used."""
    return Verdict("error", reason, "a run whose scores are finite numbers")


def needed(claim: Claim) -> Parts:
    """Return the lowest fidelity of each part that decides a claim; unwritten, only the source's own materials do."""
    asked = claim.decidable_at
    return Parts(asked.evaluation, asked.encoder, asked.training) if asked else Parts(*(FIDELITIES[-1] for _ in PARTS))


def too_low(claim: Claim, used: Parts) -> Verdict | None:
    """Return `not decidable here` if any part of what the scores were made with is below what the claim asks for."""
    asked = needed(claim)
    if not (lacking := used.below(asked)):
        return None
    wanted = " and ".join(f"{getattr(asked, part)} {PART_WORDS[part]}" for part in lacking)
    return Verdict("not decidable here", f"made with {used}; it takes {wanted}", f"a run with {wanted}")


def hundredfold(claim: Claim, ours: list[float]) -> list[str]:
    """Ask for the unit where a single printed number is about 100 times ours, or a hundredth: per cent may be meant."""
    printed = claim.value.value if claim.value and claim.arithmetic is None else 0.0
    for value in ours:
        ratio = printed / value if value else 0.0
        if any(abs(ratio / factor - 1) < NEAR for factor in (100.0, 0.01)):
            return [f"ours is {value:.4g} and {claim.printed} is printed, a factor of 100: is the unit percent?"]
    return []


def not_a_value(claim: Claim, questions: list[str]) -> Verdict | None:
    """Return `inconclusive` for a printed limit, such as '<0.001', and where the unit is in question; None for a plain number."""
    if claim.value and claim.value.bound:
        reason = f"'{claim.printed}' is a limit, no value that ours could equal"
        return Verdict("inconclusive", reason, "the number itself, printed in its place")
    if questions:
        return Verdict("inconclusive", f"asked, not judged: {'; '.join(questions)}", "the unit, written with the claim")
    return None


def of_ordering(ordering: Ordering, family: Family, rules: Judgement, margin: float = 0.0) -> Verdict:
    """Judge an ordering by its weakest pair and its p after Holm; an ordering claims no size, so it can at best hold.

    A gap below the `margin` that was declared as meaningless neither holds nor contradicts, however surely it is there.
    """
    weakest, mde, p = ordering.weakest, seen(detectable(ordering, rules, family.tests)), family.p
    names = f"{weakest.upper.key[1]} over {weakest.lower.key[1]}: {weakest.gap:+.4f}"
    if p is not None and p < rules.alpha and abs(weakest.gap) < margin:
        reason = f"{names}, p {p:.4f}, a gap that is there, but below the declared margin of {margin:g}"
        return Verdict("inconclusive", reason, f"a run in which the gap is {margin:g} or more, either way", mde)
    if p is None:
        return Verdict("inconclusive", f"{names}; {ordering.lacking}", "more seeds of the stochastic variants", None)
    if p < rules.alpha and ordering.reversed:
        return Verdict("contradicted", f"reversed, {names}, p {p:.4f}", "a setting left unsaid that turns the order round", mde)
    if p < rules.alpha:
        return Verdict("direction only", f"holds, {names}, p {p:.4f}", "a run in which the order is significantly reversed", mde)
    if reason := out_of_reach(ordering.floor, family, rules):
        return Verdict("inconclusive", f"{names}, p {p:.4f}; {reason}", "more queries, or clusters of them", None)
    told = "a gap of any size" if mde is None else f"a gap below {mde:.4f}"
    change = f"more queries or seeds: {told} is seen here less often than {100 * rules.power:.0f} % of the time"
    return Verdict("inconclusive", f"{names}, p {p:.4f}", change, mde)


def out_of_reach(floor: float, family: Family, rules: Judgement) -> str:
    """Say that no result could pass, where the smallest p that so few units can give is above what Holm's first step asks."""
    if floor * family.tests < rules.alpha:
        return ""
    rest = f", times the {family.tests} tests of the family" if family.tests > 1 else ""
    return f"no result could pass: so few queries, or clusters of them, give no p below {floor:.2g}{rest}"


def seen(effect: float) -> float | None:
    """Return a detectable effect, None where it is infinite."""
    return effect if effect < float("inf") else None


def of_size(
    claim: Claim, quantity: Quantity, size: Size, sign: Family, mde: float | None, beyond: Family, rules: Judgement
) -> Verdict:
    """Judge a number: within the margin, beyond it (`beyond`: that test after Holm), else (for differences) the sign alone."""
    if size.rounds and (size.sure or (size.within and size.luck <= rules.alpha)):
        return Verdict("exact", _exact(size), "anything that moves our mean across a rounding edge", mde)
    rounds = "" if not size.rounds else "rounds to the printed string; " if size.lacking else f"{_exact(size)}; "
    span = f"{rounds}ours - printed in [{size.low:+.4g}, {size.high:+.4g}]{size.told}"
    margin = claim.margin.value if claim.margin else None
    if margin and size.within:
        return Verdict("equivalent", f"{span}, inside ±{margin:g}", f"a difference beyond ±{margin:g}", mde)
    side = _side(claim, quantity, sign, rules)
    if margin and beyond.p is not None and beyond.p < rules.alpha:
        held = f"; {side.reason}" if side and side.word == "direction only" else ""
        change = f"a setting left unsaid that brings it within ±{margin:g}"
        return Verdict("contradicted", f"{span}, outside ±{margin:g}, p {beyond.p:.4f}{held}", change, mde)
    if side is not None:
        return side
    if size.lacking:
        change = "more seeds of the stochastic variants" if "seeds" in size.lacking else "the paper's own data, or more queries"
        return Verdict("inconclusive", f"{rounds}{size.lacking}", change, None)
    if margin is None:
        return Verdict(
            "inconclusive", f"{span}; no margin was declared", "a margin with its reason, declared before the run", mde
        )
    alone = size.low > margin or size.high < -margin
    place = f"outside ±{margin:g}, but not as one of {beyond.tests} tests" if alone else f"neither inside nor outside ±{margin:g}"
    least = "none is" if mde is None or mde == float("inf") else f"the smallest is {mde:.4g}"
    change = f"more seeds or queries: of differences that are told from a margin of {margin:g} with {100 * rules.power:.0f} % power {least}"
    return Verdict("inconclusive", f"{span}, {place}", change, seen(mde) if mde is not None else None)


def _exact(size: Size) -> str:
    """Say that the string is ours, and how likely luck is."""
    if size.sure:
        return "our mean rounds to the printed string, and nothing varies that could do so by luck"
    return f"our mean rounds to the printed string, which a value ±{size.edge:g} away does with a chance of {size.luck:.2g}"


def _side(claim: Claim, quantity: Quantity, sign: Family, rules: Judgement) -> Verdict | None:
    """Judge the sign of an effect whose size could not be matched; None where no sign is claimed or seen."""
    printed, p = claim.value, sign.p
    if claim.arithmetic is None or printed is None or p is None or p >= rules.alpha or quantity.effect is None:
        return None
    mde = seen(quantity.effect.detectable(rules, sign.tests)) if claim.arithmetic.op == "difference" else None
    origin = ORIGIN[claim.arithmetic.op]
    if printed.low <= origin <= printed.high:
        return None
    if (quantity.value > origin) == (printed.value > origin):
        reason = f"{quantity.value:+.4g} has the claimed sign, p {p:.4f}, but not the size"
        return Verdict("direction only", reason, "a size within the margin", mde)
    reason = f"{quantity.value:+.4g} has the opposite sign, p {p:.4f}"
    return Verdict("contradicted", reason, "a setting left unsaid that turns the sign", mde)


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

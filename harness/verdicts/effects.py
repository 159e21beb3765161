"""A printed gain beside ours: effect ratio and difference of relative improvements (Breuer et al., SIGIR 2020)."""

from __future__ import annotations

from dataclasses import dataclass

from harness.ledger.claims import Claim
from harness.rankings import agreement
from harness.verdicts.formula import ORIGIN
from harness.verdicts.join import NotRun, Unusable
from harness.verdicts.quantity import Recompute


@dataclass(frozen=True)
class Effect:
    """`ratio`: our gain by the printed one. `delta_ri`: the printed relative gain minus ours. None where one is not defined."""

    ratio: float | None = None
    delta_ri: float | None = None


def operands(claim: Claim) -> tuple[str, str] | None:
    """Return the two printed numbers whose order, difference, ratio or change a claim is about; None where it is about none."""
    if claim.arithmetic and claim.arithmetic.op in ORIGIN and len(claim.arithmetic.of) == 2:
        return claim.arithmetic.of[0], claim.arithmetic.of[1]
    tiers = claim.order or []
    if len(tiers) == 2 and all(len(tier) == 1 and isinstance(tier[0], str) for tier in tiers):
        return str(tiers[0][0]), str(tiers[1][0])
    return None


def of(claim: Claim, recompute: Recompute) -> Effect:
    """Compare the gain of a claim's first number over its second, as printed and as recomputed."""
    sides = [recompute.known[name] for name in operands(claim) or () if name in recompute.known]
    if len(sides) != 2 or sides[0].unit != sides[1].unit:
        return Effect()
    try:
        ours = [recompute.quantity(side).value for side in sides]
    except (NotRun, Unusable):
        return Effect()
    printed = [side.value.value for side in sides if side.value]
    if len(printed) != 2:
        return Effect()
    ratio = agreement.effect_ratio(ours[0] - ours[1], printed[0] - printed[1])
    return Effect(ratio, agreement.delta_ri(*ours, *printed))

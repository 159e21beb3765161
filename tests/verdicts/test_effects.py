"""A printed gain beside ours."""

from types import SimpleNamespace

import pytest

from harness.ledger.printed import parse
from harness.verdicts import effects
from harness.verdicts.effects import Effect
from harness.verdicts.join import NotRun


def side(name, printed, unit="fraction"):
    return SimpleNamespace(id=name, value=parse(printed), unit=unit, arithmetic=None, order=None)


def about(*names, op=None):
    arithmetic = SimpleNamespace(op=op, of=list(names)) if op else None
    return SimpleNamespace(arithmetic=arithmetic, order=None if op else [[name] for name in names])


def recompute(ours, *claims):
    def quantity(claim):
        if claim.id not in ours:
            raise NotRun("not run")
        return SimpleNamespace(value=ours[claim.id])

    return SimpleNamespace(known={claim.id: claim for claim in claims}, quantity=quantity)


TABLE = (side("new", "0.60"), side("old", "0.50"), side("percent", "50", "percent"), side("zero", "0"))


@pytest.mark.parametrize(
    "claim", [about("new", "old"), about("new", "old", op="difference"), about("new", "old", op="percent_change")]
)
def test_half_the_printed_gain(claim):
    found = effects.of(claim, recompute({"new": 0.45, "old": 0.40}, *TABLE))
    assert found.ratio == pytest.approx(0.5)
    assert found.delta_ri == pytest.approx(0.2 - 0.125)


def test_a_reversed_gain_is_below_zero():
    assert effects.of(about("new", "old"), recompute({"new": 0.4, "old": 0.5}, *TABLE)).ratio == pytest.approx(-1)


@pytest.mark.parametrize(
    "claim",
    [
        about("new", "percent"),
        about("new", "absent"),
        about("new", "old", "zero"),
        about("new", "old", op="mean"),
        about("new", "0.5", op="difference"),
    ],
)
def test_no_ratio_where_two_printed_numbers_of_one_unit_are_not_there(claim):
    assert effects.of(claim, recompute({"new": 0.4, "old": 0.5, "percent": 40.0}, *TABLE)) == Effect()


def test_no_ratio_of_what_was_not_run_and_none_over_a_printed_zero():
    assert effects.of(about("new", "old"), recompute({"new": 0.4}, *TABLE)) == Effect()
    assert effects.of(about("new", "zero"), recompute({"new": 0.4, "zero": 0.1}, *TABLE)).delta_ri is None

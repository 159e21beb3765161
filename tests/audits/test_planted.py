"""The planted errors are what they are called, and a clean ledger is accused of nothing under any rule of rounding."""

import numpy as np
import pytest

from harness.audits import FROM_LEDGERS, clean, planted, planting


@pytest.fixture(scope="module")
def made():
    return clean.ledger(np.random.default_rng(1), "half up")


def printed(ledger, name):
    return next(claim for claim in ledger.claims if claim.id == name).printed


@pytest.mark.parametrize("kind", ["digit", "decimal shift", "transposition", "sign flip", "last digit"])
def test_one_number_is_changed_as_it_is_called(made, kind):
    for seed in range(30):
        (change,) = planting.KINDS[kind](made, "t2.s1.a", np.random.default_rng(seed)).values()
        old, new = printed(made, "t2.s1.a"), change["printed"]
        digits = [text.replace(".", "").lstrip("-0").rstrip("0") for text in (old, new)]
        if kind == "digit":
            assert len(old) == len(new) and sum(a != b for a, b in zip(old, new, strict=True)) == 1
        if kind in ("decimal shift", "sign flip"):
            assert digits[0] == digits[1] and float(new) != float(old)
        if kind == "transposition":
            assert sorted(old) == sorted(new) and old != new
        if kind == "last digit":
            assert abs(float(new) - float(old)) == pytest.approx(10.0 ** -len(old.partition(".")[2]))


def test_swaps_exchange_two_cells_of_a_column_or_a_row(made):
    for kind, part in (("row swap", 2), ("column swap", 1)):
        changed = planting.KINDS[kind](made, "t2.s1.a", np.random.default_rng(0))
        one, other = changed
        assert one.split(".")[part] == other.split(".")[part] and one != other
        assert changed[one]["printed"] == printed(made, other) and changed[other]["printed"] == printed(made, one)


def test_an_error_is_found_and_named(made):
    wrong = planting.planted(made, {"t2.s1.mean": {"printed": "0.9999" if "0." in printed(made, "t2.s1.mean") else "99.99"}})
    found = [f for audit in FROM_LEDGERS for f in audit.find([wrong]) if f.outcome == "inconsistent"]
    assert ("made:t2.s1.mean",) in [f.claims for f in found]
    assert planting.planted(made, {"t2.s1.a": {"printed": printed(made, "t2.s1.a")}}) is None


@pytest.mark.parametrize("rule", clean.RULES)
def test_a_clean_ledger_is_accused_of_nothing(rule):
    for seed in range(15):
        found = planted.accused([clean.ledger(np.random.default_rng(seed), rule)])
        assert [f.statement for f in found if f.outcome == "inconsistent"] == []


def test_values_are_printed_by_the_rule():
    assert [clean.shown(2 / 3, 2, rule) for rule in clean.RULES] == ["0.67", "0.67", "0.66"]
    assert [clean.shown(0.125, 2, rule) for rule in clean.RULES] == ["0.13", "0.12", "0.12"]


def test_a_rate_outside_its_bounds_fails():
    assert planted.row("c", "x", 9, 10, 0.9, 0.9, 1.0)["ok"] and not planted.row("c", "x", 8, 10, 0.9, 0.9, 1.0)["ok"]
    assert planted.row("c", "x", 0, 10, None, None, None)["ok"]

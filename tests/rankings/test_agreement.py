"""Measures of agreement, against values worked out by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.rankings import agreement


def test_equal_lists_agree_wholly_and_reversed_ones_not_at_all():
    one = list("abcde")
    assert [measure(one, one) for measure in agreement.MEASURES.values()] == pytest.approx([1, 1, 1])
    assert agreement.tau(one, one[::-1]) == pytest.approx(-1)
    assert agreement.tau_ap(one, one[::-1]) == pytest.approx(-1)


def test_tau_counts_pairs():
    # ab, ac, ad, bc, bd, cd: only bc is the other way round: (5 - 1) / 6
    assert agreement.tau("abcd", "acbd") == pytest.approx(4 / 6)


def test_a_document_that_one_list_lacks_stands_behind_it():
    assert agreement.tau("ab", "ac") == pytest.approx((2 - 1) / 3)  # ranks 0 1 2 and 0 2 1: ab and ac agree, bc does not
    # Over a b c d x y: ranks 0 1 2 3 4 4 and 0 1 4 4 2 3. With a 5 pairs agree, with b 4; cx cy dx dy do not; cd and xy are tied in one.
    assert agreement.tau("abcd", "abxy") == pytest.approx((9 - 4) / 14)


def test_tau_ap_weighs_the_top():
    # Yilmaz et al. 2008, eq. 1, truth abcd. Found bacd: a has b wrongly above it, c and d are right: 2/3 (0 + 1 + 1) - 1 = 1/3.
    top = agreement._tau_ap(list("abcd"), list("bacd"))
    # Found abdc: b and d have all of theirs rightly above, c has 2 of 3: 2/3 (1 + 1 + 2/3) - 1 = 7/9.
    bottom = agreement._tau_ap(list("abcd"), list("abdc"))
    assert (top, bottom) == pytest.approx((1 / 3, 7 / 9))
    assert agreement.tau_ap("abcd", "bacd") == pytest.approx(1 / 3)  # the swap of the two first is the same both ways round
    assert agreement.tau("abcd", "bacd") == agreement.tau("abcd", "abdc")


def test_tau_ap_looks_at_what_both_lists_hold():
    assert agreement.tau_ap("axbyc", "abzc") == pytest.approx(1)
    assert agreement.tau_ap("ab", "xb") is None


def test_rbo_is_the_weighted_overlap():
    # Depth 2: overlaps 0/1 and 2/2; extrapolated: 0.81 + 0.1 (0 + 0.9 * 1) = 0.9.
    assert agreement.rbo("ab", "ba", 0.9) == pytest.approx(0.81 + 0.1 * 0.9)
    assert agreement.rbo("ab", "xy") == 0
    assert agreement.rbo("", "ab") is None


def test_rbo_knows_a_change_at_the_top_from_one_below():
    one = [str(i) for i in range(20)]
    top, bottom = ["new", *one[1:]], [*one[:-1], "new"]
    assert agreement.rbo(one, top) < agreement.rbo(one, bottom) < 1


def test_rmse_is_by_query():
    assert agreement.rmse(np.array([0.0, 1.0]), np.array([1.0, 0.0])) == 1  # the means are equal, no query is


def test_effect_ratio_and_improvement():
    assert agreement.effect_ratio(0.02, 0.04) == pytest.approx(0.5)
    assert agreement.effect_ratio(-0.02, 0.04) == pytest.approx(-0.5)
    assert agreement.effect_ratio(0.02, 0.0) is None
    assert agreement.delta_ri(0.5, 0.5, 0.6, 0.5) == pytest.approx(0.2)
    assert agreement.delta_ri(0.5, 0.0, 0.6, 0.5) is None


def test_pairs_of_runs_and_queries_are_averaged():
    same, other = {"q": list("ab"), "r": list("ab")}, {"q": list("ba"), "r": list("ab")}
    assert agreement.of_rankings(same, other)["tau"] == pytest.approx(0)
    assert agreement.of_pairs([same, same, other])["tau"] == pytest.approx((1 + 0 + 0) / 3)
    with pytest.raises(ValueError, match="one run"):
        agreement.of_pairs([same])


@settings(deadline=None)
@given(st.permutations(range(12)), st.permutations(range(12)))
def test_tau_of_average_precision_is_what_loops_give_to_the_last_bit(one, other):
    truth, found = ([str(n) for n in each] for each in (one, other))
    above = [sum(truth.index(b) < truth.index(a) for b in found[:i]) / i for i, a in enumerate(found) if i]
    assert agreement._tau_ap(truth, found) == 2 * float(np.mean(above)) - 1

"""Sign flips against exact enumeration and independent libraries; Holm; streams."""


import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from harness.verdicts import resample


def rng(seed=1):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("n", [4, 9, 12])
def test_flips_are_exact_for_few_units(n):
    differences = rng(n).normal(0.4, 1, n)
    expected = stats.permutation_test(
        (differences,), lambda d, axis: d.sum(axis=axis), permutation_type="samples", n_resamples=np.inf, vectorized=True
    ).pvalue
    assert resample.flip_p(differences[:, None], 100, 1)[0] == pytest.approx(expected)


def test_flips_are_near_the_t_test_and_zero_is_no_effect():
    differences = rng(5).normal(0.2, 1, 200)
    p = resample.flip_p(np.column_stack([differences, np.zeros(200), differences]), 10000, 1)
    assert p[0] == pytest.approx(stats.ttest_1samp(differences, 0).pvalue, abs=0.01)
    assert p[1] == 1.0 and p[2] == p[0]  # equal effects share their flips


def test_one_unit_decides_nothing_and_few_have_a_floor():
    assert resample.flip_p(np.ones((1, 1)), 1000, 1)[0] == resample.floor(1, 1000) == 1.0
    assert resample.flip_p(np.ones((5, 1)), 1000, 1)[0] == resample.floor(5, 1000) == 2 / 32
    assert resample.flip_p(np.ones((40, 1)), 999, 1)[0] == resample.floor(40, 999) == 1 / 1000


def test_a_large_family_gets_flips_enough_for_its_smallest_p_to_pass():
    flips = resample.enough(10000, 384, 0.05)
    assert resample.holm([resample.floor(100, flips)] * 384)[0] < 0.05 < resample.holm([resample.floor(100, 999)] * 384)[0]
    assert resample.enough(10000, 3, 0.05) == 10000


def test_holm_agrees_with_statsmodels():
    values = [0.01, 0.04, 0.03, 0.005, 0.5]
    assert resample.holm(values) == pytest.approx(multipletests(values, method="holm")[1])


def test_a_stream_depends_on_its_names_alone():
    assert resample.stream(1, "a", "b").random() == resample.stream(1, "a", "b").random()
    assert resample.stream(1, "a", "b").random() != resample.stream(1, "ab").random()


def test_many_cells_are_summed_in_bounded_memory_and_get_the_same_p(monkeypatch):
    units = rng(3).normal(0.1, 1, (20, 50))
    whole = resample.flip_p(units, 2000, 1)
    monkeypatch.setattr(resample, "CELLS", 1000)
    held = [len(signs) for signs in resample._chunks(20, 2000, 1, 50)]
    assert max(held) * 50 <= 1000 and sum(held) == 2000
    assert max(len(signs) for signs in resample._chunks(20, 2000, 1, 1)) * 8 * 20 <= 1000
    np.testing.assert_array_equal(resample.flip_p(units, 2000, 1), whole)

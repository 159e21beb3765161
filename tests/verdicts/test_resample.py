"""Resampling against exact enumeration, independent libraries and simulation."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from harness.verdicts import resample


def rng(seed=1):
    return np.random.default_rng(seed)


def test_the_interval_covers_as_often_as_it_says():
    hits = 0
    for i in range(200):
        values = rng(i).normal(0.3, 1.0, size=(60, 1))
        draws = resample.query_draws(values, None, 400, rng(1000 + i))
        low, high = resample.interval(resample.nested(draws, rng(2000 + i)), 0.9)
        hits += low <= 0.3 <= high
    assert 0.84 <= hits / 200 <= 0.95  # 0.9, less the bootstrap's small-sample loss


def test_clusters_widen_the_interval():
    values = np.repeat(rng().normal(size=(20, 1)), 5, axis=0)
    clusters = np.repeat(np.arange(20), 5)
    alone = resample.query_draws(values, None, 2000, rng())[:, 0].std()
    together = resample.query_draws(values, clusters, 2000, rng())[:, 0].std()
    assert together / alone == pytest.approx(np.sqrt(5), rel=0.1)


@pytest.mark.parametrize(("queries", "seeds", "groups"), [(1, 1, 0), (7, 1, 0), (120, 3, 0), (90, 1, 30), (90, 5, 30)])
@pytest.mark.parametrize("cells", [100, 500_000])
def test_draws_at_once_are_draws_one_by_one(monkeypatch, queries, seeds, groups, cells):
    monkeypatch.setattr(resample, "CELLS", cells)
    values = rng(queries).normal(size=(queries, seeds))
    clusters = np.arange(queries) % groups if groups else None
    sums = np.array([values[clusters == g].sum(axis=0) for g in range(groups)]) if groups else values
    sizes = np.bincount(clusters) if groups else np.ones(queries)
    source, expected = rng(3), []
    for _ in range(301):
        chosen = source.integers(len(sums), size=len(sums))
        expected.append(sums[chosen].sum(axis=0) / sizes[chosen].sum())
    assert resample.query_draws(values, clusters, 301, rng(3)) == pytest.approx(np.array(expected), rel=1e-13, abs=1e-14)
    if not groups:
        assert np.array_equal(resample.query_draws(values, None, 301, rng(3)), expected)


def test_seeds_are_nested():
    values = np.tile([0.0, 1.0], (50, 1))  # queries agree, seeds do not
    draws = resample.query_draws(values, None, 500, rng())
    assert draws.mean(axis=1).std() == 0 and set(resample.nested(draws, rng())) == {0.0, 0.5, 1.0}


@pytest.mark.parametrize("n", [4, 9, 12])
def test_permutation_is_exact_for_few_units(n):
    differences = rng(n).normal(0.4, 1, n)
    expected = stats.permutation_test(
        (differences,), lambda d, axis: d.sum(axis=axis), permutation_type="samples", n_resamples=np.inf, vectorized=True
    ).pvalue
    assert resample.permutation_p(differences, None, 100, rng()) == pytest.approx(expected)


def test_permutation_by_flips_is_near_the_t_test_and_zero_is_no_effect():
    differences = rng(5).normal(0.2, 1, 200)
    p = resample.permutation_p(differences, None, 10000, rng())
    assert p == pytest.approx(stats.ttest_1samp(differences, 0).pvalue, abs=0.01)
    assert resample.permutation_p(np.zeros(50), None, 100, rng()) == 1.0


def test_holm_agrees_with_statsmodels():
    values = [0.01, 0.04, 0.03, 0.005, 0.5]
    assert resample.holm(values) == pytest.approx(multipletests(values, method="holm")[1])


def test_welch_and_quantiles_agree_with_scipy():
    one, other = rng(1).normal(size=5), rng(2).normal(1, 2, size=4)
    assert resample.welch_p(one, other) == pytest.approx(stats.ttest_ind(one, other, equal_var=False).pvalue)
    assert resample.welch_p(np.array([0.5]), np.array([0.5])) == 1.0 and resample.welch_p(np.array([0.5]), np.array([0.6])) == 0.0
    assert resample.quantile(0.05, None) == pytest.approx(1.6449, abs=1e-4)
    assert resample.quantile(0.05, 4) == pytest.approx(2.1318, abs=1e-4)


def test_the_detectable_effect_is_detected_as_often_as_it_says():
    effect = resample.minimum_detectable(1.0, 0.05, 0.8)
    z = rng().normal(effect, 1.0, 20000)
    assert (np.abs(z) > stats.norm.ppf(0.975)).mean() == pytest.approx(0.8, abs=0.01)


def test_a_stream_depends_on_its_names_alone():
    assert resample.stream(1, "a", "b").random() == resample.stream(1, "a", "b").random()
    assert resample.stream(1, "a", "b").random() != resample.stream(1, "ab").random()

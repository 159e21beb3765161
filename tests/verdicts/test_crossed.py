"""The crossed model and what it is made from: by hand, and against scipy and statsmodels."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from harness import config
from harness.ledger.claims import Claim
from harness.rankings.scores import Measured
from harness.studies.fidelity import Parts
from harness.verdicts import crossed, estimate, evidence, ordering, pooling, print_error, proportion, student
from harness.verdicts.crossed import Part


def measured(values, name="v", clusters=None, stochastic=None):
    values = np.atleast_2d(np.asarray(values, dtype=float).T).T
    queries, seeds = tuple(f"q{i:03}" for i in range(len(values))), tuple(range(values.shape[1]))
    trained = len(seeds) > 1 if stochastic is None else stochastic
    return Measured(("s", name, "c", "m"), seeds, values.mean(axis=0), values, queries, clusters, trained, Parts("original", "none", "none"))


def rng(seed=0):
    return np.random.default_rng(seed)


def test_queries_alone_give_the_standard_error_of_a_mean():
    values = rng().normal(size=40)
    spread = crossed.spread([measured(values)], [1.0], None)
    assert spread.whole.variance == pytest.approx(values.var(ddof=1) / 40) and spread.whole.freedom == pytest.approx(39)


def test_clusters_count_as_one():
    values, clusters = np.repeat(rng().normal(size=20), 5), np.repeat(np.arange(20), 5)
    spread = crossed.spread([measured(values, clusters=clusters)], [1.0], None)
    assert spread.whole.variance == pytest.approx(values[::5].var(ddof=1) / 20) and spread.units == 20


def test_seeds_add_theirs_and_what_both_count_is_taken_off():
    queries, seeds = rng(1).normal(size=(50, 1)), rng(2).normal(size=(1, 4))
    spread = crossed.spread([measured(queries + seeds)], [1.0], None)
    assert spread.of_seeds.variance == pytest.approx(seeds.var(ddof=1) / 4) and spread.of_seeds.freedom == pytest.approx(3)
    assert spread.whole.variance == pytest.approx(queries.var(ddof=1) / 50 + seeds.var(ddof=1) / 4)
    assert crossed.crossed(Part(3.0, 9.0, 9.0), Part(1.0, 3.0, 3.0)).freedom == pytest.approx(1 / ((3 / 9 + 1 / 3) / 4))


def test_a_lone_seed_and_a_single_query_leave_the_variance_unknown():
    assert crossed.spread([measured(rng().normal(size=(9, 1)), stochastic=True)], [1.0], None).lone
    assert not np.isfinite(crossed.spread([measured([[0.5]])], [1.0], None).whole.variance)
    assert estimate.of_score(measured([[0.5]]), None).interval(0.95) is None


def test_a_paired_difference_cancels_what_both_share():
    hard = rng(3).normal(size=(60, 1))
    upper, lower = measured(hard + 0.1), measured(hard, "w")
    apart = estimate.of_difference(upper, lower, None)
    assert apart.value == pytest.approx(0.1) and apart.spread.whole.variance == pytest.approx(0, abs=1e-20)


@pytest.mark.parametrize("freedom", [2.0, 5.5, 30.0, np.inf])
def test_bounds_and_tails_are_those_of_t(freedom):
    assert student.bound(0.025, freedom) == pytest.approx(stats.t.ppf(0.975, freedom))
    assert student.tail(1.7, freedom) == pytest.approx(stats.t.sf(1.7, freedom))


@pytest.mark.parametrize("freedom", [3.0, 10.0, 60.0])
def test_the_detectable_effect_has_the_power_that_is_asked(freedom):
    effect = student.effect(freedom, freedom, 0.025, 0.8)
    assert stats.nct.sf(stats.t.ppf(0.975, freedom), freedom, effect) == pytest.approx(0.8, abs=0.005)


@pytest.mark.parametrize(("hits", "n"), [(29, 30), (15, 30), (0, 20), (114, 120)])
def test_a_share_of_hits_has_wilsons_interval(hits, n):
    one = measured(np.r_[np.ones(hits), np.zeros(n - hits)])
    found = estimate.of_score(one, None).interval(0.95)
    assert found == pytest.approx(proportion_confint(hits, n, method="wilson"), abs=1e-9)


def test_hits_in_clusters_are_worth_fewer_queries():
    hits, clusters = np.repeat(np.r_[np.ones(10), np.zeros(10)], 4), np.repeat(np.arange(20), 4)
    one = measured(hits, clusters=clusters)
    effect = proportion.design_effect(one, crossed.spread([one], [1.0], None))
    assert 3.5 < effect < 4.5
    low, high = estimate.of_score(one, None).interval(0.95)
    alone = proportion_confint(40, 80, method="wilson")
    assert high - low > 1.8 * (alone[1] - alone[0])


def test_pooled_seeds_lend_what_agrees_and_a_restless_variant_keeps_its_own():
    alike = [(1.0, 2), (1.1, 2), (0.9, 2), (1.05, 2), (0.95, 2)]
    variance, freedom = pooling.moderated(0.2, 2, [*alike, (0.2, 2)])
    assert 0.5 < variance < 1.5 and freedom > 4
    assert pooling.moderated(9.0, 2, [*alike, (9.0, 2)]) == (9.0, 2.0)


def plain(**more):
    fields = {"id": "a", "study": "s", "printed": "0.66", "document": "P", "place": "x", "kind": "absolute", "status": "measured",
              "source": "primary", "untested": "n"}  # fmt: skip
    return Claim.model_validate(fields | more | ({"said": {k: "p" for k in more if k in ("printed_runs", "rounding")}} if more else {}))


@pytest.mark.parametrize(("m", "expected"), [(2, 0.56419), (5, 1.16296), (10, 1.53875)])
def test_the_best_of_m_lies_where_the_expected_maximum_does(m, expected):
    said = print_error.runs(plain(printed_runs=f"best of {m}"), "higher", True)
    assert said.shift == pytest.approx(expected, abs=2e-3)
    assert print_error.runs(plain(printed_runs=f"best of {m}"), "lower", True).shift == pytest.approx(-said.shift)
    assert print_error.runs(plain(printed_runs=f"mean of {m}"), "higher", True).variance == 1 / m
    assert print_error.runs(plain(), "higher", True).variance == 1.0


def test_truncated_digits_stand_for_what_lies_beyond_them():
    cut = print_error.rounded(plain(rounding="truncated"))
    assert (cut.low, cut.high) == pytest.approx((0.66, 0.67))
    below = print_error.rounded(plain(printed="-0.66", rounding="truncated"))
    assert (below.low, below.high) == pytest.approx((-0.67, -0.66))
    assert print_error.rounded(plain()).low == pytest.approx(0.655)


def test_the_replication_bayes_factor_by_hand():
    found = evidence.replication_bayes_factor(0.5, 0.1, 0.5, 0.1)
    assert found == pytest.approx(stats.norm.pdf(0, 0, 0.02**0.5) / stats.norm.pdf(0.5, 0, 0.1))
    assert evidence.replication_bayes_factor(0.5, 0.1, 0.0, 0.1) < 0.01


def test_an_ordering_and_the_difference_of_the_same_scores_are_one_test():
    rules = config.load().judgement
    upper, lower = measured(rng(5).normal(0.3, 1, (30, 3))), measured(rng(6).normal(0, 1, (30, 3)), "w")
    ordered = ordering.pair(upper, lower, SimpleNamespace(pool=None, rules=rules))
    signed = estimate.of([upper, lower], [100.0, -100.0], 100 * float(upper.means.mean() - lower.means.mean()), None)
    assert 0 < ordered.p < 1 and signed.tested(rules).p == pytest.approx(ordered.p)

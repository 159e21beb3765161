"""Differences between two trained variants: paired by syllabus, pooled over categories, empty where something was not run."""

import numpy as np
import pytest

from harness import config
from harness.verdicts.resample import interval
from replications.dual_loss import calibration, changes, scores

RULES = config.load(overrides={"fidelity": "embedded"}).judgement
SYLLABI = {f"q{i}": f"s{i // 4}" for i in range(40)}


def rows(variant, metric, values, collection="syllabi"):
    return [(variant, collection, metric, f"q{i}", float(value)) for i, value in enumerate(values)]


def test_a_difference_is_paired_and_pooled_over_categories():
    rng = np.random.default_rng(0)
    hits = rng.random(40) < 0.5
    names = {f"r{i}": f"s{i // 2}" for i in range(20)}
    faculty = [("mnrl", "syllabi", "accuracy_faculty@3", f"r{i}", 0.0) for i in range(20)]
    table = scores.of_rows(
        [
            *rows("mnrl", "accuracy_ta@3", hits), *faculty,
            *rows("dual", "accuracy_ta@3", hits), *(("dual", *one[1:-1], 1.0) for one in faculty),
        ],
        SYLLABI | names,
    )  # fmt: skip
    (_, head, found), *more = changes.tables(table, scores.of_pairs(table, RULES), RULES)
    assert not more and [row[:4] for row in found] == [
        ["syllabi", "the printed recipes: cosine loss, rate, warm-up", "dual", "mnrl"],
        ["structured", "the printed recipes: cosine loss, rate, warm-up", "dual", "mnrl"],
    ]
    told = dict(zip(head, found[0], strict=True))
    assert told["accuracy, printed"] == "+0.333 [+0.297, +0.370]"  # 20 of 60, alike in every syllabus seen: what hits leave open stays
    assert told["accuracy, paraphrases"] == told["same_chunks"] == found[1][4] == ""


def test_measures_of_other_queries_are_not_compared():
    table = scores.of_rows([*rows("mnrl", "unseen_ta@3", [1] * 40), *rows("dual", "unseen_ta@3", [1] * 20)], SYLLABI)
    assert set(changes.tables(table, scores.of_pairs(table, RULES), RULES)[0][2][0][4:]) == {""}


def test_calibration_is_compared_on_the_same_draws_of_pairs():
    rng = np.random.default_rng(1)
    good, bad = rng.uniform(0.5, 0.9, 30), rng.uniform(0.1, 0.5, 10)
    groups = {f"q{i}": f"q{i}" for i in range(30)}

    def calibrated(variant, shift):
        scaled, labels = np.concatenate([good, bad]) + shift, np.repeat([1.0, 0.0], [30, 10])
        whole = calibration.whole(scaled, labels, 10)
        return [
            *rows(variant, "cosine_positive", good + shift, "held_pairs"), *rows(variant, "cosine_negative", bad + shift, "held_pairs"),
            *((variant, "held_pairs", metric, None, whole[metric]) for metric in ("auc", "calibration_error")),
        ]  # fmt: skip

    table = scores.of_rows([*calibrated("mnrl_1e-5", 0.0), *calibrated("dual_held", 0.05)], groups)
    found = {title: rows_ for title, _, rows_ in changes.tables(table, scores.of_pairs(table, RULES), RULES)}
    (row,) = found["What one change does to calibration on held-out pairs: difference"]
    assert row[:4] == ["cosine loss, both at 1e-5", "dual_held", "mnrl_1e-5", "+0.000 [+0.000, +0.000]"]  # the order is the same
    keys = [("dual_loss", variant, "held_pairs", "calibration_error") for variant in ("dual_held", "mnrl_1e-5")]
    draws = [scores.of_pairs(table, RULES)[key] for key in keys]
    apart = np.subtract(*[np.subtract(*reversed(interval(one, 0.95))) for one in (draws[0] - draws[1], draws[0])])
    assert apart < 0  # paired: narrower than either alone
    assert table[keys[0]].means.mean() - table[keys[1]].means.mean() == pytest.approx(float(row[4].split()[0]), abs=5e-4)


def test_a_basic_interval_mirrors_the_draws_about_the_value():
    draws = np.linspace(0.2, 0.4, 1001)
    assert scores.pair_interval("calibration_error", 0.25, draws, RULES) == pytest.approx((0.105, 0.295), abs=1e-3)
    assert scores.pair_interval("auc", 0.25, draws, RULES) == pytest.approx((0.205, 0.395), abs=1e-3)

"""Contrasts: gains on some measures against gains on others, on numbers whose answer is known."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from harness import config
from harness.errors import InputError
from harness.pages import sections
from harness.rankings.scores import Measured
from harness.studies.experiment import Contrast
from harness.studies.fidelity import Parts
from harness.verdicts import contrast

RULES = config.load().judgement.model_copy(update={"bootstrap": 1000})
ENTRY = Contrast(
    title="Leakage", variants=["tuned*"], baseline="base", metrics=["seen_a", "seen_b"], less=["unseen"], collections=["c"]
)
STUDY = SimpleNamespace(name="s", folder="s", variants=[SimpleNamespace(name=n) for n in ("base", "tuned", "tuned_2")])


def measured(variant, metric, values, groups):
    values = np.atleast_2d(np.asarray(values, dtype=float).T).T
    queries = tuple(f"{metric}{i}" for i in range(len(values)))
    seeds = tuple(range(values.shape[1]))
    return Measured(
        ("s", variant, "c", metric),
        seeds,
        values.mean(axis=0),
        values,
        queries,
        None,
        len(seeds) > 1,
        Parts("original", "original", "none"),
        tuple(groups),
    )


def scores(seen, unseen, clusters=30, noise=0.3, seeds=3, seed=0):
    """Every cluster has two seen and three unseen queries; the baseline is the same for all of a cluster."""
    rng, found = np.random.default_rng(seed), {}
    hard = rng.normal(0, noise, clusters)
    for metric, each, gain in (("seen_a", 1, seen), ("seen_b", 1, seen), ("unseen", 3, unseen)):
        groups = [f"g{i}" for i in range(clusters) for _ in range(each)]
        base = np.repeat(hard, each)
        for variant, more, k in (("base", 0.0, 1), ("tuned", gain, seeds)):
            values = base[:, None] + more + rng.normal(0, 0.05, (len(base), k)) * (variant != "base")
            one = measured(variant, metric, values, groups)
            found[one.key] = one
    return SimpleNamespace(table=found)


def test_a_gain_on_seen_questions_alone_is_told():
    (row,) = contrast.rows(STUDY, "x", ENTRY, scores(0.3, 0.05), RULES)
    assert row["gain"] == pytest.approx(0.3, abs=0.02) and row["gain_less"] == pytest.approx(0.05, abs=0.02)
    assert row["low"] < row["difference"] < row["high"] and row["low"] > 0.15
    assert (row["outcome"], row["clusters"], row["seeds"]) == ("more", 30, 3)
    page = sections.contrast_cells({"title": "t", "baseline": "base", "metrics": ["a"], "less": ["b"], "rows": [row]})
    assert page["rows"][0]["outcome"] == "gains more" and "gain over base on a, less its gain on b" in page["told"]


def test_every_metric_weighs_the_same_however_many_questions_ask_it():
    """A gain on one metric alone is the same gain on both sides, though it has half the seen questions and a third of the unseen."""
    found = {}
    for metric, each, gain in (("seen_a", 1, 0.3), ("seen_b", 1, 0.0), ("unseen", 1, 0.3), ("unseen_b", 2, 0.0)):
        groups = [f"g{i}" for i in range(20) for _ in range(each)]
        for variant in ("base", "tuned"):
            one = measured(variant, metric, np.full(len(groups), gain * (variant == "tuned")), groups)
            found[one.key] = one
    entry = ENTRY.model_copy(update={"less": ["unseen", "unseen_b"]})
    (row,) = contrast.rows(STUDY, "x", entry, SimpleNamespace(table=found), RULES)
    assert row["gain"] == row["gain_less"] == pytest.approx(0.15) and row["low"] == row["high"] == 0


def test_a_single_training_is_shown_and_not_tested():
    several = scores(0.3, 0.05, seeds=2).table
    single = {
        key: replace(one, by_query=one.by_query[:, :1], means=one.means[:1], seeds=(0,)) if key[1] == "tuned" else one
        for key, one in several.items()
    }
    (row,) = contrast.rows(STUDY, "x", ENTRY, SimpleNamespace(table=single), RULES)
    assert (row["p"], row["holm"], row["outcome"], row["seeds"]) == (None, None, "one training", 1)
    assert row["low"] < row["difference"] < row["high"] and 0 < row["detectable"] < 0.2
    page = sections.contrast_cells({"title": "t", "baseline": "base", "metrics": ["a"], "less": ["b"], "rows": [row]})
    assert page["rows"][0]["outcome"] == "one training, no test" and page["rows"][0]["p"] == ""


def test_the_seeds_of_a_trained_baseline_count():
    """Seeds of the baseline that differ on one side alone widen the interval, and change no gain."""
    several = scores(0.3, 0.05).table
    trained = {
        key: replace(
            one,
            means=one.means + np.array([-0.4, 0.0, 0.4]) * (key[3] == "unseen"),
            by_query=one.by_query + np.array([[-0.4, 0.0, 0.4]]) * (key[3] == "unseen"),
            seeds=(0, 1, 2),
            stochastic=True,
        )
        if key[1] == "base"
        else one
        for key, one in several.items()
    }
    (fixed,), (wide,) = (contrast.rows(STUDY, "x", ENTRY, SimpleNamespace(table=one), RULES) for one in (several, trained))
    assert wide["difference"] == pytest.approx(fixed["difference"]) and wide["outcome"] == "not shown"
    assert wide["high"] - wide["low"] > 0.7 > fixed["high"] - fixed["low"]


def test_an_equal_gain_is_not_and_a_reversed_one_is_less():
    (same,) = contrast.rows(STUDY, "x", ENTRY, scores(0.2, 0.2), RULES)
    assert same["outcome"] == "not shown" and same["low"] < 0 < same["high"]
    assert contrast.rows(STUDY, "x", ENTRY, scores(0.0, 0.2), RULES)[0]["outcome"] == "less"


def test_a_difference_of_nothing_is_called_about_as_often_as_alpha_says():
    called, entry = 0, ENTRY.model_copy(update={"metrics": ["seen_a"]})
    for seed in range(200):
        rng = np.random.default_rng(seed)
        found, groups = {}, [f"g{i}" for i in range(28) for _ in range(2)]
        shared = np.repeat(rng.normal(0, 0.3, 28), 2)
        for metric in ("seen_a", "unseen"):
            for variant in ("base", "tuned"):
                values = rng.normal(0, 0.3, 56) + (shared if variant == "tuned" else 0)
                one = measured(variant, metric, values, groups)
                found[one.key] = one
        called += contrast.rows(STUDY, "x", entry, SimpleNamespace(table=found), RULES)[0]["outcome"] != "not shown"
    assert called / 200 <= 0.11


def test_clusters_that_only_one_side_has_and_what_was_not_run():
    found = scores(0.3, 0.05)
    fewer = {key: measured(key[1], key[3], one.by_query[:6], one.groups[:6]) if key[3] == "unseen" else one
             for key, one in found.table.items()}  # fmt: skip
    assert contrast.rows(STUDY, "x", ENTRY, SimpleNamespace(table=fewer), RULES)[0]["clusters"] == 30
    for metric in ("seen_b", "unseen"):
        some = {key: one for key, one in found.table.items() if key[3] != metric}
        assert contrast.rows(STUDY, "x", ENTRY, SimpleNamespace(table=some), RULES) == []
    one = found.table["s", "tuned", "c", "unseen"]
    loose = {**found.table}
    for variant in ("base", "tuned"):
        loose["s", variant, "c", "seen_b"] = measured(variant, "seen_b", found.table["s", variant, "c", "seen_b"].by_query, ())
    with pytest.raises(InputError, match="some of seen_a, seen_b have clusters and some have none"):
        contrast.rows(STUDY, "x", ENTRY, SimpleNamespace(table=loose), RULES)
    other = measured("tuned", "unseen", one.by_query[:5], one.groups[:5])
    with pytest.raises(InputError, match="unseen of tuned and base on c are not of the same queries"):
        contrast.rows(STUDY, "x", ENTRY, SimpleNamespace(table={**found.table, other.key: other}), RULES)


def test_a_pattern_without_a_variant_is_named():
    with pytest.raises(InputError, match=r"contrasts.x: variants: 'tned' fits no variant \(did you mean 'tuned'\?\)"):
        contrast.rows(STUDY, "x", ENTRY.model_copy(update={"variants": ["tned"]}), SimpleNamespace(table={}), RULES)

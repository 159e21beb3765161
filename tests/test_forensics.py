"""Readings of printed values: what fits, what luck would give, and the words for it."""

from types import SimpleNamespace

import numpy as np
import pytest
import yaml

from harness import config, forensics
from harness.errors import InputError
from harness.forensics import Cell
from harness.ledger.printed import parse
from harness.pages import sections
from harness.rankings.scores import Measured
from harness.studies import study
from harness.studies.fidelity import Parts

LEDGER = {
    "title": "t",
    "documents": {"d": {"title": "d", "source": "primary", "locator": "l"}},
    "metrics": {name: {"definition": name, "quantity": name, "score": f"{name}@5", "step": 1} for name in ("hit_rate", "mrr")},
    "claims": [
        {"id": f"{name}.base", "printed": printed, "document": "d", "place": "p", "kind": "absolute", "status": "measured",
         "metric": name, "variant": "base", "collection": "letters", "n": 1000, "decidable_at": "original",
         "margin": {"value": 0.01, "reason": "r"}, "unit": "fraction"}
        for name, printed in (("hit_rate", "0.611"), ("mrr", "0.322"))
    ],
}  # fmt: skip
EXPERIMENT = {
    "seeds": [0],
    "metrics": ["hit_rate@5", "mrr@5", "hit_rate@10", "mrr@10"],
    "collections": {"letters": {"embedded": "letters"}},
    "variants": {"base": {"method": "letters", "weight": 1.0}, "other": {"method": "letters", "weight": 2.0}},
    "forensics": {
        "column": {
            "title": "t",
            "claims": ["*.base"],
            "axes": {"variant": ["base", "other"], "cut": [5, 10]},
            "scores": {"hit_rate": "hit_rate@{cut}", "mrr": "mrr@{cut}"},
            "together": [],
            "within": None,
        }
    },
}


def cell(name, printed, *values, grain=0.0, group=None):
    value = parse(printed)
    return Cell(name, group or name, value.low, value.high, grain, list(values))


def test_luck_is_the_density_of_the_readings_about_the_print():
    spread = [i / 100 + 0.0005 for i in range(100)]  # evenly over [0, 1]: a window of 0.01 holds one in a hundred
    assert forensics.lucky(cell("a", "0.50", *spread)) == pytest.approx(0.01, rel=0.3)
    assert forensics.lucky(cell("a", "0.50", *spread, grain=0.1)) == pytest.approx(0.1, rel=0.3)
    assert forensics.lucky(cell("a", "0.50", *spread, 1000.0)) == pytest.approx(0.01, rel=0.3)  # one far away thins out nothing
    assert forensics.lucky(cell("a", "0.50", 0.5, None)) == 1.0 and forensics.lucky(cell("a", "0.50", None)) == 1.0


def test_a_reading_is_found_by_several_cells_and_not_by_one():
    drawn = np.random.default_rng(0).uniform(0, 1, (3, 8))
    drawn[0][2], drawn[1][2], drawn[2][5] = 0.611, 0.322, 0.125
    cells = [cell(str(i), printed, *drawn[i]) for i, printed in enumerate(("0.611", "0.322", "0.125"))]
    rows = forensics.judge(cells, 0.05)
    assert rows[2]["given"] == ["0", "1"] and rows[2]["outcome"] == "found" and rows[2]["chance"] < 0.001
    assert rows[5]["outcome"] == "luck not excluded" and rows[0]["outcome"] == "not found"


def test_loosely_printed_values_are_given_by_luck():
    rows = forensics.judge([cell("a", "0.6", 0.1, 0.6, 0.9), cell("b", "0.3", 0.2, 0.3, 0.7)], 0.05)
    assert rows[1]["given"] == ["a", "b"] and rows[1]["outcome"] == "luck not excluded" and rows[1]["chance"] > 0.05


@pytest.mark.parametrize("outlier", [False, True])
def test_a_system_that_is_none_of_the_readings_is_seldom_found(outlier):
    """Sixteen systems, three cuts, two geometries; hit rate, F1 and MRR of one ranking move together, and one may lie far off."""
    rng, called, trials = np.random.default_rng(3), 0, 100

    def system(level):
        hit = rng.binomial(120, np.clip(level * np.array([0.7, 1.0, 1.3]), 0, 1)) / 120
        return hit, hit * rng.uniform(0.5, 1, 3), hit * rng.uniform(0.4, 1, 3), rng.uniform(0.02, 0.08, 2)

    for _ in range(trials):
        systems = [system(rng.uniform(0.02, 0.12)) for _ in range(15)] + [system(0.75 if outlier else 0.05)]
        hit, f1, mrr, geometry = system(rng.uniform(0.02, 0.12))
        printed = [f"{x:.3f}" for x in (hit[1], f1[1], mrr[1], geometry[0])]
        columns = [[s[part][cut] for s in systems for cut in range(3) for _ in range(2)] for part in range(3)]
        columns.append([s[3][way] for s in systems for _ in range(3) for way in range(2)])
        grains, groups = (1 / 120, 1 / 240, 0, 0), ("r", "r", "r", "v")
        cells = [cell(str(i), printed[i], *columns[i], grain=grains[i], group=groups[i]) for i in range(4)]
        called += any(row["outcome"] == "found" for row in forensics.judge(cells, 0.05))
    assert called / trials <= 0.06


@pytest.mark.parametrize("correlation", [0.0, 0.9, 0.99])
def test_cells_that_move_together_are_no_evidence_of_each_other(correlation):
    """Sixteen systems and one more that is none of them: four hit rates over 120 statements, of one correlation."""
    rng, called, met = np.random.default_rng(4), 0, 0
    root = np.linalg.cholesky(np.full((4, 4), correlation) + (1 - correlation) * np.eye(4))
    for _ in range(100):
        table = np.round((0.5 + 0.12 * rng.standard_normal((17, 4)) @ root.T) * 120) / 120
        for tested, printed in (("none", table[16]), ("one", table[3])):
            cells = [cell(str(i), f"{printed[i]:.3f}", *table[:16, i], grain=1 / 120) for i in range(4)]
            found = any(row["outcome"] == "found" for row in forensics.judge(cells, 0.05))
            called, met = called + (found and tested == "none"), met + (found and tested == "one")
    assert called <= 8 and met >= 90  # 9 of 100 or more: a chance of 0.06 at a rate of 0.05


def test_equal_readings_are_tried_once_and_what_was_not_run_gives_nothing():
    once = forensics.judge([cell("a", "0.50", 0.5, 0.1, None), cell("b", "0.20", 0.2, 0.9, None)], 0.05)
    twice = forensics.judge([cell("a", "0.50", 0.5, 0.1, 0.1, None), cell("b", "0.20", 0.2, 0.9, 0.9, None)], 0.05)
    assert once[0]["chance"] == twice[0]["chance"] and once[2] == {**once[2], "cells": 0, "given": [], "outcome": "not found"}


def project(tmp_path, **changes):
    folder = tmp_path / "replications" / "letters"
    folder.mkdir(parents=True)
    (folder / "method.py").write_text("")
    (folder / "claims.yaml").write_text(yaml.safe_dump(LEDGER))
    written = {**EXPERIMENT, "forensics": {"column": {**EXPERIMENT["forensics"]["column"], **changes}}}
    (folder / "experiment.yaml").write_text(yaml.safe_dump(written, sort_keys=False))
    return study.load(folder, study.folders(tmp_path), "embedded")


def score(variant, metric, value):
    none = {"by_query": None, "queries": (), "clusters": None, "stochastic": False} | {
        "fidelity": Parts("original", "substitute", "none"),
    }
    return Measured(("letters", variant, "letters", metric), (0,), np.array([value]), **none)


def test_a_column_is_held_against_every_reading_and_told_to_the_reader(tmp_path):
    chosen = project(tmp_path)
    found = [score("base", "hit_rate@5", 0.2), score("base", "mrr@5", 0.9)]
    found += [score("other", "hit_rate@10", 0.6112), score("other", "mrr@10", 0.3216)]
    scores = SimpleNamespace(table={one.key: one for one in found})
    told = forensics.investigate(chosen, "column", chosen.experiment.forensics["column"], scores, 0.05)
    assert told["best"][0]["reading"] == {"variant": "other", "cut": 10}
    assert told["best"][0]["given"] == ["hit_rate.base", "mrr.base"] and told["best"][0]["outcome"] == "found"
    assert told["outcomes"] == {"found": 1, "not found": 1}
    assert (told["run"], told["readings"], told["fidelity"]["encoder"]) == (2, 4, "substitute")
    page = sections.forensic_cells(told)
    assert page["rows"][0]["reading"] == "variant other, cut 10" and page["rows"][0]["given"] == "2 of 2: hit_rate.base, mrr.base"
    assert "2 of 4 readings run (50% found, 50% not found)" in page["told"]
    assert "substitute encoder" in page["told"] and len(page["rows"]) == 1
    assert "no reading gives any" in sections.forensic_cells({**told, "best": told["best"][1:]})["told"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"axes": {"variant": ["bse"], "cut": [5]}}, r"forensics.column.axes.variant: no 'bse' \(did you mean 'base'\?\)"),
        ({"scores": {"hit_rate": "hit_rate@{cuts}"}}, r"scores.hit_rate: 'hit_rate@\{cuts\}' does not fit the axes"),
        ({"scores": {"hit_rate": "hit_rate@3"}}, r"scores.hit_rate: 'hit_rate@3' is not under metrics"),
        ({"axes": {}}, "axes"),
    ],
)
def test_wrong_words_are_named(tmp_path, changes, message):
    with pytest.raises(InputError, match=message):
        project(tmp_path, **changes)


def test_a_pattern_without_a_claim_is_named(tmp_path):
    chosen = project(tmp_path, claims=["t9.*"])
    with pytest.raises(InputError, match=r"forensics.column: claims: 't9.\*' fits no claim"):
        forensics.investigate(chosen, "column", chosen.experiment.forensics["column"], SimpleNamespace(table={}), 0.05)


def test_the_studies_at_hand_declare_readings_that_load():
    declared = [one for one in study.select(config.load()) if one.experiment and one.experiment.forensics]
    assert declared and all(forensics.points(r) for one in declared for r in one.experiment.forensics.values())

"""Score tables: what stands in which table, and that intervals are those of the verdicts."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from harness import config
from harness.errors import InputError
from harness.pages import scoreboard
from harness.rankings import scores
from harness.studies import study
from harness.studies.fidelity import Parts
from harness.verdicts import estimate
from harness.verdicts.pooling import Pool

RULES = config.load().judgement
METRICS = [f"m{i}" for i in range(8)]


def score(variant, collection, metric, queries="3"):
    plain = {"mean": "0.5000", "interval": "[0.40, 0.60]", "sd": "", "evaluation": "original", "encoder": "none", "training": "none", "seeds": "1"}
    return {"variant": variant, "collection": collection, "metric": metric, "queries": queries, **plain}


def chosen(shown=()):
    return SimpleNamespace(experiment=SimpleNamespace(metrics=METRICS, shown=list(shown)))


def test_a_wide_table_is_cut_after_so_many_metrics_and_has_one_row_a_variant():
    scores = [score(v, c, m, "" if m == "m0" else "3") for c in ("one", "two") for v in ("a", "b") for m in METRICS]
    tables = scoreboard.tables(chosen(), scores)
    assert [(t["collection"], len(t["heads"])) for t in tables] == [("one", 5), ("one", 3), ("two", 5), ("two", 3)]
    assert tables[0]["heads"][:2] == [("m0", ""), ("m1", "(n=3)")] and [row["variant"] for row in tables[0]["rows"]] == ["a", "b"]
    assert tables[0]["rows"][0]["values"][1] == "0.5000 [0.40,\u202f0.60]"


def test_the_shown_metrics_alone_are_listed_and_a_variant_without_them_is_left_out():
    scores = [score("a", "one", "m5"), score("a", "one", "m1"), score("b", "one", "m2")]
    (table,) = scoreboard.tables(chosen(["m5", "m1"]), scores)
    assert table["heads"] == [("m5", "(n=3)"), ("m1", "(n=3)")] and [row["variant"] for row in table["rows"]] == ["a"]


def test_counts_are_written_as_counts():
    assert [scoreboard.number(v) for v in (263.0, 1.0, 0.0, 2.5, -3.0)] == ["263", "1.0000", "0.0000", "2.5000", "-3.0000"]


def test_an_interval_is_that_of_the_verdicts():
    by_query = np.random.default_rng(0).random((20, 2))
    one = scores.Measured(
        ("s", "v", "c", "m"), (0, 1), by_query.mean(axis=0), by_query, tuple(f"q{i:02d}" for i in range(20)), None, True, Parts("original", "none", "none")
    )  # fmt: skip
    low, high = estimate.of_score(one, None).interval(RULES.confidence)
    row = scoreboard._row(one, RULES, Pool({}, RULES.pooled_from))
    assert row["interval"] == f"[{low:.2f}, {high:.2f}]" and low < by_query.mean() < high


def test_an_ill_posed_measure_is_shown_as_such_and_says_nothing_for_the_row():
    cells = {**score("a", "c", "m1"), "mean": "0.5"}
    loose = {"variant": "a", "collection": "c", "metric": "m0", **scoreboard.ILL_POSED}
    (table,) = scoreboard.tables(chosen(["m0", "m1"]), [loose, cells])
    assert (
        table["rows"][0]["values"][0] == "ill-posed"
        and table["rows"][0]["seeds"] == cells["seeds"]
        and table["data"] == cells["evaluation"]
    )


def test_a_shown_metric_that_is_not_computed_is_refused(workspace):
    shutil.copytree(Path(__file__).parents[1] / "workspace", workspace.folder, dirs_exist_ok=True)
    path = workspace.folder / "replications/paper/experiment.yaml"
    path.write_text(path.read_text().replace("collections:", "shown: [mrr@1]\ncollections:", 1))
    with pytest.raises(InputError, match=r"experiment\.yaml: shown: no metric 'mrr@1'.*mrr@10"):
        study.select(config.load(workspace.folder))

"""Comparisons of grids: gaps, resampling, selection and the gate, on numbers whose answer is known."""

from types import SimpleNamespace

import numpy as np
import pytest
import yaml

from harness import compare, config
from harness.errors import InputError
from harness.rankings.scores import Measured
from harness.studies import study
from harness.studies.fidelity import Parts
from harness.verdicts import gate

RULES = config.load().judgement.model_copy(update={"bootstrap": 400, "permutations": 2000})
EXPERIMENT = {
    "seeds": [0, 1],
    "metrics": ["mrr@10"],
    "collections": {"letters": {"embedded": "letters"}},
    "variants": {"base": {"method": "letters", "weight": 1.0}},
    "grids": {"g": {"name": "cell_{weight}", "axes": {"weight": [0.5, 2.0, 3.0]}, "entry": {"method": "letters"}}},
    "compare": {"all": {"title": "t", "variants": ["cell_*"], "baseline": "base", "default": "cell_0.5", "metric": "mrr@10",
                        "collections": ["letters"]}},
}  # fmt: skip


def cells(*gaps, queries=200, seeds=3, noise=0.05):
    rng = np.random.default_rng(0)
    baseline = rng.uniform(0.2, 0.8, queries)
    values = np.stack([baseline[:, None] + gap + rng.normal(0, noise, (queries, seeds)) for gap in gaps])
    return compare.Cells("c", values, baseline)


def test_a_planted_gap_is_found_and_none_is_not():
    up, none, down = compare.against(cells(0.05, 0.0, -0.05), RULES, "x")
    assert up["gap"] == pytest.approx(0.05, abs=0.01) and up["low"] > 0 and up["p"] <= 0.001 and up["seeds_agree"] == 1
    assert none["low"] < 0 < none["high"] and none["p"] > 0.01
    assert down["high"] < 0 and down["p"] <= 0.001


def test_the_interval_covers_a_true_gap_about_as_often_as_it_says():
    hits = 0
    for trial in range(200):
        rng = np.random.default_rng(trial)
        base, gaps = rng.uniform(0, 1, 60), rng.normal(0.1, 0.2, (1, 60, 1)) + rng.normal(0, 0.02, (1, 60, 5))
        row = compare.against(compare.Cells("c", base[None, :, None] + gaps, base), RULES, str(trial))[0]
        hits += row["low"] <= 0.1 <= row["high"]
    assert 0.88 <= hits / 200 <= 0.99


def test_equal_cells_get_equal_numbers():
    one = cells(0.02, 0.02)
    twice = compare.Cells("c", np.stack([one.values[0]] * 2), one.baseline)
    first, second = compare.against(twice, RULES, "x")
    assert first == second


def test_the_best_of_many_equal_cells_is_optimistic_and_of_one_is_not():
    rng = np.random.default_rng(1)
    many = rng.normal(0.5, 0.3, (50, 100))
    found = compare.selection([many], np.random.default_rng(0))
    assert found["optimism"] > 0.03 and found["held_out"] == pytest.approx(0.5, abs=0.03) and found["best"] > 0.53
    alone = compare.selection([many[:1]], np.random.default_rng(0))
    assert alone["optimism"] == pytest.approx(0, abs=1e-12) and alone["held_out"] == pytest.approx(alone["best"])


def test_a_cell_that_is_truly_best_costs_nothing_to_choose():
    many = np.random.default_rng(1).normal(0.5, 0.05, (20, 400))
    many[7] += 0.3
    found = compare.selection([many], np.random.default_rng(0))
    assert found["held_out"] == pytest.approx(found["best"], abs=1e-9)


def test_rank_stability():
    order = np.arange(5.0)
    assert compare.stability(np.stack([order, order], axis=1)) == pytest.approx(1)
    assert compare.stability(np.stack([order, -order], axis=1)) == pytest.approx(-1)
    assert compare.stability(order[:, None]) is None


@pytest.fixture
def small(workspace):
    import shutil
    from pathlib import Path

    shutil.copytree(Path(__file__).parent / "workspace", workspace.folder, dirs_exist_ok=True)
    folder = workspace.folder / "replications/paper"
    (folder / "claims.yaml").write_text("{title: t, documents: {}, metrics: {}}")
    (folder / "experiment.yaml").write_text(yaml.safe_dump(EXPERIMENT))
    return workspace


def test_a_comparison_runs_with_the_workflow(small):
    code, said = small.snakemake("--config", "studies=paper")
    assert code == 0, said
    (found,) = compare.read(small.folder / "results/embedded/paper/comparisons.json")
    assert found["cells"] == 3 and found["gate"] == [] and found["above"] == found["below"] == 0
    assert found["baseline_mean"] == found["best"] == pytest.approx(0.75)  # a positive weight changes no order
    rows = (small.folder / "results/embedded/paper/compare_all.csv").read_text().splitlines()
    assert len(rows) == 4 and rows[0] == ",".join(compare.COLUMNS)
    text = (small.folder / "paper_tables/embedded/paper.tex").read_text()
    assert "3 cells, 2 seeds" in text and "no public record" in text
    assert text.count("cell") < 12  # cells are shown as a whole, not one by one


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"baseline": "bas"}, "compare.all.baseline: no 'bas'.*'base'"),
        ({"metric": "mrr@5"}, "compare.all.metric: no 'mrr@5'"),
        ({"collections": ["leters"]}, "compare.all.collections: no 'leters'"),
        ({"default": "cell_9"}, "compare.all.default: no 'cell_9'"),
    ],
)
def test_what_a_comparison_names_must_be_there(small, change, words):
    written = {**EXPERIMENT, "compare": {"all": {**EXPERIMENT["compare"]["all"], **change}}}
    folder = small.folder / "replications/paper"
    (folder / "experiment.yaml").write_text(yaml.safe_dump(written))
    with pytest.raises(InputError, match=words):
        study.load(folder, study.folders(small.folder), "embedded")


def test_the_gate_holds_the_encoder_to_its_record(monkeypatch):
    """The yardstick minilm says 0.64508 on SciFact, with a margin of 0.0005."""
    loaded = study.load(study.folders(config.ROOT)["projection_grid"], study.folders(config.ROOT), "embedded")
    settings = config.load(overrides={"fidelity": "substitute"})

    def asked(value):
        means, key = np.array([value]), ("projection_grid", "raw_encoder", "scifact", "ndcg@10")
        measured = Measured(key, (0,), means, None, (), None, False, Parts("original", "substitute", "none"))
        return gate.gates(loaded, "raw_encoder", [measured], settings)

    (met,), (missed,) = asked(0.6453), asked(0.6241)
    assert met.met and met.printed == "0.64508" and not missed.met
    scores = SimpleNamespace(table={("projection_grid", "raw_encoder", "scifact", "ndcg@10"): None})
    wrong = compare.Cells("scifact", np.zeros((1, 2, 1)), np.zeros(2))
    monkeypatch.setattr(compare, "gather", lambda *_: (["c"], [wrong], []))
    monkeypatch.setattr(compare, "gates", lambda *_: [missed])
    told = compare.compare(loaded, "coded", loaded.experiment.compare["coded"], scores, settings)
    assert told["rows"] == [] and told["summary"]["gate"][0]["met"] is False

"""The page on large runs shows what its script works out; how growth is measured; what must not grow with the square of a size."""

import json
import math
from types import SimpleNamespace

import pytest

from benchmarks import devices, growth, scaling, scaling_parts
from harness import config
from harness.audits import finding
from harness.config import ROOT
from harness.studies import study
from harness.verdicts import join, judging


def test_the_page_shows_the_table_of_the_script():
    page = (ROOT / "docs/growth.md").read_text()
    given = {"passages": 8_841_823, "encoders": 10, "seeds": 5, "in_group": 5}
    smaller, larger = (growth.table(cells=cells, **given) for cells in (1_000, 10_000))
    for (what, small), (_, large) in zip(smaller, larger, strict=True):
        assert f"| {what} | {small} | {large} |" in page


def test_more_cells_to_a_job_are_fewer_jobs_and_the_same_work():
    few, many = (dict(growth.table(8_841_823, 10, 1_000, 5, in_group)) for in_group in (5, 50))
    assert few["rank, hours of one core"] == many["rank, hours of one core"]
    jobs = [int(found["jobs of the plan / of Slurm"].split(" / ")[0].replace(",", "")) for found in (few, many)]
    assert jobs == [1_000 + 3 * 1_000, 1_000 + 3 * 100]


@pytest.mark.parametrize(
    ("cost", "power"),
    [(lambda n: 3.0, 0.0), (lambda n: 2 + n, 1.0), (lambda n: 2 + n * math.log(n), 1.1), (lambda n: 2 + n**2 / 1e4, 2.0)],
)
def test_the_exponent_of_a_growth_is_found_beyond_what_nothing_costs(cost, power):
    found = [{"size": n, "cpu": cost(n)} for n in (5, 500, 5_000, 50_000)]
    assert scaling.exponent(found) == pytest.approx(power, abs=0.05)
    assert scaling.exponent(found[:3]) is None, "three points are no curve"


def test_a_cost_that_hardly_stands_out_is_no_part_of_the_exponent():
    found = [{"size": n, "cpu": cost} for n, cost in ((10, 1.0), (3_000, 1.1), (10_000, 3.0), (30_000, 7.0))]
    assert scaling.exponent(found) == pytest.approx(1.0)


def test_a_size_that_would_take_too_long_is_left_out(monkeypatch, tmp_path, capsys):
    kept = tmp_path / "kept.jsonl"
    costs = dict(zip(scaling.PARTS["audit"].sizes, (0.1, 1.0, 10.0, 32.0), strict=False))
    kept.write_text("".join(json.dumps({"part": "audit", "size": n, "cpu": c, "peak_mb": 9}) + "\n" for n, c in costs.items()))
    found = scaling.growing("audit", 50.0, tmp_path, kept)
    assert [one["size"] for one in found] == list(costs)
    assert "audit: 50,000 is left out: it would take some 1" in capsys.readouterr().err


def test_a_curve_is_a_row_of_the_table_and_a_line_of_the_picture(tmp_path):
    results = {"audit": [{"size": 10**n, "cpu": 10.0**n, "peak_mb": 50} for n in range(1, 5)]}
    assert scaling.table(results)[2].startswith("| audit, claims | 10 / 100 / 1,000 / 10,000 | 10.00 / 100.00 / ")
    scaling.draw(results, tmp_path / "growth.svg")
    assert (tmp_path / "growth.svg").read_text().count("<g id=") > 10


class Counting(list):
    """A list that counts how often it is gone through."""

    times = 0

    def __iter__(self):
        self.times += 1
        return super().__iter__()


def test_judging_goes_through_the_ledger_as_often_for_many_claims_as_for_few(tmp_path):
    times = {}
    for size in (10, 60):
        folder = tmp_path / str(size)
        folder.mkdir()
        scaling_parts.claims(("audit",), size, folder, queries=4)
        chosen = study.select(config.load(folder))[0]
        claims = Counting(chosen.ledger.claims)
        seen = SimpleNamespace(ledger=chosen.ledger.model_copy(update={"claims": claims}), folder=chosen.folder)
        findings = finding.load(folder / "results" / "embedded" / "findings.csv")
        judged = judging.judge(seen, join.load(["made"], config.load(folder)), findings, config.load(folder).judgement)
        assert len(judged) == size and {one.verdict.word for one in judged} <= {
            "contradicted",
            "inconclusive",
            "equivalent",
            "direction only",
        }
        times[size] = claims.times
    assert times[10] == times[60]


def test_without_a_gpu_the_column_says_so():
    on_cpu, on_gpu = {"rate": 100.0, "peak_mb": 900.0}, {"rate": 3_000.0, "peak_mb": 1_200.0}
    assert (
        devices.row("heads, steps", on_cpu, None, "torch finds no GPU")
        == "| heads, steps a second | 100.0 | 900 | skipped: torch finds no GPU | | |"
    )
    assert devices.row("heads, steps", on_cpu, on_gpu, "") == "| heads, steps a second | 100.0 | 900 | 3,000.0 | 1,200 | 30.0 |"

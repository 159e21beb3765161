"""The real Snakefile on a small workspace, as a user would run it."""

import csv
import sys
from pathlib import Path

import pytest

from harness.config import ROOT

PAPER = "replications/paper/experiment.yaml"
LETTERS = "baselines/letters/experiment.yaml"


def verdicts(workspace):
    with (workspace.folder / "results/embedded/paper/verdicts.csv").open() as opened:
        return {row["claim"]: row["verdict"] for row in csv.DictReader(opened)}


def edit(workspace, path, old, new):
    target = workspace.folder / path
    text = target.read_text()
    assert old in text
    target.write_text(text.replace(old, new))


def test_one_run_gives_the_expected_verdicts_and_a_second_does_nothing(small):
    code, said = small.snakemake()
    assert code == 0, said
    # The rankings are worked out by hand: q1 finds d1 first; q2 ties d2 and d3, and d3 comes first; q3 finds d1 last.
    expected = {
        "t1.mrr.shared": "inconclusive",
        "t1.hits.shared": "inconclusive",
        "t1.mrr.lost": "not run",
        "t1.hits.lost": "inconsistent as printed",
        "future": "prediction",
        "above_one": "not decidable here",
        "words": "not run",
    }
    assert {name.removeprefix("paper:"): verdict for name, verdict in verdicts(small).items()} == expected
    assert (small.folder / "paper_tables/embedded/paper.tex").exists() and "claims" in said
    assert "its 100\\% claims" in (small.folder / "paper_tables/embedded/paper.tex").read_text()
    code, said = small.snakemake()
    assert code == 0 and "Nothing to be done" in said


def test_snakemake_called_by_its_path_alone_runs_jobs_in_its_own_python(small, monkeypatch):
    bare = {key: value for key, value in small.environment().items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    monkeypatch.setattr(small, "environment", lambda: bare | {"PATH": "/usr/bin:/bin"})
    told = "open('where', 'w').write(__import__('sys').prefix)"
    edit(small, "baselines/letters/method.py", '"""Rank by shared words."""', told)
    base = [str(Path(sys.executable).with_name("snakemake")), "-s", str(ROOT / "Snakefile"), "--cores", "2"]
    code, said = small.run(*base, "--workflow-profile", str(ROOT / "profiles" / "default"))
    assert code == 0 and Path((small.folder / "where").read_text()).samefile(sys.prefix), said


def test_changing_one_variant_ranks_that_variant_alone(small):
    assert small.snakemake()[0] == 0
    edit(small, LETTERS, "reversed: {weight: -1.0}", "reversed: {weight: -2.0}")
    code, said = small.snakemake("-n")
    assert code == 0, said
    ranked = [line for line in said.splitlines() if line.strip().startswith("wildcards:") and "group=" in line]
    assert ranked and all("group=reversed" in line for line in ranked), said


@pytest.mark.parametrize(
    ("path", "old", "new", "words"),
    [
        (LETTERS, "weight: 1.0", "wieght: 1.0", ["experiment.yaml", "'wieght'", "did you mean 'weight'"]),
        (LETTERS, "mrr@10", "mmr@10", ["mmr@10"]),
        (LETTERS, "embedded: letters", "embeded: letters", ["'embeded'", "did you mean 'embedded'"]),
        (PAPER, "method: letters", "method: leters", ["'leters'", "did you mean 'letters'"]),
        (PAPER, "not_run: {lost: ", "not_run: {lots: ", ["'lost'"]),
        (PAPER, "variants:", "variants: [", ["experiment.yaml:"]),
        ("config.yaml", "fidelity: embedded", "fidelity: embeded", ["fidelity", "'embeded'", "embedded"]),
        ("config.yaml", "studies: all", "studies: papre", ["'papre'", "did you mean 'paper'"]),
        ("collections/letters.py", '"d3": 1}, "q3"', '"d9": 1}, "q3"', ["letters", "d9"]),
        ("collections/letters.py", '["d1", "d2", "d3", "d4"]', '["d1", "d2", "d3", "d3"]', ["letters", "d3"]),
    ],
)
def test_a_mistake_gives_one_clear_message(small, path, old, new, words):
    edit(small, path, old, new)
    code, said = small.snakemake()
    assert code != 0
    for word in words:
        assert word in said, said
    assert "Traceback" not in said, said


def test_bad_input_loses_nothing_already_done(small):
    assert small.snakemake()[0] == 0
    kept = {p: p.read_bytes() for p in small.folder.glob("results/embedded/*/*/*/rank/*.gz")}
    edit(small, "replications/paper/claims.yaml", 'printed: "1.2"', "printed: 1.2")
    code, said = small.snakemake()
    assert code != 0 and "'above_one'" in said and "printed" in said, said
    assert kept and all(path.read_bytes() == content for path, content in kept.items())


def test_snakemakes_own_report_holds_page_verdicts_and_tables(small):
    assert small.snakemake()[0] == 0
    code, said = small.snakemake("--report", "report.html")
    assert code == 0, said
    text = (small.folder / "report.html").read_text(encoding="utf-8")
    for word in ("Page", "Verdicts", "Tables", "Audit", "results/embedded/paper/verdicts.csv", "whether it holds"):
        assert word in text, word

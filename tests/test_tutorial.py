"""The tutorial's commands, run as a reader would run them, in a copy of the project; and how much of it is to be typed."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from harness import new
from harness.config import ROOT

PAGE = ROOT / "docs" / "tutorial.md"
LEFT = shutil.ignore_patterns(
    ".git", ".venv", "results", "paper_tables", "tests", "reference", "__pycache__", ".snakemake", ".*_cache"
)
MOST = 15  # keys that a newcomer writes for a table of three systems by three metrics


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    """The folder in which all commands were run, one after another, and what they said."""
    here = tmp_path_factory.mktemp("tutorial") / "workbench"
    shutil.copytree(ROOT, here, ignore=LEFT)
    (here / ".venv").symlink_to(sys.prefix)
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("WORKBENCH_", "PYTEST_", "MAKE", "PYTHONPATH"))
    }
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(blocks("bash"))], cwd=here, env={**kept, "CORES": "2"}, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return here, done.stdout


def test_every_command_runs_and_says_what_the_page_shows(walked):
    _, said = walked
    shown = [line.strip() for block in blocks("text") for line in block.splitlines()]
    assert shown and [line for line in shown if line not in said] == [], said


def test_the_study_lies_outside_and_nothing_of_the_project_is_touched(walked):
    here, _ = walked
    assert (here.parent / "my_papers/workshop/paper_tables/embedded/workshop.tex").is_file()
    assert not (here / "paper_tables").exists() and (here / "results/embedded/subset/report.html").is_file()


def test_the_third_error_is_found_by_the_run(walked):
    here, _ = walked
    (row,) = re.findall(r".*overlap.*ndcg.*84\.6.*", (here / "results/embedded/workshop/verdicts.csv").read_text())
    assert "contradicted" in row and "78.6" in row
    table = (here.parent / "my_papers/workshop/paper_tables/embedded/workshop.tex").read_text()
    assert "84.6" in table and "78.6" in table


def keys(entry: object, at: str = "") -> set[str]:
    """The place of every key of a YAML file, list entries counted as one."""
    if isinstance(entry, list):
        return {found for one in entry for found in keys(one, at)}
    if not isinstance(entry, dict):
        return set()
    return {f"{at}.{key}" for key in entry} | {found for key, value in entry.items() for found in keys(value, f"{at}.{key}")}


def typed(tmp_path: Path, file: str, template: str) -> tuple[set[str], set[str]]:
    """All keys of a file of the tutorial, and those of them that `harness.new` has not written."""
    new.write("workshop", tmp_path / "workshop", "beir")
    given = keys(yaml.safe_load((tmp_path / "workshop" / template).read_text()))
    final = keys(yaml.safe_load((ROOT / "docs/tutorial" / file).read_text()))
    return final, final - given


def test_a_newcomer_writes_few_keys(tmp_path):
    files = {"claims.yaml": "claims.yaml", "experiment.yaml": "experiment.yaml", "collection.yaml": "collections/workshop.yaml"}
    counted = {file: typed(tmp_path, file, template) for file, template in files.items()}
    written = {file: sorted(own) for file, (_, own) in counted.items()}
    assert sum(map(len, written.values())) <= MOST, written
    assert sum(len(every) for every, _ in counted.values()) <= 40, counted  # those of the template too

"""Accepting shows what changes before it copies, and says what made the reference."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from harness.accept import commit
from harness.regression import environment, reference

HERE = Path(__file__).parent


@pytest.fixture
def paper(workspace):
    shutil.copytree(HERE / "workspace", workspace.folder, dirs_exist_ok=True)
    return workspace


def score(workspace, value):
    row = ("paper", "shared", 0, "letters", "mrr@10", None, value, None, "original", "none", "none")
    workspace.scores("paper/shared/0", [row], fidelity="embedded")


def accept(workspace):
    return workspace.stage("accept", "--study", "paper", "--fidelity", "embedded")


def test_the_differences_come_before_the_copy(paper):
    score(paper, 0.75)
    code, said = accept(paper)
    assert code == 0 and said.index("nothing accepted") < said.index("accepted: 1 scores")
    score(paper, 0.5)
    code, said = accept(paper)
    assert code == 0 and "0.500000 today, 0.750000 accepted (-0.250000)" in said
    code, said = accept(paper)
    assert code == 0 and "no score differs" in said


def test_the_reference_reads_back_and_its_record_says_what_made_it(paper):
    score(paper, 2 / 3)
    accept(paper)
    folder = paper.folder / "replications/paper/reference"
    assert (
        folder / "embedded.csv"
    ).read_bytes() == b"variant,seed,collection,metric,value,moves\nshared,0,letters,mrr@10,0.666666667,\n"
    assert reference.read_reference(folder / "embedded.csv") == {
        ("shared", "0", "letters", "mrr@10"): pytest.approx(2 / 3, abs=1e-9)
    }
    record = yaml.safe_load((folder / "embedded.yaml").read_text())
    assert record["command"] == "make accept STUDY=paper FIDELITY=embedded" and record["commit"]
    assert record["environment"] == environment.environment() and {"numpy", "python", "machine"} <= set(record["environment"])


def test_without_scores_nothing_is_accepted(paper):
    code, said = accept(paper)
    assert code == 2 and "shared/0/letters: not scored" in said
    assert not (paper.folder / "replications/paper/reference").exists()


def test_a_nan_is_never_accepted(paper):
    score(paper, float("nan"))
    code, said = accept(paper)
    assert code == 2 and "mrr@10 is NaN" in said and not (paper.folder / "replications/paper/reference").exists()


def test_an_unknown_study_is_refused(paper):
    code, said = paper.stage("accept", "--study", "papre")
    assert code == 2 and "did you mean 'paper'" in said


def test_a_commit_with_changes_says_so(tmp_path):
    assert commit(tmp_path) == "unknown"
    git = ["git", "-C", str(tmp_path), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    (tmp_path / "file").write_text("a")
    for words in (["init", "-q"], ["add", "file"], ["commit", "-q", "-m", "one"]):
        subprocess.run([*git, *words], check=True)
    clean = commit(tmp_path)
    assert len(clean) == 40
    (tmp_path / "file").write_text("b")
    assert commit(tmp_path) == f"{clean} with changes"

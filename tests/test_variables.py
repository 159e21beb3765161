"""What stands after `make`: a name that no target knows is named, not ignored."""

import subprocess

import pytest

from harness.config import ROOT


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("tables FIDELTY=substitute", "unknown variable FIDELTY (did you mean FIDELITY?)"),
        ("tables fidelity=substitute", "unknown variable fidelity (did you mean FIDELITY?)"),
        ("tables STUDY=minilm", "unknown variable STUDY (did you mean STUDIES?); STUDY belongs to `make accept`"),
        ("tables CORES=0", "CORES=0: write a number above 0, or all"),
        ("tables CORES=two", "CORES=two: write a number above 0, or all"),
        ("audit MIRROR=/not/there", "MIRROR=/not/there: there is no such folder"),
    ],
)
def test_a_slip_on_the_command_line_is_named_at_once(words, said):
    run = subprocess.run(["make", "-s", *words.split()], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert run.returncode != 0 and f"error: {said}" in run.stderr and "Traceback" not in run.stderr


@pytest.mark.parametrize("fidelity", ["../replications", "cache", ".", "nosuch"])
def test_a_fidelity_that_is_none_names_no_folder_to_delete(fidelity):
    """Asked of the check alone: `make clean` would delete what it names."""
    from variables import main

    assert main({"FIDELITY": fidelity, "GOALS": "clean"}) == [f"error: FIDELITY={fidelity}: write one of embedded, substitute, original"]
    recipe = (ROOT / "Makefile").read_text()
    assert "\nclean: .setup" in recipe and "\n.setup: .variables" in recipe and "\npdf: .variables" in recipe


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("audit PAPER=/not/there.tex", "PAPER=/not/there.tex: there is no such file or folder"),
        ("audit N=84", "N=84: give PAPER=path/to/paper.tex with it"),
        ("tables PAPER=x.tex", "unknown variable PAPER"),
        ("audit PAPR=x.tex", "unknown variable PAPR (did you mean PAPER?)"),
    ],
)
def test_a_paper_to_audit_is_asked_for_in_one_line(words, said):
    run = subprocess.run(["make", "-s", *words.split()], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode != 0 and f"error: {said}" in run.stderr and "Traceback" not in run.stderr

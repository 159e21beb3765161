"""`workbench`: what stands behind each command, and what an install by pip alone can and cannot do."""

import os
import shutil
import subprocess
import sys

import pytest

from harness import cli, config
from harness.config import ROOT
from harness.errors import InputError

PAPER = str(ROOT / "docs" / "tutorial" / "paper.tex")


def called(*argv):
    return cli.words(cli.parser().parse_args(argv))


@pytest.mark.parametrize(
    ("argv", "module", "said"),
    [
        (["audit"], "audit", []),
        (["audit", "--studies", "dual_loss"], "audit", ["--studies", "dual_loss"]),
        (["audit", "paper.tex", "--n", "84"], "draft", ["--audit", "--n", "84", "--", "paper.tex"]),
        (["draft", "paper.tex", "--name", "x"], "draft", ["--name", "x", "paper.tex"]),
        (["verify", "--model", "m", "--task", "t"], "verify", ["--model", "m", "--task", "t"]),
        (["check", "--fidelity", "substitute", "--junit", "x.xml"], "check", ["--junit", "x.xml", "--fidelity", "substitute"]),
        (["doctor"], "doctor", []),
    ],
)
def test_a_command_hands_its_words_to_a_stage(argv, module, said):
    assert called(*argv) == (module, said)


def test_folders_are_the_users_own_wherever_the_run_works(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = cli.parser().parse_args(["tables", "--mirror", "data", "--studies", "minilm,./mine"])
    assert given.mirror == str(tmp_path / "data") and given.studies == f"minilm,{tmp_path / 'mine'}"


@pytest.mark.parametrize("value", ["0", "two", "-1", ""])
def test_no_cores_are_refused(value, capsys):
    with pytest.raises(SystemExit):
        cli.parser().parse_args(["tables", f"--cores={value}"])
    assert "write a number above 0, or all" in capsys.readouterr().err


def test_every_command_calls_a_stage_that_knows_its_options():
    """The stage's own `--help` names each option that the command takes, so that none is refused behind its back."""
    for name, one in cli.COMMANDS.items():
        if name in ("tables", "report"):
            continue
        told = subprocess.run([sys.executable, "-m", f"harness.{name}", "--help"], capture_output=True, text=True, cwd=ROOT, check=True).stdout
        for option in [*(() if name == "audit" else one.options), *(cli.SETTINGS if one.settings else ())]:
            assert f"--{option}" in told, (name, option)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["audit", "--n", "84"], "--n: give a paper's source"),
        (["audit", "paper.tex", "--studies", "minilm"], "--studies: for the project's own ledgers"),
    ],
)
def test_an_option_that_means_nothing_there_is_refused(argv, said):
    with pytest.raises(InputError, match=said):
        called(*argv)


def test_help_shows_examples_and_a_wrong_word_what_there_is(capsys):
    for name, one in cli.COMMANDS.items():
        with pytest.raises(SystemExit):
            cli.parser().parse_args([name, "--help"])
        assert one.examples[0] in capsys.readouterr().out
    with pytest.raises(SystemExit):
        cli.parser().parse_args(["tabels"])
    assert "'tabels'" in capsys.readouterr().err


def test_completion_knows_commands_and_options():
    def completed(line):
        asked = {"_ARGCOMPLETE": "1", "_ARGCOMPLETE_STDOUT_FILENAME": "/dev/stdout", "COMP_LINE": line, "COMP_POINT": str(len(line)), "COMP_TYPE": "9", "_ARGCOMPLETE_IFS": " "}
        run = subprocess.run([sys.executable, "-m", "harness.cli"], env={**os.environ, **asked}, cwd=ROOT, capture_output=True, text=True, check=False)
        return run.stdout.split()

    assert completed("workbench dr") == ["draft"] or completed("workbench dr") == ["draft", ""]
    assert "--fidelity" in completed("workbench check --f")
    assert "substitute" in completed("workbench check --fidelity s")


def test_the_root_is_the_folder_around_where_the_package_stands_apart(tmp_path, monkeypatch):
    monkeypatch.setattr(config, "__file__", str(tmp_path / "lib" / "harness" / "config.py"))
    monkeypatch.chdir(ROOT / "docs" / "tutorial")
    assert config._root() == ROOT
    monkeypatch.chdir(tmp_path)
    assert config._root() == tmp_path


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The package as pip installs it: nothing else of the project beside it."""
    place, source = tmp_path_factory.mktemp("installed"), tmp_path_factory.mktemp("source") / "project"
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("harness", "snakemake_logger_plugin_progress", "locks"):
        shutil.copytree(ROOT / name, source / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", source)
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index", "--target", str(place), str(source)]
    subprocess.run(pip, check=True, capture_output=True, text=True)
    return place


def workbench(installed, folder, *argv):
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    command = [sys.executable, str(installed / "bin" / "workbench"), *argv]
    return subprocess.run(command, cwd=folder, env={**kept, "PYTHONPATH": str(installed)}, capture_output=True, text=True, timeout=120, check=False)


def test_pip_alone_audits_a_paper_and_drafts_its_ledger(installed, tmp_path):
    run = workbench(installed, tmp_path, "audit", PAPER)
    assert run.returncode == 0 and "70.0 is no share of 12" in run.stdout, run.stderr
    run = workbench(installed, tmp_path, "draft", PAPER, "--name", "mine")
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "replications" / "mine" / "claims.yaml").is_file()


def test_pip_alone_says_what_the_rest_needs(installed, tmp_path):
    for name in ("tables", "check", "report", "doctor", "audit"):
        run = workbench(installed, tmp_path, name)
        assert run.returncode == 2 and f"error: workbench {name} needs the project's folder" in run.stderr, run.stderr
        assert "Traceback" not in run.stderr


def test_inside_the_project_the_installed_command_uses_the_projects_code(installed):
    run = workbench(installed, ROOT, "audit", "--studies", "random")
    assert run.returncode == 0 and "claims of 1 studies audited" in run.stdout, run.stderr


def test_tables_become_the_workflow_that_make_runs(monkeypatch):
    seen = []
    monkeypatch.setattr(cli, "become", lambda command, environment: seen.append((list(command), environment)))
    monkeypatch.setattr(os, "chdir", lambda folder: seen.append(folder))
    cli.main(["tables", "--cores", "2", "--fidelity", "substitute", "--studies", "minilm"])
    folder, (command, environment) = seen
    assert folder == ROOT and command[1] == str(ROOT / "lock.py") and environment["PYTHONPATH"] == str(ROOT)
    assert command[command.index("--cores") + 1] == "2"
    assert command[command.index("--config") + 1 :] == ["fidelity=substitute", "studies=minilm"]
    make = (ROOT / "Makefile").read_text()
    for word in ("--nolock", "--quiet all", "--logger progress", "lock.py results/.lock"):
        assert word in make and all(part in " ".join(command) for part in word.split()), word

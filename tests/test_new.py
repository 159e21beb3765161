"""A new study runs as it is, breaks nothing that is there, and needs no list edited anywhere."""

import subprocess
import sys

import pytest

from harness import config, new
from harness.config import ROOT
from harness.errors import InputError
from harness.ledger import reading
from harness.studies import method, study
from harness.studies import written as studies


def made(workspace, name, *more):
    return workspace.stage("new", name, *more)


@pytest.fixture
def small_with_data(small):
    small.take("collections/made_claims.yaml", "collections/made_claims.py", "collections/scifact.yaml")
    return small


def test_a_new_study_runs_and_its_test_passes(small_with_data):
    small = small_with_data
    code, said = made(small, "fresh")
    assert code == 0 and "make tables STUDIES=fresh" in said, said
    folder = small.folder / "replications/fresh"
    assert sorted(path.name for path in folder.iterdir()) == sorted(new.FILES)
    code, said = small.snakemake("--quiet", "all", "--config", "studies=fresh")
    assert code == 0 and "6 claims of 1 study: 6 not decidable here" in said, said
    assert (small.folder / "paper_tables/embedded/fresh.tex").is_file()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_method.py"], cwd=folder, env=small.environment(), check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_a_new_study_keeps_the_contract_and_is_clean(small_with_data):
    folder = small_with_data.folder / "replications/fresh"
    new.write("fresh", folder, None)
    known = study.folders(small_with_data.folder)
    loaded = study.load(folder, known, "embedded")
    assert (folder / "README.md").read_text().startswith("# fresh") and loaded.ledger.title
    assert {claim.variant for claim in loaded.ledger.claims} == {"plain", "folded"}
    for variant in loaded.variants:
        method.settings_of(method.load(folder), variant.settings, folder / "experiment.yaml", variant.name)
    code, said = small_with_data.run(
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--config",
        str(ROOT / "pyproject.toml"),
        "--config",
        "lint.isort.known-first-party=['harness']",
        str(folder),
    )
    assert code == 0 or "No module named ruff" in said, said


@pytest.mark.parametrize(
    ("name", "more", "said"),
    [
        ("paper", (), "NAME: 'paper' is taken: .*replications/paper is there, and nothing in it is overwritten"),
        ("letters", (), "NAME: 'letters' is taken by .*baselines/letters; take another"),
        ("subset", (), "no study can be named 'subset'"),
        ("a b", (), "cannot be named 'a b'; use letters"),
        ("../x", (), r"cannot be named '\.\./x'"),
        ("x", ("--into", "nowhere"), "--into: there is no folder 'nowhere'.*mkdir -p"),
        ("x", ("--data", "bier"), r"--data: 'bier' is no layout.*did you mean 'beir'"),
        ("letters_", ("--data", "beir"), None),
    ],
)
def test_a_name_that_cannot_be_is_one_line(small, name, more, said, capsys):
    arguments = [name, "--root", str(small.folder), *more]
    if said is None:
        new.main(arguments)
        assert "python -m harness.pin --collection letters_" in capsys.readouterr().out
        return
    with pytest.raises(InputError, match=said) as told:
        new.main(arguments)
    assert "\n" not in str(told.value)
    assert not list(small.folder.glob("replications/x"))


def test_a_drafted_ledger_is_completed_and_kept(small):
    folder = small.folder / "replications/drafted"
    folder.mkdir()
    (folder / "claims.yaml").write_text("title: drafted\ndocuments: {}\nmetrics: {}\nclaims: []\n")
    new.main(["drafted", "--root", str(small.folder)])
    assert (folder / "claims.yaml").read_text().startswith("title: drafted") and (folder / "method.py").is_file()
    assert reading.load(folder).claims == []


def test_data_that_are_not_pinned_yet_say_how(small):
    new.main(["mine", "--root", str(small.folder), "--data", "beir"])
    with pytest.raises(InputError, match=r"mine\.yaml: files: .* not pinned yet; run `python -m harness.pin --collection mine`"):
        studies.select(config.load(small.folder, {"studies": "mine"}))


@pytest.mark.parametrize("name", ["config", "metrics", "mean", "audits", "schemas", "123", "random_"])
def test_a_study_may_be_named_as_a_word_of_the_harness(small, name):
    new.main([name, "--root", str(small.folder)])
    (found,) = study.select(config.load(small.folder, {"studies": name}))
    assert found.name == name and len(found.ledger.claims) == 6

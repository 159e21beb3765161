"""Names are checked once, when read: none runs anything, none leaves its folder, each is refused by name."""

import shutil

import pytest

from harness import config as settings
from harness.data import asset
from harness.errors import InputError, refuse_name
from harness.studies import experiment, study

HOSTILE = [
    "a$(touch PWNED)b",
    "a b",
    "a;touch PWNED",
    "`touch PWNED`",
    r"x}\input{y}{z",
    "a'b",
    "-rf",
    ".hidden",
    "é",
    "a\nb",
    "a{seed}",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_folder_is_refused_by_name_and_runs_nothing(small, name):
    shutil.copytree(small.folder / "replications/paper", small.folder / "replications" / name)
    with pytest.raises(InputError, match=r"replications: a study's folder cannot be named .*use letters, digits") as refused:
        study.folders(small.folder)
    assert repr(name) in str(refused.value)


def test_the_workflow_refuses_a_folder_that_would_run_shell(small):
    shutil.copytree(small.folder / "replications/paper", small.folder / "replications/a$(touch PWNED)b")
    code, said = small.snakemake("--quiet", "all")
    assert code == 1 and "a$(touch PWNED)b" in said and "Traceback" not in said, said
    assert not list(small.folder.rglob("PWNED"))


@pytest.mark.parametrize("name", ["report", "audit", "encode", "build", "logs"])
def test_a_study_cannot_take_the_name_of_a_runs_own_results(small, name):
    shutil.copytree(small.folder / "replications/paper", small.folder / "replications" / name)
    with pytest.raises(InputError, match=f"no study can be named '{name}'"):
        study.folders(small.folder)


@pytest.mark.parametrize("name", ["a", "bm25", "A.b_c+d-e", "2020"])
def test_ordinary_names_pass(name):
    refuse_name(name, "here", "a role")


@pytest.mark.parametrize("kind", ["models", "collections"])
def test_a_definitions_name_is_checked(small, kind):
    (small.folder / kind).mkdir(exist_ok=True)
    (small.folder / kind / "a$(touch PWNED).yaml").write_text("{}")
    with pytest.raises(InputError, match=rf"{kind}: a definition under {kind}/ cannot be named"):
        asset.definitions(small.folder, kind)


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ("/../../X: {embedded: letters}", "collections: a role cannot be named '/../../X'"),
        ("letters: {embedded: ../letters}", "collections.letters.embedded: what stands for letters cannot be named '../letters'"),
    ],
)
def test_a_role_cannot_leave_its_folder(small, new, words):
    path = small.folder / "baselines/letters/experiment.yaml"
    old = "letters: {embedded: letters, substitute: letters, original: letters}"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(InputError) as refused:
        experiment.read(path)
    assert words in str(refused.value)


@pytest.mark.parametrize("name", ["../../X", "/abs/X", "a/../b", "a//b", "./a", "a\\..\\b", ""])
def test_a_file_of_a_definition_cannot_leave_its_folder(tmp_path, name):
    raw = {"licence": "l", "origin": "o", "get": "g", "sources": {}, "files": {name: {"bytes": 1, "sha256": "0" * 64}}}
    with pytest.raises(InputError, match="leaves its folder"):
        asset.read_asset(tmp_path / "m.yaml", raw)


def test_a_mirror_that_is_not_there_is_one_line(workspace):
    with pytest.raises(InputError, match=r"^mirror: there is no folder '/nowhere/mirror'$"):
        settings.load(workspace.folder, {"mirror": "/nowhere/mirror"})

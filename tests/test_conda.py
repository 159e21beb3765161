"""`snakemake --cores N --use-conda`, by the two commands of the README, from a shell that has conda and no Python of ours.

conda is a stand-in for its client (tests/conda), its channel lies on this disk; solving, linking, activation, the locks with their hashes
and the workflow are real. Needs what `make` needed: a package index, or the caches that the set-up has left.
"""

import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from harness.config import ROOT
from tests.conda import installation
from tests.conftest import Workspace

VENV = Path(sys.executable).parent
CREATE, RUN = re.findall(r"(?m)^(conda (?:env create|run) [^#\n]*)", (ROOT / "README.md").read_text(encoding="utf-8"))
PROJECT = ["Snakefile", "harness", "envs", "locks", "profiles", "bootstrap.py", "config.yaml"]
METHOD, YAML, LOCKS = "baselines/letters/method.py", "envs/workbench.yaml", "envs/workbench.post-deploy.sh"
DOC = '"""Rank by shared words."""'
TELL = f"""{DOC}
    import sys
    with open("where", "a") as where:
        print(sys.prefix, file=where)
"""
NOTHING, MADE = "Nothing to be done", "Creating conda environment"


def lacking() -> str:
    """Say what this machine lacks for these tests, if anything."""
    if sys.platform != "linux" or not shutil.which("bash"):
        return "the stand-in conda is written for Linux with bash"
    if sys.version_info[:2] != (3, 11):
        return f"{YAML} wants Python 3.11, and the channel can only offer the Python of these tests"
    return "" if importlib.util.find_spec("rattler") else "no py-rattler; `make test` installs it"


pytestmark = pytest.mark.skipif(bool(lacking()) and not os.environ.get("CI"), reason=f"{lacking()}; with CI set this fails")


class Clone(Workspace):
    """The project with two small studies, and a shell that has conda."""

    patience = 3600  # two set-ups, on a machine that may be busy

    def __init__(self, folder: Path, variables: dict[str, str]) -> None:
        super().__init__(folder)
        self.variables = variables
        self.first = ""
        self.base = Path(variables["PATH"].split(":")[0]).parent

    def environment(self) -> dict[str, str]:
        """The shell of a person who has conda and nothing else. What is compiled ahead takes longer than all the rest, and changes nothing here."""
        ours = ("WORKBENCH_", "PYTEST_", "CONDA_", "VIRTUAL_ENV", "PYTHONPATH")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
        return {**kept, "PIP_NO_COMPILE": "1", "UV_COMPILE_BYTECODE": "0", "NUMBA_DISABLE_JIT": "1", **self.variables}

    def call(self, command: str) -> tuple[int, str]:
        """Run a line of a shell."""
        return self.run(*shlex.split(command))

    def ours(self, *arguments: str) -> tuple[int, str]:
        """Run the project's own snakemake by its path alone."""
        return self.run(str(VENV / "snakemake"), "--cores", "2", *arguments)

    def where(self) -> set[str]:
        """Return the environments that have ranked since the last call."""
        path = self.folder / "where"
        told = set(path.read_text().split()) if path.exists() else set()
        path.unlink(missing_ok=True)
        return told

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.folder / path).read_text()
        assert old in text
        (self.folder / path).write_text(text.replace(old, new, 1))


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A clone in which the two commands of the README were called: both environments are made, and all is run."""
    folder = tmp_path_factory.mktemp("clone")
    made = Clone(folder, installation.install(tmp_path_factory.mktemp("conda")))
    made.take(*PROJECT)
    shutil.copytree(ROOT / "tests" / "workspace", folder, dirs_exist_ok=True)
    made.edit(METHOD, DOC, TELL)
    get = f"{sys.executable} -m pip download -q --no-deps --require-hashes -r locks/uv.txt -d {folder / 'wheels'}"
    code, said = made.call(get)
    if code and not os.environ.get("CI"):
        pytest.skip(f"no package index within reach; with CI set this fails: {said}")
    code, said = made.call(CREATE)
    assert code == 0, said
    code, said = made.call(RUN)
    assert code == 0 and MADE in said, said
    made.first = said
    yield made
    for place in (folder, made.base):
        shutil.rmtree(place)  # two gigabytes, of which pytest would keep three runs


@pytest.fixture(scope="module")
def inside(clone):
    """The environment of the jobs."""
    [place] = [path for path in (clone.folder / ".snakemake/conda").iterdir() if path.is_dir()]
    return place


def test_the_environment_is_linked_from_the_channel_and_holds_the_locks(clone, inside):
    linked = [json.loads(path.read_text()) for path in (inside / "conda-meta").glob("*.json")]
    assert {one["name"] for one in linked} == {"python", "pip"} and all(one["url"].startswith("file://") for one in linked)
    asked = "import importlib.metadata as m; print(*(f'{d.name}=={d.version}' for d in m.distributions()))"
    code, said = clone.run(str(inside / "bin/python"), "-c", asked)
    found = {canonicalize_name(name): version for name, _, version in (one.partition("==") for one in said.split())}
    build = "default" if found["torch"] == "2.13.0" else "cpu"
    lines = [line for name in ("base", f"torch-{build}") for line in (ROOT / f"locks/{name}.txt").read_text().splitlines()]
    pins = [Requirement(line.rstrip("\\")) for line in lines if "==" in line and not line.startswith("#")]
    wanted = {canonicalize_name(one.name): str(one.specifier)[2:] for one in pins if not one.marker or one.marker.evaluate()}
    assert code == 0 and len(wanted) > 100 and wanted.items() <= found.items()


def test_jobs_run_in_the_environment_and_a_second_run_does_nothing(clone, inside):
    assert clone.where() == {str(inside)} and "claims" in clone.first
    assert not list(clone.base.glob("envs/workbench/lib/*/site-packages/pyarrow")), "without it the Python outside could not score"
    code, said = clone.call(RUN)
    assert code == 0 and NOTHING in said and MADE not in said, said


def test_with_and_without_conda_nothing_is_stale_for_the_other(clone):
    (clone.folder / "results/embedded/report.html").unlink()
    code, said = clone.ours()
    assert code == 0 and re.findall(r"(?m)^(?:local)?rule (\w+):", said) == ["render", "all"], said
    code, said = clone.call(RUN)
    assert code == 0 and NOTHING in said, said


def test_the_environment_wins_over_an_active_venv_in_front_of_an_active_base(clone, inside, monkeypatch):
    shutil.rmtree(clone.folder / "results/embedded/letters/reversed/0/rank")
    path = f"{VENV}:{clone.base / 'bin'}:{clone.variables['PATH']}"
    active = {"PATH": path, "CONDA_PREFIX": str(clone.base), "CONDA_SHLVL": "1"}
    monkeypatch.setattr(clone, "variables", {**clone.variables, **active})
    code, said = clone.ours("--use-conda")
    assert code == 0 and MADE not in said, said
    assert clone.where() == {str(inside)}


def test_a_wrong_hash_stops_the_set_up_with_its_reason(clone, inside):
    [right] = re.findall(r"bm25s==\S+ \\\n(?: +--hash=\S+(?: \\)?\n)+", (clone.folder / LOCKS).read_text())
    wrong = re.sub(r"sha256:\w+", f"sha256:{'0' * 64}", right)
    clone.edit(LOCKS, right, wrong)
    code, said = clone.call(RUN)
    clone.edit(LOCKS, wrong, right)
    assert code and "bm25s" in said and "sha256:" + "0" * 64 in said and "hash" in said.lower(), said
    assert "Traceback" not in said and environments(inside) == [inside], said


def test_a_pin_that_nothing_fits_stops_the_set_up_with_its_reason(clone, inside):
    clone.edit(YAML, "python =3.11", "python =3.99")
    code, said = clone.call(RUN)
    clone.edit(YAML, "python =3.99", "python =3.11")
    assert code and "python 3.99" in said.replace("=", "") and "workbench.yaml" in said, said
    assert "Traceback" not in said and environments(inside) == [inside], said


def environments(inside: Path) -> list[Path]:
    return [path for path in inside.parent.iterdir() if path.is_dir()]


def test_the_stand_in_refuses_what_it_does_not_know(clone):
    code, said = clone.call("conda install numpy")
    assert code == 2 and "invalid choice" in said
    done = subprocess.run(["bash", "-c", "conda env create -n x -f y"], env=clone.environment(), capture_output=True, check=False)
    assert done.returncode == 2

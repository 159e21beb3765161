"""A small workspace: the project's own folders, copied, so that a test may change, break and run them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from harness import forkserver, job
from harness.config import ROOT


class Workspace:
    """A folder with config.yaml, chosen studies and their definitions; stages run in it as a user would run them."""

    patience = 600  # seconds that a command may take

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def take(self, *paths: str) -> None:
        """Copy files or folders of the project into the workspace."""
        for path in paths:
            source, target = ROOT / path, self.folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__", "reference")
                shutil.copytree(source, target, ignore=ignored, dirs_exist_ok=True)
            else:
                shutil.copy(source, target)

    def configure(self, **changes: object) -> None:
        """Change keys of the workspace's config.yaml (nested ones as mappings)."""
        path = self.folder / "config.yaml"
        settings = yaml.safe_load(path.read_text())
        for key, value in changes.items():
            settings[key] = {**settings[key], **value} if isinstance(value, dict) else value
        path.write_text(yaml.safe_dump(settings))

    def environment(self, served: bool = True) -> dict[str, str]:
        """The environment of a user's shell, with the project's harness at hand; without `served` each job is a process of its own."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("WORKBENCH_", "PYTEST_"))}
        if served and job.SOCKET in os.environ:
            kept[job.SOCKET] = os.environ[job.SOCKET]
        path = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", "")])
        return {**kept, "PYTHONPATH": str(ROOT), "PATH": path}

    def start(self, *command: str) -> subprocess.Popen[str]:
        """Start a command in the workspace, its output captured together."""
        return subprocess.Popen(
            command, cwd=self.folder, env=self.environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def run(self, *command: str) -> tuple[int, str]:
        """Run a command in the workspace to its end; return its exit code and all it said."""
        process = self.start(*command)
        said, _ = process.communicate(timeout=self.patience)
        return process.returncode, said

    def scores(self, place: str, rows: list[tuple[object, ...]], **overrides: object) -> Path:
        """Write score rows to `<study>/<group>/<seed>` as the score stage does, with the job's fingerprint."""
        from harness import config, score
        from harness.studies import prints
        from harness.studies.jobs import find_job, job_folder

        settings = config.load(self.folder, overrides)
        chosen, job = find_job(settings, *place.split("/"))
        path = job_folder(settings, job) / "scores.parquet"
        score.write(path, [tuple(row) for row in rows], prints.of(chosen, job, settings)["score"])
        return path

    def stage(self, name: str, *arguments: str) -> tuple[int, str]:
        """Run one stage as a job of the workflow does: `python -m harness.job <name> --root . ...`."""
        return self.run(sys.executable, "-m", "harness.job", name, "--root", ".", *arguments)

    def snakemake(self, *arguments: str) -> tuple[int, str]:
        """Run the real Snakefile in the workspace."""
        base = [sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile"), "--cores", "2", "--show-failed-logs"]
        return self.run(*base, "--workflow-profile", str(ROOT / "profiles" / "default"), *arguments)


@pytest.fixture(scope="session", autouse=True)
def served(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let the stages that the tests run be forked from one process that has the libraries loaded, as the jobs of a run are."""
    forkserver.start(forkserver.LEAST, os.environ, tmp_path_factory.mktemp("forkserver") / "log")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """An empty workspace with the project's config.yaml."""
    made = Workspace(tmp_path)
    made.take("config.yaml")
    return made


@pytest.fixture
def small(workspace: Workspace) -> Workspace:
    """A workspace with two studies of three queries, whose run takes seconds."""
    shutil.copytree(ROOT / "tests" / "workspace", workspace.folder, dirs_exist_ok=True)
    return workspace

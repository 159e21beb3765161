"""`snakemake --profile profiles/slurm` as it stands, on a real scheduler: jobs cancelled, the node drained, the head killed; the same bytes."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from harness.config import ROOT
from tests import one_node
from tests.conftest import Workspace
from tests.test_crash import PATIENCE, Undisturbed, prepare, processes, results, undisturbed, unlike, until  # noqa: F401 - a fixture

REASON = one_node.lacking()
pytestmark = pytest.mark.skipif(bool(REASON) and not os.environ.get("CI"), reason=f"{REASON}; with CI set this fails")
PROFILE = ROOT / "profiles/slurm/profile.yaml"
STUDIES = "random,tfidf"
HEADS: "list[subprocess.Popen[str]]" = []


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    assert REASON is None, REASON
    folder = tmp_path_factory.mktemp("slurm")
    with one_node.running(folder) as name:
        try:
            yield name
        finally:  # a test that failed leaves its head behind
            for head in HEADS:
                if head.poll() is None:
                    os.killpg(head.pid, signal.SIGKILL)
                    head.wait()
    assert not folder.exists() and not one_node.CONFIGURATION.exists()


def start(workspace, *arguments: str) -> "subprocess.Popen[str]":
    """Start the workflow as the profile says; only the wait before a job is first asked for is a test's own."""
    command = [sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile"), "--profile", str(PROFILE.parent)]
    command += ["--slurm-init-seconds-before-status-checks", "1", *arguments]
    own = workspace.environment(served=False)  # Slurm's jobs are processes of their own
    with (workspace.folder / "said").open("w") as said:
        HEADS.append(
            subprocess.Popen(
                command, cwd=workspace.folder, env=own, text=True, stdout=said, stderr=said,
                start_new_session=True,
            )
        )  # fmt: skip
    return HEADS[-1]


def ended(workspace, process: "subprocess.Popen[str]") -> tuple[int, str]:
    return process.wait(timeout=PATIENCE), (workspace.folder / "said").read_text()


def commands() -> list[str]:
    """The commands that the profile names for after a killed head."""
    return re.findall(r"^#   \$ (.*)$", PROFILE.read_text(), re.MULTILINE)


def ranking(folder: Path) -> bool:
    """Say whether a rank job works in a folder."""
    return any("harness.job rank " in line for line in processes(folder).values())


def test_cancelled_drained_and_killed_it_ends_in_the_bytes_of_a_local_run(node, undisturbed: Undisturbed, tmp_path):  # noqa: F811
    workspace, folder = prepare(tmp_path, Workspace), tmp_path
    (folder / "wait").touch()
    head = start(workspace)
    until(lambda: (len(one_node.queue("RUNNING")) == 3 and ranking(folder)) or head.poll() is not None, "three rank jobs")
    first = one_node.queue("RUNNING")
    assert len(first) == 3, (folder / "said").read_text()
    assert all(name.startswith("workbench_") for name in first.values())

    one_node.said("scontrol", "update", f"nodename={node}", "state=drain", "reason=test")
    one_node.said("scancel", min(first))
    until(lambda: one_node.queue("PENDING") or head.poll() is not None, "the second try of a cancelled job, waiting for the node")
    again = one_node.queue("PENDING")
    assert again and not again.keys() & first.keys(), (folder / "said").read_text()
    memory = one_node.said("squeue", "--noheader", "--format", "%m", "--jobs", min(again))
    assert memory == "8000M", "a second try gets twice the memory"
    one_node.said("scontrol", "update", f"nodename={node}", "state=resume")
    until(lambda: again.keys() <= one_node.queue("RUNNING").keys(), "the second try at work")

    os.kill(head.pid, signal.SIGKILL)
    head.wait()
    left = one_node.queue("RUNNING")
    assert len(left) == 3, "the jobs ended with the head, and this test shows nothing"
    code, said = ended(workspace, start(workspace))
    assert code and "--unlock" in said, said
    cancel, unlock = commands()
    assert unlock == "snakemake --unlock"
    subprocess.run(["bash", "-c", cancel], cwd=folder, check=True)
    until(lambda: not one_node.queue("RUNNING", "PENDING", "COMPLETING"), "the end of what the killed head left")
    code, said = ended(workspace, start(workspace, "--unlock"))
    assert code == 0, said

    (folder / "wait").unlink()
    code, said = ended(workspace, start(workspace))
    assert code == 0, said
    assert unlike(results(folder), undisturbed.results) == []
    assert results(folder).keys() == undisturbed.results.keys()
    sent = set(re.findall(r"^ *rule (\w+):$", said, re.MULTILINE))  # where Snakemake runs them itself, it says localrule
    assert sent == {"rank", "score"}, f"small steps went to the queue: {sent}"


def test_real_studies_give_the_bytes_of_a_local_run(node, tmp_path):
    folders = {}
    for where in ("local", "cluster"):
        (tmp_path / where).mkdir()
        folders[where] = Workspace(tmp_path / where)
        folders[where].take("config.yaml", "collections", "models", "baselines", "replications")
    chosen = ["--config", f"studies={STUDIES}"]
    head = start(folders["cluster"], *chosen)
    local = folders["local"].snakemake(*chosen)
    assert local[0] == 0, local[1]
    code, said = ended(folders["cluster"], head)
    assert code == 0 and "has been submitted with SLURM jobid" in said, said
    expected, found = results(folders["local"].folder), results(folders["cluster"].folder)
    assert len(expected) > 20 and found.keys() == expected.keys() and unlike(found, expected) == []


def test_the_profile_for_gpus_asks_for_one_and_changes_nothing_else():
    plain, gpus = (yaml.safe_load((ROOT / f"profiles/{name}/profile.yaml").read_text()) for name in ("slurm", "gpu"))
    assert set(gpus) == {"set-resources"}
    for rule in ("encode", "fit"):
        plain["set-resources"][rule]["gpu"] = 1
    assert gpus["set-resources"] == plain["set-resources"]

"""The real workflow, killed, starved and put out of time: what it leaves is whole, and the same command ends as if undisturbed.

`WORKBENCH_KILLS=50` for the long test by hand.
"""

import contextlib
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harness.config import ROOT

KILLS = int(os.environ.get("WORKBENCH_KILLS", "6"))
SEED = int(os.environ.get("WORKBENCH_KILLS_SEED", "1"))
CHAIN = 6  # kills that one run suffers before it may end
PATIENCE = 900  # seconds until something is said to hang
LONG_AGO, FAR_OFF = 1_000_000_000, 4_000_000_000  # 2001 and 2096
METHOD = "baselines/letters/method.py"
WAITING = """
    import time
    from pathlib import Path
    while Path("wait").exists():
        time.sleep(0.05)
"""


def command() -> list[str]:
    """What `make tables` runs, with two cores."""
    python = sys.executable
    snakemake = [python, "-m", "snakemake", "--nolock", "-s", str(ROOT / "Snakefile"), "--cores", "2", "--quiet", "all"]
    profile = ["--workflow-profile", str(ROOT / "profiles" / "default"), "--logger", "progress"]
    return [python, str(ROOT / "lock.py"), "results/.lock", *snakemake, *profile]


def start(workspace, **options: object) -> "subprocess.Popen[str]":
    """Start the workflow in a process group of its own; what it says goes to the file `said`."""
    with (workspace.folder / "said").open("w") as said:
        return subprocess.Popen(
            command(), cwd=workspace.folder, env=workspace.environment(), text=True, stdout=said, stderr=said,
            start_new_session=True, **options,
        )  # fmt: skip


def finish(workspace, **options: object) -> tuple[int, str]:
    """Run the workflow to its end; return its exit code and all it said."""
    code = start(workspace, **options).wait(timeout=PATIENCE)
    return code, (workspace.folder / "said").read_text()


def paths(folder: Path) -> set[str]:
    """Every file and folder that a run has made, temporary ones and Snakemake's own too."""
    return {os.path.join(above, name) for above, folders, files in os.walk(folder) for name in folders + files}


def processes(folder: Path) -> dict[int, str]:
    """The processes that work in a folder, with their command lines."""
    found = {}
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if process.name.isdigit() and (process / "cwd").readlink() == folder:
                found[int(process.name)] = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    return found


def until(done: Callable[[], object], what: str) -> None:
    """Wait for what is sure to come."""
    late = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < late, f"never seen: {what}"
        time.sleep(0.01)


def kill_all(folder: Path, process: "subprocess.Popen[str]") -> None:
    """SIGKILL for the process group of a run, and for what it started elsewhere."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    while left := processes(folder):
        for one in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        time.sleep(0.01)


def results(folder: Path) -> dict[str, bytes]:
    """What a run is for: path → bytes, without logs, marks of time and temporary files."""
    found = {}
    for kind in ("results", "paper_tables"):
        for path in sorted((folder / kind).rglob("*")):
            parts = path.relative_to(folder).parts
            own = not any(part.startswith(".") for part in parts) or path.name == ".fingerprint"
            if path.is_file() and own and "logs" not in parts and not any(part.startswith(".rank") for part in parts):
                found[str(Path(*parts))] = path.read_bytes()
    return found


def unlike(found: dict[str, bytes], expected: dict[str, bytes]) -> list[str]:
    """The names of results that are there and are not, byte for byte, those of the undisturbed run."""
    return [name for name, content in found.items() if expected.get(name) != content]


@dataclass
class Undisturbed:
    """A workspace after one whole run, the bytes of its results, and how many paths the run made."""

    folder: Path
    results: dict[str, bytes]
    events: int


@dataclass
class Kills:
    """What the kills of one test came to."""

    where: list[str] = field(default_factory=list)  # the path whose appearance was the last thing seen before the kill
    halves: list[str] = field(default_factory=list)  # results that a kill left under their name with other bytes
    ends: list[bool] = field(default_factory=list)  # of each killed run, whether it ended in the undisturbed run's bytes
    left: set[str] = field(default_factory=set)  # temporary files that stayed

    def told(self) -> str:
        places = "".join(f"\n  killed at {where}" for where in self.where)
        left = "".join(f"\n  left behind: {name}" for name in sorted(self.left))
        return (
            f"{len(self.where)} kills in {len(self.ends)} runs: {sum(self.ends)} ended byte-equal, "
            f"{len(self.halves)} results half written, {len(self.left)} temporary files left{places}{left}"
        )


def prepare(folder: Path, conftest: type) -> object:
    """A small workspace whose jobs wait as long as there is a file called `wait`."""
    made = conftest(folder)
    made.take("config.yaml")
    shutil.copytree(ROOT / "tests" / "workspace", folder, dirs_exist_ok=True)
    path = folder / METHOD
    text = path.read_text()
    assert '    """Rank by shared words."""\n' in text
    path.write_text(text.replace('    """Rank by shared words."""\n', '    """Rank by shared words."""\n' + WAITING))
    return made


@pytest.fixture
def fresh(workspace) -> object:
    return prepare(workspace.folder, type(workspace))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> Undisturbed:
    from tests.conftest import Workspace

    made = prepare(tmp_path_factory.mktemp("undisturbed"), Workspace)
    before = paths(made.folder)
    seen: set[str] = set()
    process = start(made)
    while process.poll() is None:
        seen |= paths(made.folder) - before
        time.sleep(0.005)
    assert process.returncode == 0, (made.folder / "said").read_text()
    found = results(made.folder)
    assert {"results/embedded/report.html", "paper_tables/embedded/paper.tex", "results/embedded/paper/verdicts.csv"} <= set(found)
    return Undisturbed(made.folder, found, len(seen))


def killed_at(workspace, event: int) -> str | None:
    """Start the workflow and kill it when it has made `event` paths; return the last, or None if it ended before."""
    before = paths(workspace.folder)
    seen: set[str] = set()
    process = start(workspace)
    while process.poll() is None:
        new = paths(workspace.folder) - before - seen
        seen |= new
        if len(seen) >= event:
            kill_all(workspace.folder, process)
            return f"path {event}: {max(new).removeprefix(str(workspace.folder) + '/')}"
        time.sleep(0.002)
    assert process.returncode == 0, (workspace.folder / "said").read_text()
    return None


def suffer(workspace, expected: Undisturbed, draw: random.Random, kills: int, told: Kills) -> None:
    """Kill one run up to `kills` times, then let it end; note what it left each time and what it ended in."""
    most = max(2, 2 * expected.events // (kills + 1))
    for _ in range(kills):
        where = killed_at(workspace, draw.randint(1, most))
        if where is None:
            break
        told.where.append(where)
        told.halves += [f"{name} ({where})" for name in unlike(results(workspace.folder), expected.results)]
    code, said = finish(workspace)
    assert code == 0, said
    told.ends.append(results(workspace.folder) == expected.results)
    told.left |= {
        str(path.relative_to(workspace.folder))
        for kind in ("results", "paper_tables")
        for path in (workspace.folder / kind).rglob(".*")
        if path.name not in (".fingerprint", ".lock", ".snakemake_timestamp")
    }


def test_a_run_killed_anywhere_ends_in_the_bytes_of_an_undisturbed_one(undisturbed, tmp_path):
    from tests.conftest import Workspace

    draw, told, number = random.Random(SEED), Kills(), 0
    while len(told.where) < KILLS:
        folder = tmp_path / str(number := number + 1)
        folder.mkdir()
        suffer(prepare(folder, Workspace), undisturbed, draw, min(CHAIN, KILLS - len(told.where)), told)
        shutil.rmtree(folder)
        with contextlib.suppress(KeyError):  # for whoever watches the long test
            Path(os.environ["WORKBENCH_KILLS_LOG"]).write_text(told.told() + "\n")
    print(f"\n{told.told()}")
    assert all(told.ends) and not told.halves, told.told()

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
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harness.config import ROOT

KILLS = int(os.environ.get("WORKBENCH_KILLS", "4"))
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
    own = workspace.environment(served=False)  # its limits and signals are its jobs' too
    with (workspace.folder / "said").open("w") as said:
        return subprocess.Popen(
            command(), cwd=workspace.folder, env=own, text=True, stdout=said, stderr=said,
            start_new_session=True, **options,
        )  # fmt: skip


def finish(workspace, **options: object) -> tuple[int, str]:
    """Run the workflow to its end; return its exit code and all it said."""
    code = start(workspace, **options).wait(timeout=PATIENCE)
    return code, (workspace.folder / "said").read_text()


def paths(folder: Path) -> set[str]:
    """Every file and folder that a run has made, temporary ones and Snakemake's own too."""
    return {f"{above}/{name}" for above, folders, files in os.walk(folder) for name in folders + files}


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
    assert {"results/embedded/report.html", "paper_tables/embedded/paper.tex"} <= set(found)
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


def jobs(folder: Path, stage: str) -> dict[int, str]:
    """The processes of one stage, without the shells around them."""
    return {pid: line for pid, line in processes(folder).items() if line.startswith("python -m") and f"harness.job {stage} " in line}


def test_a_scheduler_killed_alone_is_started_again_beside_its_living_jobs(undisturbed, fresh):
    folder = fresh.folder
    (folder / "wait").touch()
    first = start(fresh)
    until(lambda: jobs(folder, "rank"), "a rank job")
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    orphans = set(jobs(folder, "rank"))
    assert orphans, "the jobs ended with the scheduler, and this test shows nothing"
    second = start(fresh)
    until(lambda: second.poll() is not None or set(jobs(folder, "rank")) - orphans, "an answer of the second run")
    (folder / "wait").unlink()
    code, said = second.wait(timeout=PATIENCE), (folder / "said").read_text()
    until(lambda: not processes(folder), "the end of all jobs")
    if code:  # refused while the jobs live, or a job of each run wanted one name: then the same command once more
        assert "Traceback" not in said, said
        code, said = finish(fresh)
    assert code == 0, said
    assert unlike(results(folder), undisturbed.results) == []
    assert results(folder).keys() == undisturbed.results.keys()


def test_a_job_killed_for_its_memory_says_what_to_do(undisturbed, fresh):
    folder = fresh.folder
    (folder / "wait").touch()
    process = start(fresh)
    until(lambda: jobs(folder, "rank"), "a rank job")
    for one in jobs(folder, "rank"):
        os.kill(one, signal.SIGKILL)
    (folder / "wait").unlink()
    code, said = process.wait(timeout=PATIENCE), (folder / "said").read_text()
    assert code != 0 and "Traceback" not in said, said
    assert "memory" in said and "CORES=1" in said and "rank" in said, said
    assert unlike(results(folder), undisturbed.results) == []
    code, said = finish(fresh)
    assert code == 0 and results(folder) == undisturbed.results, said


def test_a_job_that_asks_for_more_memory_than_there_is_says_what_to_do(fresh):
    path = fresh.folder / METHOD
    path.write_text(path.read_text().replace(WAITING, "    np.zeros(1 << 50)\n"))
    code, said = fresh.stage("rank", "--study", "letters", "--group", "shared", "--seed", "0")
    assert code == 2 and "Traceback" not in said, said
    assert said.startswith("error: ") and "memory" in said and "CORES=1" in said, said


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Callable[[str], None]]:
    """Mount a disk of a few bytes at a folder; give what makes it larger. Only root may."""
    folder.mkdir(exist_ok=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    try:
        yield lambda larger: subprocess.run(["mount", "-o", f"remount,size={larger}", folder], check=True)
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.parametrize("size", ["32k", "120k"])
def test_a_full_disk_is_told_and_the_run_goes_on_when_there_is_room(undisturbed, fresh, size):
    with small_disk(fresh.folder / "results", size) as enlarge:
        code, said = finish(fresh)
        assert code != 0 and "Traceback" not in said, said
        assert ("No space left on device" in said or "the disk is full" in said) and "make room" in said, said
        assert unlike(results(fresh.folder), undisturbed.results) == []
        enlarge("100m")
        code, said = finish(fresh)
        assert code == 0 and results(fresh.folder) == undisturbed.results, said


def test_a_file_that_may_not_grow_is_told_and_the_run_goes_on_when_it_may(undisturbed, fresh):
    path, limit = fresh.folder / "replications/paper/claims.yaml", 30_000
    first, rest = path.read_text().split("\n", 1)
    assert first.startswith("title:")
    path.write_text(f"title: {'long ' * limit}\n{rest}")  # of the page, which then is the one file that is too large
    code, said = finish(fresh, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    assert code != 0 and "Traceback" not in said, said
    assert "File too large" in said and "make room" in said, said
    before = results(fresh.folder)
    assert "results/embedded/report.html" not in before and "results/embedded/paper/verdicts.csv" in before
    code, said = finish(fresh)
    after = results(fresh.folder)
    assert code == 0 and after.keys() == undisturbed.results.keys(), said
    assert unlike(before, after) == [], "what was whole before is whole still"
    assert all(name.endswith((".tex", ".html")) for name in unlike(after, undisturbed.results))


def set_times(paths: Iterable[Path], when: int) -> None:
    for path in paths:
        os.utime(path, (when, when))


def inputs(folder: Path) -> list[Path]:
    """What a user writes in a workspace."""
    kinds = ("config.yaml", "collections/*.*", "baselines/*/*.*", "replications/*/*.*")
    return [path for kind in kinds for path in folder.glob(kind)]


def made(folder: Path) -> list[Path]:
    """Results and their folders."""
    return [path for kind in ("results", "paper_tables") for path in (folder / kind).rglob("*")]


@pytest.fixture
def again(undisturbed, tmp_path) -> object:
    """A copy of the undisturbed workspace after its run."""
    from tests.conftest import Workspace

    shutil.copytree(undisturbed.folder, tmp_path / "again")
    return Workspace(tmp_path / "again")


@pytest.mark.parametrize(("of_inputs", "of_results"), [(LONG_AGO, FAR_OFF), (FAR_OFF, LONG_AGO), (FAR_OFF, FAR_OFF)])
def test_a_wrong_clock_alone_makes_nothing_anew(undisturbed, again, of_inputs, of_results):
    set_times(inputs(again.folder), of_inputs)
    set_times(made(again.folder), of_results)
    code, said = finish(again)
    assert code == 0 and "nothing is to be done" in said, said
    assert results(again.folder) == undisturbed.results


@pytest.mark.parametrize(
    ("path", "old", "new", "changed"),
    [
        ("replications/paper/claims.yaml", '"0.750", "0.9"', '"0.050", "0.9"', "results/embedded/paper/verdicts.csv"),
        ("replications/paper/experiment.yaml", "weight: 1.0", "weight: -1.0", "results/embedded/paper/shared/0/scores.parquet"),
        ("collections/letters.py", '"b c", "c d"', '"b", "c d"', "results/embedded/letters/shared/0/rank/shared.letters.trec.gz"),
        (METHOD, "settings.weight * len", "-settings.weight * len", "results/embedded/letters/shared/0/scores.parquet"),
    ],
)
def test_what_was_edited_under_an_old_time_is_not_taken_for_unchanged(undisturbed, again, path, old, new, changed):
    target = again.folder / path
    assert old in target.read_text()
    target.write_text(target.read_text().replace(old, new))
    set_times(inputs(again.folder), LONG_AGO)
    code, said = finish(again)
    assert code == 0, said
    found = results(again.folder)
    assert found.keys() == undisturbed.results.keys() and found[changed] != undisturbed.results[changed]


def test_results_from_the_future_are_told_and_never_kept_for_an_edited_ledger(undisturbed, again):
    path = again.folder / "replications/paper/claims.yaml"
    path.write_text(path.read_text().replace('"0.750", "0.9"', '"0.050", "0.9"'))
    set_times(made(again.folder), FAR_OFF)
    code, said = finish(again)
    assert code != 0 and "clock" in said and "Traceback" not in said, said
    stale = undisturbed.results["results/embedded/paper/verdicts.csv"]
    assert results(again.folder).get("results/embedded/paper/verdicts.csv") != stale

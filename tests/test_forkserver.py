"""Jobs that are forked from a process with everything loaded: the same words, code, threads and end as of a process of their own."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness import forkserver, job

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="jobs are forked on Linux alone")
METHOD = "baselines/letters/method.py"
RANK = (sys.executable, "-m", "harness.job", "rank", "--root", ".", "--study", "letters", "--group", "shared", "--seed", "0")


@pytest.fixture
def socket(served):
    """Where the server of this session listens; it takes some seconds to load."""
    place = Path(os.environ[job.SOCKET])
    wait_for(place.exists)
    return str(place)


def wait_for(done, seconds=120):
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until
        time.sleep(0.05)


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def tell(small, code):
    """Let the method run some code as it is loaded."""
    path = small.folder / METHOD
    path.write_text(f"import os\nimport time\n\n{code}\n{path.read_text()}")


def run(small, environment, *command, **more):
    return subprocess.Popen(
        command,
        cwd=small.folder,
        env=small.environment() | environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        **more,
    )


def test_a_job_says_and_returns_the_same_in_either_way(small, socket):
    for words in (["judge", "--root", ".", "--study", "nothing"], ["rank", "--help"], ["judge", "--nonsense"]):
        command = [sys.executable, "-m", "harness.job", *words]
        (code, said), (again, also) = [
            (process.wait(60), process.stdout.read())
            for process in (run(small, {job.SOCKET: way}, *command) for way in (socket, ""))
        ]
        assert (code, said) == (again, also) and said
    assert code == 2


def test_it_computes_with_the_threads_and_in_the_folder_that_it_was_given(small, socket):
    tell(small, "import torch; open('told', 'w').write(f'{torch.get_num_threads()} {os.getppid()}')")
    for threads in ("1", "2"):
        process = run(small, {job.SOCKET: socket, "OMP_NUM_THREADS": threads}, *RANK)
        assert process.wait(120) == 0, process.stdout.read()
        count, parent = (small.folder / "told").read_text().split()
        assert count == threads and "forkserver" in Path(f"/proc/{parent}/cmdline").read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_it_ends_with_the_process_that_asked_for_it(small, socket, number):
    tell(small, "open('pid', 'w').write(str(os.getpid())); os.rename('pid', 'here'); time.sleep(600)")
    process = run(small, {job.SOCKET: socket}, *RANK)
    wait_for((small.folder / "here").exists)
    pid = int((small.folder / "here").read_text())
    assert alive(pid) and pid != process.pid
    process.send_signal(number)
    assert process.wait(60) != 0
    wait_for(lambda: not alive(pid), 60)


def test_a_job_that_is_killed_is_no_success(small, socket):
    tell(small, "os.kill(os.getpid(), 9)")
    process = run(small, {job.SOCKET: socket}, *RANK)
    assert process.wait(60) == 137 and "job rank was killed before it ended" in process.stdout.read()


def test_a_bug_shows_its_traceback(small, socket):
    tell(small, "1 / 0")
    process = run(small, {job.SOCKET: socket}, *RANK)
    assert process.wait(60) == 1
    said = process.stdout.read()
    assert "ZeroDivisionError" in said and "was killed" not in said


def test_few_jobs_load_nothing_ahead(tmp_path):
    environment = {}
    forkserver.start(forkserver.LEAST - 1, environment, tmp_path / "log")
    assert environment == {} and not (tmp_path / "log").exists()


def test_the_server_ends_with_the_run_that_started_it(tmp_path):
    script = (
        "import os, sys, time; from pathlib import Path; from harness import forkserver, job\n"
        f"forkserver.start({forkserver.LEAST}, os.environ, Path({str(tmp_path / 'logs' / 'log')!r}))\n"
        "place = Path(os.environ[job.SOCKET]); print(place, flush=True)\n"
        "while not place.exists(): time.sleep(0.05)\n"
    )
    environment = {key: value for key, value in os.environ.items() if key != job.SOCKET}
    said = subprocess.run(
        [sys.executable, "-c", script], env=environment, text=True, capture_output=True, check=True, timeout=300
    ).stdout
    place = Path(said.strip())
    assert place.is_absolute()
    wait_for(lambda: not place.parent.exists())
    assert (tmp_path / "logs" / "log").read_text() == ""

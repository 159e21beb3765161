"""The process that the jobs of a run on one machine are forked from: libraries that take seconds to load are loaded once.

    python -m harness.forkserver SOCKET

It ends when its standard input does, which the workflow holds open; its jobs end by themselves, or with the `harness.job` that
asked for them. Nothing is computed here: what a job does, it does in a process of its own, with its own threads.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import MutableMapping
from importlib import import_module
from pathlib import Path

from harness import job
from harness.config import ROOT
from harness.rankings import metrics

LEAST = 12  # jobs to run: for fewer, loading everything costs more than it saves
STAGES = ("encode", "fit", "rank", "score", "build", "judge", "compare", "agree", "forensics", "draw", "table", "render")
# What the stages load inside their functions, and transformers behind a name.
LIBRARIES = ("torch", "transformers", "transformers.models.bert.modeling_bert", "transformers.models.mpnet.modeling_mpnet", "ranx", "pandas", "scipy.stats")  # fmt: skip
# One thread: each job takes as many as it was given, but a thread that runs here already is lost in a fork.
ALONE = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMBA_THREADING_LAYER": "forksafe"}


def start(jobs: int, environment: MutableMapping[str, str], log: Path) -> None:
    """Start the server for a run of so many jobs, and let `environment` tell it to them; nothing where it is not worth it."""
    if jobs < LEAST or job.SOCKET in environment or sys.platform != "linux":  # macOS's own libraries cannot be forked
        return
    place = Path(tempfile.mkdtemp(prefix="workbench-")) / "socket"  # a folder of the user alone
    environment[job.SOCKET] = str(place)
    alone = dict(environment) | ALONE
    alone["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, [environment.get("PYTHONPATH")])])
    read, _ = os.pipe()  # the other end closes with this process, and the server's input ends
    command = [sys.executable, "-m", "harness.forkserver", str(place)]
    log.parent.mkdir(parents=True, exist_ok=True)  # somebody may have cleared the logs
    with log.open("w") as said:
        subprocess.Popen(command, stdin=read, stdout=said, stderr=said, env=alone)
    os.close(read)


def load() -> None:
    """Load what the jobs need, the compiled metrics too, and keep the collector of garbage from looking through it in each fork."""
    for name in (*LIBRARIES, *(f"harness.{stage}" for stage in STAGES)):
        import_module(name)
    metrics.keep_compiled()
    metrics.evaluate({"q": [("d", 1.0)]}, {"q": {"d": 1}}, ["ndcg@10", "mrr@10", "recall@10", "hit_rate@10"])
    gc.collect()
    gc.freeze()


def serve(listening: socket.socket) -> None:
    """Fork for each request until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the jobs; the workflow waits for them
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the forks: the system clears them away
    while True:
        ready, _, _ = select.select([listening, sys.stdin], [], [])
        if sys.stdin in ready:
            return
        asking, _ = listening.accept()
        if not os.fork():
            listening.close()
            _end(run(asking))
        asking.close()


def run(asking: socket.socket) -> int:
    """Be the job that a socket asks for: its folder, environment, output, threads and command line."""
    length, streams, *_ = socket.recv_fds(asking, 8, 3)
    request = json.loads(asking.recv(int.from_bytes(length, "big"), socket.MSG_WAITALL))
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    for number in (signal.SIGINT, signal.SIGCHLD):
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    tempfile.tempdir = None  # of this job's environment, not of the server's
    _threads(int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1))
    asking.sendall(f"{os.getpid()}\n".encode())
    threading.Thread(target=_follow, args=[asking], daemon=True).start()
    try:
        code = job.here(request["words"])
    except BaseException:  # a bug, or Ctrl-C: said as the interpreter would, and the client hears of its end
        traceback.print_exc()
        code = 1
    asking.sendall(f"{code}\n".encode())
    return code


def _end(code: int) -> None:
    """End this process as the interpreter would, but for taking apart all that was loaded: that takes as long as loading it."""
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _threads(count: int) -> None:
    """Let the libraries that were loaded with one thread compute with as many as this job was given."""
    import threadpoolctl
    import torch

    torch.set_num_threads(count)
    threadpoolctl.threadpool_limits(count)


def _follow(asking: socket.socket) -> None:
    """End with the process that asked, however it ended."""
    asking.recv(1)
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """`python -m harness.forkserver SOCKET`: load the libraries, then fork for each job; those that ask meanwhile wait."""
    place = Path(sys.argv[1])
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(place))
        listening.listen(64)
        load()
        serve(listening)
    place.unlink()
    place.parent.rmdir()


if __name__ == "__main__":
    main()

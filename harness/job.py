"""One job of the workflow, in a fork of a process that has its libraries loaded already, or, where there is none, in this one.

    python -m harness.job STAGE OPTIONS

Loading torch, transformers or numba takes seconds, and most jobs compute for less: `harness.forkserver` loads them once for a
run. This file is what each job starts, so it imports the standard library alone.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from importlib import import_module
from pathlib import Path
from types import FrameType

SOCKET = "WORKBENCH_FORKSERVER"  # where the server of this run listens


def main() -> int:
    """Run a stage; return its exit code."""
    with socket.socket(socket.AF_UNIX) as served:
        try:
            served.connect(os.environ[SOCKET])
        except (KeyError, OSError):  # no server, not ready yet, on another host, or gone
            return here(sys.argv[1:])
        return there(served, sys.argv[1:])


def here(words: list[str]) -> int:
    """Run a stage in this process; its command line is as if it had been called itself."""
    sys.argv = [f"harness.{words[0]}", *words[1:]]
    try:
        import_module("harness.errors").stage(import_module(sys.argv[0]).main)
    except SystemExit as end:
        if not isinstance(end.code, int | None):
            print(end.code, file=sys.stderr)
            return 1
        return end.code or 0
    raise AssertionError("a stage ends by SystemExit")


def there(served: socket.socket, words: list[str]) -> int:
    """Have the server fork for this job: its output is ours, our signals are its, and it ends with us."""
    request = json.dumps({"words": words, "folder": str(Path.cwd()), "environment": dict(os.environ)}).encode()
    socket.send_fds(served, [len(request).to_bytes(8, "big")], [0, 1, 2])
    served.sendall(request)
    answers = served.makefile("r")
    pid = int(answers.readline() or 0)
    if not pid:  # the server ended before it could fork
        return here(words)

    def forward(number: int, _: FrameType | None) -> None:
        os.kill(pid, number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, forward)
    code = answers.readline()
    answers.read()  # until the job's process is gone
    if not code:
        print(f"job {words[0]} was killed before it ended", file=sys.stderr)
    return int(code or 128 + signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())

"""Runs a command while holding a lock of its folder; standard library only. `python lock.py FILE COMMAND...`.

Snakemake's own lock outlives a kill -9 and then refuses to start; the kernel drops this one with the last process that holds it.
"""

from __future__ import annotations

import fcntl
import os
import sys
from pathlib import Path

BUSY = 75  # EX_TEMPFAIL of sysexits.h


def main(path: Path, command: list[str]) -> None:
    """Take the lock and become the command, which keeps it; its jobs may outlive it, and write under names of their own. Stop with a message where another run has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    held = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("error: another run is at work in this folder; wait for it", file=sys.stderr)
        sys.exit(BUSY)
    os.set_inheritable(held, True)
    os.execvp(command[0], command)  # noqa: S606 - the command is the Makefile's own


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), sys.argv[2:])
    except OSError as error:
        sys.exit(f"error: {error.filename or 'the lock'}: {error.strerror or error}")

"""A real Slurm of one node, started for a test and gone after it: slurmctld, slurmd and munged, all their files in one folder.

Only `/etc/slurm/slurm.conf` lies elsewhere: the plugin takes `SLURM_CONF` out of the environment of its jobs. It is written only
where none is, and removed at the end.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

CONFIGURATION = Path("/etc/slurm/slurm.conf")
NEEDED = ("slurmctld", "slurmd", "munged", "sbatch")
PATIENCE = 60  # seconds for a daemon to answer
TEXT = """
ClusterName=one
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=2
NodeName={host} NodeAddr=127.0.0.1 CPUs=32 RealMemory=256000 State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def lacking() -> str | None:
    """Say what this machine lacks for a Slurm of its own."""
    if absent := [name for name in NEEDED if not shutil.which(name)]:
        return f"no {absent[0]} here; as root: apt-get install slurm-wlm munge"
    if os.geteuid():
        return "only root may start a scheduler"
    return f"{CONFIGURATION} is there: this machine is part of a cluster" if CONFIGURATION.exists() else None


def said(*command: str) -> str:
    """Run a command of Slurm and return what it prints."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout.strip()


def queue(*states: str) -> dict[str, str]:
    """Return job id → name of the jobs that are in one of these states."""
    rows = said("squeue", "--noheader", "--states", ",".join(states), "--format", "%i %j").splitlines()
    return dict(row.split(" ", 1) for row in rows)


@contextlib.contextmanager
def running(folder: Path) -> Iterator[str]:
    """Start the scheduler and give the node's name; end its jobs, stop it and remove its files, whatever the test did."""
    host = socket.gethostname().split(".")[0]
    for name in ("munge", "state", "spool"):
        (folder / name).mkdir(mode=0o755)
    key = folder / "munge/key"
    key.touch(mode=0o600)
    key.write_bytes(secrets.token_bytes(128))
    made = not CONFIGURATION.parent.exists()
    CONFIGURATION.parent.mkdir(exist_ok=True)
    try:
        with CONFIGURATION.open("x") as opened:
            opened.write(TEXT.format(host=host, folder=folder, ports=_ports()))
        _start(folder)
        yield host
    finally:
        _stop(folder)
        CONFIGURATION.unlink(missing_ok=True)
        if made:
            CONFIGURATION.parent.rmdir()


def _ports() -> list[int]:
    with contextlib.ExitStack() as held:
        return [held.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1] for _ in range(2)]


def _start(folder: Path) -> None:
    munge = folder / "munge"
    places = {"key-file": "key", "socket": "socket", "pid-file": "pid", "log-file": "log", "seed-file": "seed"}
    # --force: the folder of a test lies below /tmp, which all may write to.
    subprocess.run(["munged", "--force", *(f"--{option}={munge / name}" for option, name in places.items())], check=True)
    subprocess.run(["slurmctld"], check=True)
    subprocess.run(["slurmd"], check=True)
    late = time.monotonic() + PATIENCE
    while subprocess.run(["sinfo", "-h", "-o", "%t"], capture_output=True, text=True, check=False).stdout.strip() != "idle":
        logs = [path.read_text()[-2000:] for path in folder.glob("*.log")]
        assert time.monotonic() < late, "the scheduler never became ready:\n" + "\n".join(logs)
        time.sleep(0.1)


def _stop(folder: Path) -> None:
    """End jobs first, while there is someone to end them; then each daemon by the number that it has written down."""
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(["scancel", "--user=root", "--signal=KILL", "--full"], capture_output=True, timeout=20, check=False)
        subprocess.run(["scancel", "--user=root"], capture_output=True, timeout=20, check=False)
    for file in ("slurmd.pid", "slurmctld.pid", "munge/pid"):
        with contextlib.suppress(FileNotFoundError, ValueError, ProcessLookupError):
            _end(int((folder / file).read_text()))
    shutil.rmtree(folder, ignore_errors=True)


def _end(process: int) -> None:
    late = time.monotonic() + 10
    os.kill(process, signal.SIGTERM)
    while _lives(process):
        if time.monotonic() > late:
            os.kill(process, signal.SIGKILL)
        time.sleep(0.1)


def _lives(process: int) -> bool:
    """Say whether a process is there, and not only waits for a parent to take note of its end."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False

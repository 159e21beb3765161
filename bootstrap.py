"""Sets up `.venv` from the hash locks; standard library only. Called by `make`; a second call with nothing changed returns at once.

`--here` installs the locks into the Python that runs this file: so does the environment of `snakemake --use-conda` (locks/conda.py).

TORCH chooses the build: cpu, default (what PyPI gives: CUDA on Linux, MPS on a Mac) or auto (cpu on Linux without
nvidia-smi, else default).
"""

# No `from __future__ import annotations`, no newer syntax: an old Python must get as far as the check below.
import sys

if sys.version_info < (3, 11):
    sys.exit("error: Python 3.11 or later is needed, this is %d.%d; call make PYTHON=python3.11" % sys.version_info[:2])  # noqa: UP031

import hashlib
import json
import os
import platform
import shutil
import subprocess
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def torch_build(choice: str) -> str:
    """Return 'cpu' or 'default' for the user's choice."""
    if choice not in ("cpu", "default", "auto"):
        sys.exit(f"error: TORCH={choice}: choose cpu, default or auto")
    if choice == "auto":
        return "cpu" if platform.system() == "Linux" and not shutil.which("nvidia-smi") else "default"
    return choice


def locks(build: str, extras: list[str]) -> list[Path]:
    """Return the locks to install."""
    return [HERE / "locks" / f"{name}.txt" for name in ("base", f"torch-{build}", *extras)]


def digest(paths: list[Path]) -> str:
    """Return a digest of the locks, this file and the Python that runs it: what the set-up depends on."""
    content = b"".join(path.read_bytes() for path in [*paths, HERE / "locks" / "uv.txt", Path(__file__)])
    return hashlib.sha256(content + sys.version.encode()).hexdigest()


def pip_settings(python: Path) -> dict[str, str]:
    """Return what pip is configured with: uv does not read pip's files, and a machine's wheels may stand there."""
    listed = subprocess.run([str(python), "-m", "pip", "config", "list"], capture_output=True, text=True, check=False).stdout
    settings = {}
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        settings[key.split(".")[-1].strip(":").strip()] = value.strip().strip("'\"")
    return settings


def uv_options(settings: dict[str, str], build: str) -> list[str]:
    """Translate pip's sources for uv; without local wheels a CPU build on Linux comes from PyTorch's own index, which uv knows."""
    options = []
    for folder in settings.get("find-links", "").split():
        options += ["--find-links", folder]
    if "index-url" in settings:
        options += ["--index-url", settings["index-url"]]
    local = any("torch-" in p.name for f in settings.get("find-links", "").split() if Path(f).is_dir() for p in Path(f).iterdir())
    if build == "cpu" and platform.system() == "Linux" and not local:
        options += ["--torch-backend", "cpu"]
    return options


def run(command: list[str], environment: dict[str, str], hint: str) -> None:
    """Run one step of the set-up; on failure show its words and a hint, and stop."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{done.stdout}{done.stderr}\nerror: set-up stopped. {hint}")


def install(python: Path, wanted: list[Path], build: str) -> None:
    """Install the locks, with their hashes, into the environment of a Python."""
    environment = {"UV_COMPILE_BYTECODE": "1", **os.environ}  # bytecode: else each first import is slow
    settings = pip_settings(python)
    if settings.get("cert"):
        environment.setdefault("SSL_CERT_FILE", settings["cert"])
    pip = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    run(
        [*pip, "--require-hashes", "-r", str(HERE / "locks/uv.txt")],
        environment,
        "Is there network, or a mirror in pip's settings?",
    )
    requirements = [part for lock in wanted for part in ("-r", str(lock))]
    uv = [str(python.with_name("uv")), "pip", "install", "-q", "--python", str(python)]
    # --no-deps: the locks are complete, and a CPU build of torch must not draw the GPU packages its name asks for.
    flags = ["--no-deps", "--require-hashes", *uv_options(settings, build)]
    hint = " If torch's CPU build has no known hash for this Python, use Python 3.11 or TORCH=default." if build == "cpu" else ""
    run([*uv, *flags, *requirements], environment, f"See above.{hint}")


def main(extras: list[str]) -> None:
    """Make or refresh `.venv`; `extras` names more locks (dev, mteb)."""
    build = torch_build(os.environ.get("TORCH") or "auto")
    wanted = locks(build, extras)
    stamp = VENV / "installed.json"
    current = json.loads(stamp.read_text()) if stamp.exists() else {}
    state = {lock.stem: digest([lock]) for lock in wanted} | {"place": str(VENV.resolve())}
    if state.items() <= current.items() and PYTHON.exists():
        return
    moved = current.get("place", state["place"]) != state["place"]  # its programs name the old folder's Python
    started = time.monotonic()
    told = "the folder was moved or copied, made anew" if moved else "once"
    print(f"set-up: Python {platform.python_version()}, torch {build}, into {VENV.name} ({told})", flush=True)
    if moved or not PYTHON.exists():
        hint = "On Debian and Ubuntu: apt install python3-venv."
        run([sys.executable, "-m", "venv", "--clear", str(VENV)], dict(os.environ), hint)
    install(PYTHON, wanted, build)
    kept = {} if moved else {name: value for name, value in current.items() if not name.startswith("torch-")}  # one build replaces the other
    stamp.write_text(json.dumps({**kept, **state}))
    print(f"set-up: done in {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["--here"]:
        chosen = torch_build(os.environ.get("TORCH") or "auto")
        install(Path(sys.executable), locks(chosen, []), chosen)
    else:
        main(sys.argv[1:])

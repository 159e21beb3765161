"""Compile locks/*.in into hash locks: base, torch-default, torch-cpu, dev, mteb, snakemake. Needs uv on the path.

What is locked stays at its version (`make locks`, after an edit of a .in file); with --upgrade (`make upgrade`) everything but
torch goes to its newest, the pins of the .in files too. torch stands apart so that a CPU build can take its place: base holds
nothing that only a GPU needs; its CPU build's hash is written below by hand.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

HERE = Path(__file__).parent
GPU = re.compile(r"^(torch|nvidia-[a-z0-9-]+|cuda-[a-z0-9-]+|triton)(==|\[| )")
# The CPU builds of PyTorch's own index; PyPI has none for Linux. Other Pythons: see bootstrap.py.
CPU = {"torch==2.13.0+cpu ; sys_platform == 'linux'": ["6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b"]}


PIN = re.compile(r"^(?P<name>[A-Za-z0-9_.-]+)==(?P<version>\S+)(?= |$)", re.M)
LOCKS = {"requirements": ("base", "torch-default"), "uv": ("uv",), "dev": ("dev",), "mteb": ("mteb",), "snakemake": ("snakemake",)}


def compile_(name: str, *, upgrade: bool) -> list[str]:
    """Return the locked entries of one input, each with its hashes, one string an entry; keep what the locks hold unless upgrading."""
    with tempfile.TemporaryDirectory() as folder:
        held = Path(folder) / "held.txt"
        held.write_text("".join((HERE / f"{lock}.txt").read_text() for lock in LOCKS[name] if (HERE / f"{lock}.txt").exists()))
        command = ["uv", "pip", "compile", f"{name}.in", "--universal", "--python-version", "3.11", "--generate-hashes", "--no-header"]
        command += ["--no-annotate", "-q", "--output-file", str(held), *(["--upgrade"] if upgrade else [])]
        subprocess.run(command, cwd=HERE, check=True, capture_output=True, text=True)
        return [entry for entry in re.split(r"\n(?=[A-Za-z])", held.read_text().strip()) if entry]


def loosened(text: str) -> str:
    """Return an input without its pins, torch's kept."""
    return PIN.sub(lambda pin: pin[0] if pin["name"] == "torch" else pin["name"], text)


def repinned(text: str, entries: list[str]) -> str:
    """Return an input with its pins at the versions that were locked, and all else as it is."""
    found = {name_of(entry): entry.split("==", 1)[1].split(" ", 1)[0] for entry in entries if "==" in entry}
    return PIN.sub(lambda pin: f"{pin['name']}=={found[pin['name'].lower()]}", text)


def upgraded(name: str) -> list[str]:
    """Compile an input to the newest versions, and write them into its pins."""
    path = HERE / f"{name}.in"
    before = path.read_text()
    path.write_text(loosened(before))
    try:
        entries = compile_(name, upgrade=True)
    except BaseException:
        path.write_text(before)
        raise
    path.write_text(repinned(before, entries))
    return entries


def write(name: str, entries: list[str], note: str) -> None:
    """Write one lock, its note first."""
    (HERE / f"{name}.txt").write_text(f"# {note} Made by locks/compile.py; do not edit.\n" + "\n".join(entries) + "\n")


def name_of(entry: str) -> str:
    """Return the package that an entry pins."""
    return re.split(r"[=\[ ]", entry, maxsplit=1)[0].lower()


def main(upgrade: bool) -> None:
    """Compile every lock."""
    entries_of = upgraded if upgrade else partial(compile_, upgrade=False)
    everything = entries_of("requirements")
    gpu = [entry for entry in everything if GPU.match(entry)]
    base = [entry for entry in everything if not GPU.match(entry)]
    write("base", base, "Everything but torch.")
    write("torch-default", gpu, "torch as PyPI has it: CUDA on Linux, MPS on a Mac.")
    cpu = [f"{pin} \\\n" + " \\\n".join(f"    --hash=sha256:{value}" for value in hashes) for pin, hashes in CPU.items()]
    torch = next(entry for entry in gpu if entry.startswith("torch==")).split(" \\\n")
    cpu.append("torch==2.13.0 ; sys_platform != 'linux' \\\n" + " \\\n".join(line for line in torch if "--hash" in line))
    write("torch-cpu", cpu, "torch for processors alone.")
    write("uv", entries_of("uv"), "The installer of the other locks.")
    known = {name_of(entry) for entry in everything}
    for extra in ("dev", "mteb"):
        entries = entries_of(extra)
        write(extra, [e for e in entries if name_of(e) not in known and not GPU.match(e)], f"What {extra}.in adds to base.")
    write("snakemake", compile_("snakemake", upgrade=upgrade), "What calls the workflow in conda, whose jobs have everything else.")


if __name__ == "__main__":
    main("--upgrade" in sys.argv[1:])

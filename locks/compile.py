"""Compile locks/*.in into hash locks: base, torch-default, torch-cpu, dev, mteb, snakemake. Needs uv on the path.

torch stands apart so that a CPU build can take its place: base holds nothing that only a GPU needs.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
GPU = re.compile(r"^(torch|nvidia-[a-z0-9-]+|cuda-[a-z0-9-]+|triton)(==|\[| )")
# The CPU builds of PyTorch's own index; PyPI has none for Linux. Other Pythons: see bootstrap.py.
CPU = {"torch==2.13.0+cpu ; sys_platform == 'linux'": ["6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b"]}


def compile_(name: str) -> list[str]:
    """Return the locked entries of one input, each with its hashes, one string an entry."""
    command = [
        "uv",
        "pip",
        "compile",
        f"{name}.in",
        "--universal",
        "--python-version",
        "3.11",
        "--generate-hashes",
        "--no-header",
    ]
    text = subprocess.run([*command, "--no-annotate", "-q"], cwd=HERE, check=True, capture_output=True, text=True).stdout
    return [entry for entry in re.split(r"\n(?=[A-Za-z])", text.strip()) if entry]


def write(name: str, entries: list[str], note: str) -> None:
    """Write one lock, its note first."""
    (HERE / f"{name}.txt").write_text(f"# {note} Made by locks/compile.py; do not edit.\n" + "\n".join(entries) + "\n")


def name_of(entry: str) -> str:
    """Return the package that an entry pins."""
    return re.split(r"[=\[ ]", entry, maxsplit=1)[0].lower()


def main() -> None:
    """Compile every lock."""
    everything = compile_("requirements")
    gpu = [entry for entry in everything if GPU.match(entry)]
    base = [entry for entry in everything if not GPU.match(entry)]
    write("base", base, "Everything but torch.")
    write("torch-default", gpu, "torch as PyPI has it: CUDA on Linux, MPS on a Mac.")
    cpu = [f"{pin} \\\n" + " \\\n".join(f"    --hash=sha256:{value}" for value in hashes) for pin, hashes in CPU.items()]
    torch = next(entry for entry in gpu if entry.startswith("torch==")).split(" \\\n")
    cpu.append("torch==2.13.0 ; sys_platform != 'linux' \\\n" + " \\\n".join(line for line in torch if "--hash" in line))
    write("torch-cpu", cpu, "torch for processors alone.")
    write("uv", compile_("uv"), "The installer of the other locks.")
    known = {name_of(entry) for entry in everything}
    for extra in ("dev", "mteb"):
        entries = compile_(extra)
        write(extra, [e for e in entries if name_of(e) not in known and not GPU.match(e)], f"What {extra}.in adds to base.")
    write("snakemake", compile_("snakemake"), "What calls the workflow in conda, whose jobs have everything else.")


if __name__ == "__main__":
    sys.exit(main())

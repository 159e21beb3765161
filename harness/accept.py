"""Accepting a run: show what changes, then make today's scores the reference."""

from __future__ import annotations

import subprocess
from pathlib import Path

import yaml

from harness import places
from harness.errors import InputError, stage
from harness.regression.conditioning import moves
from harness.regression.environment import environment, moved
from harness.regression.reference import absent, as_csv, differences, read_reference, reference_path, today
from harness.studies import study
from harness.studies.command import parse
from harness.text import write_text


def commit(root: Path) -> str:
    """Return the commit that stands in `root`, marked where files differ from it; 'unknown' outside git."""
    said = [_git(root, "rev-parse", "HEAD"), _git(root, "status", "--porcelain", "--untracked-files=no")]
    return "unknown" if not said[0] else f"{said[0]} with changes" if said[1] else said[0]


def _git(root: Path, *words: str) -> str:
    try:
        return subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=False).stdout.strip()  # noqa: S607
    except FileNotFoundError:
        return ""


def main() -> None:
    """`python -m harness.accept --study S`: show the differences, then accept the scores of this fidelity."""
    arguments, config = parse(main.__doc__ or "", "study")
    one = study.one(config, arguments.study)
    found, path = today(one, config), reference_path(one, config)
    if missing := absent(one, found, config):
        raise InputError(f"{one.name} is not run to its end, nothing is accepted:\n" + "\n".join(missing))
    if not found:
        raise InputError(f"{one.name} has no scores at fidelity {config.fidelity}; run it first")
    if faulty := [key for key, value in found.items() if value != value]:
        raise InputError(f"{one.name}: {'/'.join(faulty[0])} is NaN; nothing is accepted")
    lines = differences(read_reference(path) if path.exists() else {}, found, lambda key: config.check.tolerance)
    lines += moved(path) if path.exists() else []
    print("\n".join(lines) if lines else "no score differs from the reference", flush=True)  # seen even if writing fails
    command = f"make accept STUDY={one.name} FIDELITY={config.fidelity}" + (f" FALLBACK={config.fallback}" if config.fallback else "")
    far, runs = moves(one, found, config)
    made = {"command": command, "commit": commit(config.root), "environment": environment(), "moved_runs": runs}
    write_text(path, as_csv(found, far))
    write_text(path.with_suffix(".yaml"), yaml.safe_dump(made, sort_keys=False))
    print(f"accepted: {len(found)} scores, {places.shown(path, config.root)}; commit it alone, with this command in the message")


if __name__ == "__main__":
    stage(main)

"""Accepting a run: show what changes, then make today's scores the reference."""

from __future__ import annotations

import subprocess

import yaml

from harness import study
from harness.check import as_csv, differences, environment, read_reference, reference_path, today
from harness.command import parse
from harness.errors import InputError, stage
from harness.text import write_text


def main() -> None:
    """`python -m harness.accept --study S`: show the differences, then copy the scores of this fidelity."""
    arguments, config = parse(main.__doc__ or "", "study")
    one = study.select(config.model_copy(update={"studies": arguments.study}))[0]
    found = today(one, config)
    if not found:
        raise InputError(f"study '{one.name}' has no scores at fidelity {config.fidelity}; run it first")
    path = reference_path(one, config)
    accepted = read_reference(path) if path.exists() else {}
    lines = differences(accepted, found, config.check.tolerance)
    print("\n".join(lines) if lines else "no score differs from the reference")
    command = ["git", "-C", str(config.root), "rev-parse", "HEAD"]
    commit = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or "unknown"
    write_text(path, as_csv(found))
    made = {"commit": commit, "command": f"make accept STUDY={one.name} FIDELITY={config.fidelity}", "environment": environment()}
    write_text(path.with_suffix(".yaml"), yaml.safe_dump(made, sort_keys=False))
    print(f"accepted: {len(found)} scores, {path.relative_to(config.root)}; commit it alone, with this command in the message")


if __name__ == "__main__":
    stage(main)

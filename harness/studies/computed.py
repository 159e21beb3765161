"""What jobs were computed on: a line beside each job's log, as it was last computed; the summary tells the distinct ones."""

from __future__ import annotations

from pathlib import Path

from harness.config import Config
from harness.text import read_text, write_text
from harness.vectors import machine


def _folder(config: Config) -> Path:
    return config.folder / "logs" / "computed_on"


def note(config: Config, job: str) -> None:
    """Write down what this process has used for a job; nothing where all was kept from before."""
    if choice := machine.used():
        write_text(_folder(config) / f"{job}.txt", choice.told() + "\n")


def told(config: Config) -> str:
    """Return the line of the summary."""
    lines = sorted({read_text(path).strip() for path in _folder(config).glob("*.txt")})
    return f"computed on: {'; '.join(lines) or 'nothing: all vectors and models were kept from before'}"

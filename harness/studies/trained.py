"""Trained models, kept by what they hang on: a change of measures or tables trains nothing again."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from harness.config import Config


def place(config: Config, base: Path, version: int, parts: list[Any]) -> Path:
    """Return where the model of one base, and of `parts` (texts, settings, seed: anything that JSON holds), is kept.

    `version` is the method's own: raised when its code changes what is trained.
    """
    moved = [config.perturb] if config.perturb else []  # trained again, so that what training makes of rounding shows
    weights = hashlib.sha256((base / "model.safetensors").read_bytes()).hexdigest()
    key = hashlib.sha256(json.dumps([version, weights, *parts, *moved], sort_keys=True).encode()).hexdigest()[:20]
    return (config.root / config.cache / "trained" / key).resolve()


def keep(unfinished: Path, target: Path) -> None:
    """Move a finished folder to where it is kept; where another run was faster, its model stays and this one is dropped."""
    try:
        unfinished.rename(target)
    except OSError:
        if not target.is_dir():
            raise
        shutil.rmtree(unfinished)


def link(folder: Path, name: str, kept: Path) -> None:
    """Let `<folder>/<name>` stand for the kept model."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(kept, target_is_directory=True)

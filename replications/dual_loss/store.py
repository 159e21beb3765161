"""Trained models, kept by what they hang on: a change of measures or tables trains nothing again."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from harness.config import Config

from .pairs import Pair
from .recipe import Recipe

VERSION = 1  # raise it when a change of training, mining or splitting changes what is trained


def place(config: Config, base: Path, pairs: list[Pair], recipe: Recipe, seed: int) -> Path:
    """Return where the model of one recipe, base, list of pairs and seed is kept."""
    weights = hashlib.sha256((base / "model.safetensors").read_bytes()).hexdigest()
    parts = [VERSION, weights, pairs, recipe.model_dump(mode="json"), seed]
    key = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:20]
    return (config.root / config.cache / "trained" / key).resolve()


def link(folder: Path, name: str, kept: Path) -> None:
    """Let `<folder>/<name>` stand for the kept model."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(kept, target_is_directory=True)

"""What `fallback: substitute` found missing at fidelity original, and what takes its place in a study."""

from __future__ import annotations

import json
from pathlib import Path

from harness.config import Config
from harness.errors import InputError
from harness.studies.experiment import Experiment, Role
from harness.text import read_text

KINDS = {"collections": "collection", "training": "collection", "models": "model"}


def record(config: Config) -> Path:
    """Return where it is written down which materials are missing: all stages of a run go by it."""
    return config.folder / "fallback.json"


def applies(config: Config) -> bool:
    """Say whether this run takes substitutes for what is missing."""
    return config.fallback == "substitute" and config.fidelity == "original"


def absent(config: Config) -> dict[str, str]:
    """Return each missing material, 'model NAME', and why; nothing without the setting. Raise InputError before it was decided."""
    if not applies(config):
        return {}
    path = record(config)
    if not path.is_file():
        raise InputError(f"fallback: {path} is missing; a run decides first what can be had: make tables FIDELITY=original FALLBACK=substitute")
    try:
        found = json.loads(read_text(path))["missing"]
        return {str(name): str(why) for name, why in found.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"{path}: damaged; remove it, and run make tables again") from None


def replaced(experiment: Experiment, missing: dict[str, str]) -> tuple[Experiment, list[tuple[str, str, str | None]]]:
    """Return an experiment whose missing originals gave way to their substitutes, and (role's key, missing, substitute or None)."""
    told: list[tuple[str, str, str | None]] = []
    changed: dict[str, dict[str, Role]] = {}
    for key, kind in KINDS.items():
        roles: dict[str, Role] = getattr(experiment, key)
        changed[key] = dict(roles)
        for name, role in roles.items():
            if role.original and f"{kind} {role.original}" in missing:
                changed[key][name] = role.model_copy(update={"original": role.substitute})
                told.append((f"{key}.{name}", role.original, role.substitute))
    return experiment.model_copy(update=changed), told

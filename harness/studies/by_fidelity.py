"""Values of experiment.yaml that are written for each fidelity."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.config import FIDELITIES
from harness.errors import InputError, closest


def seeds_at(path: Path, key: str, written: Any, fidelity: str) -> Any:
    """Return the seeds of one fidelity, where they are written by fidelity; raise InputError for a fidelity left out."""
    if not isinstance(written, dict):
        return written
    for name in written:
        if name not in FIDELITIES:
            raise InputError(f"{path}: {key}: '{name}' is no fidelity{closest(str(name), FIDELITIES)}")
    return _at(path, key, written, fidelity)


def settings_at(path: Path, key: str, written: Any, fidelity: str) -> Any:
    """Return settings with the value of one fidelity wherever a value is written for each, at any depth; raise InputError for one left out."""
    if isinstance(written, list):
        return [settings_at(path, f"{key}.{i}", value, fidelity) for i, value in enumerate(written)]
    if not isinstance(written, dict):
        return written
    if written and written.keys() <= set(FIDELITIES):
        return settings_at(path, key, _at(path, key, written, fidelity), fidelity)
    return {name: settings_at(path, f"{key}.{name}", value, fidelity) for name, value in written.items()}


def _at(path: Path, key: str, written: dict[str, Any], fidelity: str) -> Any:
    if missing := [name for name in FIDELITIES if name not in written]:
        raise InputError(f"{path}: {key}: {' and '.join(missing)} missing; give a value for each fidelity, or one for all")
    return written[fidelity]

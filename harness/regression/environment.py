"""What else may move a score: versions of packages and the kind of machine."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from harness.text import read_yaml

PACKAGES = ("bm25s", "numpy", "ranx", "scikit-learn", "tokenizers", "torch", "transformers")  # that may move a score


def environment() -> dict[str, str]:
    """Return what else may move a score: versions and the kind of machine."""
    return {name: _version(name) for name in PACKAGES} | {"python": platform.python_version(), "machine": _machine()}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def _machine() -> str:
    """Return system and processor; Linux says the model in /proc/cpuinfo only."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    return f"{platform.system()} {platform.machine()} {model}".strip()


def moved(path: Path) -> list[str]:
    """Return how the environment differs from the one that made the reference at `path`."""
    record = path.with_suffix(".yaml")
    if not record.exists():
        return [f"{record.name} is missing: what made the reference is not known"]
    then, now = read_yaml(record)["environment"], environment()
    changed = [f"{key} {then.get(key)} -> {now[key]}" for key in now if then.get(key) != now[key]]
    return [f"environment: {', '.join(changed)}"] if changed else []

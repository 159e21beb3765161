"""What else may move a score: versions of packages and the kind of machine."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from harness.errors import InputError
from harness.text import read_yaml

PACKAGES = ("bm25s", "numpy", "ranx", "scikit-learn", "tokenizers", "torch", "transformers")  # that may move a score
WIDEST = ("amx_tile", "avx512f", "avx2", "avx", "sve2", "sve", "asimd")  # one model name may stand for processors of several
NARROWING = ("ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA", "OPENBLAS_CORETYPE", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def environment() -> dict[str, str]:
    """Return what else may move a score: versions and the kind of machine."""
    here = {"python": platform.python_version(), "machine": _machine(), "instructions": _instructions()}
    return {name: _version(name) for name in PACKAGES} | here


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def _machine() -> str:
    """Return system and processor; Linux says the model in /proc/cpuinfo only."""
    return f"{platform.system()} {platform.machine()} {_cpuinfo('model name') or platform.processor()}".strip()


def _instructions() -> str:
    """Return the widest of the processor's instruction sets that products are computed with, and what narrows it."""
    flags = (_cpuinfo("flags") or _cpuinfo("Features")).split()
    widest = next((name for name in WIDEST if name in flags), "unknown")
    narrowed = [f"{name}={os.environ[name]}" for name in NARROWING if name in os.environ]
    return " ".join([widest, *narrowed])


def _cpuinfo(key: str) -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.split(":")[0].strip() == key), "")


def moved(path: Path) -> list[str]:
    """Return how the environment differs from the one that made the reference at `path`."""
    record = path.with_suffix(".yaml")
    if not record.exists():
        return [f"{record.name} is missing: what made the reference is not known"]
    written, now = read_yaml(record), environment()
    then = written.get("environment") if isinstance(written, dict) else None
    if not isinstance(then, dict):
        raise InputError(f"{record}: no mapping 'environment'; accept the study again: make accept STUDY={path.parent.parent.name}")
    changed = [f"{key} {then.get(key)} -> {now[key]}" for key in now if then.get(key) != now[key]]
    return [f"environment: {', '.join(changed)}"] if changed else []

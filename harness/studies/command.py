"""The command line that every stage shares: which settings of `config.yaml` this run overrides, and what to work on."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from harness import config as settings
from harness.config import ROOT, Config
from harness.errors import InputError


def parse(
    description: str,
    *required: str,
    optional: tuple[str, ...] = (),
    flags: tuple[str, ...] = (),
    positional: tuple[str, ...] = (),
    argv: list[str] | None = None,
) -> tuple[argparse.Namespace, Config]:
    """Read `--fidelity`, `--mirror`, `--studies`, `--fallback` and `--config JSON`, and the stage's own options."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--fidelity", help="embedded, substitute or original; else as in config.yaml")
    parser.add_argument("--mirror", help="a folder that holds the data files; else as in config.yaml")
    parser.add_argument("--studies", help="names separated by commas; else as in config.yaml")
    parser.add_argument("--fallback", help="substitute: takes the place of what is missing at original; else as in config.yaml")
    parser.add_argument("--config", default="{}", help="any keys of config.yaml, as JSON")
    parser.add_argument("--root", type=Path, default=ROOT, help="the folder with config.yaml and the studies")
    for name in positional:
        parser.add_argument(name, metavar=name.upper())
    for name in required:
        parser.add_argument(f"--{name}", required=True)
    for name in optional:
        parser.add_argument(f"--{name}")
    for name in flags:
        parser.add_argument(f"--{name}", action="store_true")
    arguments = parser.parse_args(argv)
    try:
        overrides: dict[str, Any] = json.loads(arguments.config)
    except json.JSONDecodeError as error:
        raise InputError(f"--config: not JSON: {error}") from None
    overrides |= {key: getattr(arguments, key) or None for key in ("fidelity", "mirror", "studies", "fallback") if getattr(arguments, key)}
    return arguments, settings.load(arguments.root, overrides)


def workflow(lock: Path, cores: str, given: list[str]) -> tuple[list[str], dict[str, str]]:
    """Return the command that runs the workflow as `make tables` does, holding `lock`, and what it needs in its environment."""
    command = [sys.executable, str(ROOT / "lock.py"), str(lock), "snakemake", "-s", str(ROOT / "Snakefile")]
    command += ["--workflow-profile", str(ROOT / "profiles" / "default"), "--nolock", "--cores", cores, "--quiet", "all", "--logger", "progress"]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return [*command, *(["--config", *given] if given else [])], {"PATH": path, "PYTHONPATH": str(ROOT)}

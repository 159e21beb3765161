"""The settings of a run: `config.yaml`, then the environment, then what the command line overrides."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.errors import InputError, brief, closest
from harness.text import read_yaml

Fidelity = Literal["embedded", "substitute", "original"]
FIDELITIES: tuple[str, ...] = get_args(Fidelity)  # weakest first
ROOT = Path(__file__).resolve().parent.parent


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Encode(_Section):
    """How texts are encoded; not part of what is measured."""

    shard: int = Field(gt=0)
    threads: int = Field(ge=0)


class Train(_Section):
    """How training is run; not part of what is measured."""

    heads: int = Field(gt=0)


class Judgement(_Section):
    """The rules of judgement; margins stand with the claims."""

    confidence: float = Field(gt=0.5, lt=1)
    alpha: float = Field(gt=0, lt=0.5)
    bootstrap: int = Field(ge=100)
    permutations: int = Field(ge=100)
    power: float = Field(gt=0, lt=1)
    seed: int


class Check(_Section):
    """How far a score may stand from its reference."""

    tolerance: float = Field(gt=0)
    trained: float = Field(gt=0)


class Config(_Section):
    """All settings; `root` is the folder that holds baselines/, replications/, collections/ and models/."""

    fidelity: Fidelity
    studies: str
    mirror: str | None
    download: bool
    results: str
    cache: str
    depth: int = Field(gt=0)
    encode: Encode
    train: Train
    perturb: int = Field(ge=0)
    judgement: Judgement
    check: Check
    root: Path

    @property
    def folder(self) -> Path:
        """Where this run writes: `<results>/<fidelity>`."""
        return self.root / self.results / self.fidelity


def load(root: Path = ROOT, overrides: dict[str, Any] | None = None) -> Config:
    """Read `config.yaml` in `root`; environment variables and then `overrides` replace its keys.

    Raise InputError that names the key, quotes the value and says what is allowed.
    """
    path = root / "config.yaml"
    settings = read_yaml(path)
    if os.environ.get("WORKBENCH_MIRROR"):
        settings["mirror"] = os.environ["WORKBENCH_MIRROR"]
    settings |= {key: value for key, value in (overrides or {}).items() if value is not None}
    try:
        config = Config.model_validate({**settings, "root": root.resolve()})
    except ValidationError as error:
        raise InputError("; ".join(_explain(path, problem) for problem in error.errors())) from None
    if config.mirror is not None and not Path(config.mirror).expanduser().is_dir():
        raise InputError(f"mirror: there is no folder '{config.mirror}'")
    return config


def _explain(path: Path, problem: Any) -> str:
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"{path}: unknown key '{key}'{closest(key, Config.model_fields)}"
    if key == "fidelity":
        return f"{path}: fidelity: '{problem['input']}' is none of {', '.join(FIDELITIES)}"
    return f"{path}: {key}: {problem['msg']} (you wrote: {brief(problem['input'])})"

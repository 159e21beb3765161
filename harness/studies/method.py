"""What a study's `method.py` is given and what it gives back: the contract between harness and method.

A method.py has `Settings` (a pydantic model without defaults, extra keys forbidden), `rank(collection, settings,
seed, inputs) -> Ranked` and, where something is trained, `fit(settings, seed, inputs, folder)`, called for each variant
of a group with the same folder, or `fit_group([(settings, inputs), ...], seed, folder)`, called once for all of them.
"""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from harness.errors import InputError, explained

if TYPE_CHECKING:
    from harness.studies.inputs import Inputs  # noqa: F401 - named in the contract above


class Settings(BaseModel):
    """The base of a method's settings: every key must be written, none may be misspelt."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class Ranked:
    """A ranking for each query, best first, and what else was measured on the way.

    `run`: query id → [(document id, score)]; `vectors`: the documents' vectors, (documents, d), for isotropy, or
    None; `measures`: (metric, query id or None, value) of the study's own metrics.
    """

    run: dict[str, list[tuple[str, float]]]
    vectors: NDArray[np.float32] | None = None
    measures: list[tuple[str, str | None, float]] = field(default_factory=list)


class Failed(Exception):
    """Raised by `rank` where a variant has nothing to rank with, as after a training that broke off; says why.

    The variant is reported as failed; the others of its group go on.
    """


def load(folder: Path) -> ModuleType:
    """Import `<folder>/method.py` by its path; raise InputError if it misses a part of the contract.

    It may import modules beside it: `from . import losses`.
    """
    path = folder / "method.py"
    name = f"method_of_{folder.name}"
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=[str(folder)])
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # pydantic looks annotations up there
    spec.loader.exec_module(module)
    for part in ("Settings", "rank"):
        if not hasattr(module, part):
            raise InputError(
                f"{path}: no '{part}'; a method has Settings, rank(collection, settings, seed, inputs) and maybe fit"
            )
    return module


def settings_of(module: ModuleType, written: dict[str, Any], path: Path, variant: str) -> Settings:
    """Check a variant's settings against the method's; raise InputError naming file, key and the user's words."""
    try:
        checked: Settings = module.Settings.model_validate(written)
        return checked
    except ValidationError as error:
        raise InputError(f"{path}: variants.{variant}: " + "; ".join(explained(error, module.Settings.model_fields))) from None

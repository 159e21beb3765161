"""What a study's `method.py` is given and what it gives back: the contract between harness and method.

A method.py has `Settings` (a pydantic model without defaults, extra keys forbidden), `rank(collection, settings,
seed, inputs) -> Ranked` and, where something is trained, `fit(settings, seed, inputs, folder)`, called for each variant
of a group with the same folder, or `fit_group([(settings, inputs), ...], seed, folder)`, called once for all of them.
"""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass, field
from numbers import Real
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from harness.errors import InputError, brief, explained

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


def checked(given: object, documents: int, where: str) -> Ranked:
    """Return what a method's `rank` gave back, or raise InputError that says where it is not what the contract asks for.

    `documents` is how many the collection holds in memory: so many vectors are expected.
    """
    if not isinstance(given, Ranked):
        raise InputError(f"{where}: rank gives back {_kind(given)}; write `return Ranked(run)` (harness.studies.method.Ranked)")
    if not isinstance(given.run, dict):
        raise InputError(f"{where}: run is {_kind(given.run)}; a dict is expected: query id -> [(document id, score), ...]")
    for query, rows in given.run.items():
        if not isinstance(query, str):
            raise InputError(f"{where}: the query id {brief(query)} is {_kind(query)}; ids are text: write str(...)")
        if not isinstance(rows, list | tuple):
            hint = "; write list(found.items())" if isinstance(rows, dict) else ""
            raise InputError(
                f"{where}: query '{query}' holds a {type(rows).__name__}; a list of (document id, score) is expected{hint}"
            )
        for row in rows:
            _refuse_row(f"{where}: query '{query}'", row)
    if (vectors := given.vectors) is not None:
        if not (isinstance(vectors, np.ndarray) and np.issubdtype(vectors.dtype, np.floating) and vectors.ndim == 2):
            shape = f" of {vectors.dtype}, shape {vectors.shape}" if isinstance(vectors, np.ndarray) else ""
            raise InputError(f"{where}: vectors is {_kind(vectors)}{shape}; floats of shape (documents, dimensions) are expected")
        if len(vectors) != documents:
            raise InputError(f"{where}: {len(vectors)} vectors, but the collection has {documents} documents")
    for measure in _listed(given.measures, f"{where}: measures"):
        _refuse_measure(where, measure)
    return given


def _kind(value: object) -> str:
    return "nothing (None)" if value is None else f"of the type '{type(value).__name__}'"


def _listed(value: object, where: str) -> list[Any] | tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise InputError(f"{where} is {_kind(value)}; a list of (metric, query id or None, value) is expected")
    return value


def _refuse_row(where: str, row: object) -> None:
    if not isinstance(row, list | tuple) or len(row) != 2:
        raise InputError(f"{where}: an entry is {brief(row)}; a pair (document id, score) is expected")
    if not isinstance(row[0], str):
        raise InputError(
            f"{where}: the document id {brief(row[0])} is {_kind(row[0])}; ids are text: write str(...), score second"
        )
    if not isinstance(row[1], Real) or isinstance(row[1], bool):
        raise InputError(f"{where}: the score of '{row[0]}' is {_kind(row[1])} ({brief(row[1])}); write float(...)")


def _refuse_measure(where: str, measure: object) -> None:
    metric, query, value = measure if isinstance(measure, list | tuple) and len(measure) == 3 else (None, None, None)
    if not (isinstance(metric, str) and isinstance(query, str | None) and isinstance(value, Real)) or isinstance(value, bool):
        raise InputError(f"{where}: measures holds {brief(measure)}; (metric, query id or None, value) is expected")


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

"""What each material is, in its own definition's words: by that, and not by where it is written, its fidelity is told."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from harness.config import Config
from harness.data import asset, definition
from harness.data.loading import find, is_made
from harness.errors import InputError
from harness.studies.experiment import Role
from harness.studies.models import recipes

_Paths = tuple[tuple[str, Path], ...]
Kind = Literal["collections", "models"]


@dataclass(frozen=True)
class Materials:
    """What every collection and model of the project says of itself, by kind and name."""

    made: frozenset[tuple[Kind, str]]
    identity: dict[tuple[Kind, str], str]

    def of(self, kind: Kind, role: Role, used: str) -> str:
        """Return the fidelity of one material: made by the project, the very thing that the source used, or a stand-in."""
        if (kind, used) in self.made:
            return "embedded"
        own = self.identity.get((kind, used))
        return "original" if own is not None and (own == role.identity or role.itself) else "substitute"


def materials(project: Path | Config) -> Materials:
    """Read from all definitions which materials the project makes itself, and what the others are.

    A broken definition says nothing here: it is told to who uses it, and stops nobody else.
    """
    known, models, built = find(project), asset.definitions(project, "models"), recipes(project)
    changed = [(path, path.stat().st_mtime_ns, path.stat().st_size) for path in (*known.values(), *models.values())]
    return _read(tuple(known.items()), tuple(models.items()), frozenset(built), tuple(changed))


@lru_cache(maxsize=2)  # several studies of one run ask for the same
def _read(collections: _Paths, encoders: _Paths, built: frozenset[str], _changed: tuple[object, ...]) -> Materials:
    known, models = dict(collections), dict(encoders)
    made: set[tuple[Kind, str]] = {("models", name) for name in built}
    told: dict[tuple[Kind, str], str] = {}
    kinds: tuple[tuple[Kind, dict[str, Path]], ...] = (("collections", known), ("models", models))
    for kind, paths in kinds:
        for name, path in paths.items():
            with suppress(InputError):
                if isinstance(identity := definition.read_mapping(path).get("identity"), str):
                    told[kind, name] = identity
                if kind == "collections" and is_made(name, known):
                    made.add((kind, name))
    return Materials(frozenset(made), told)

"""Fidelity, worked out from the materials that were used: never declared, and never read off the column that names them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from harness.config import FIDELITIES
from harness.studies.experiment import Role, Variant
from harness.studies.identity import Kind, Materials, materials
from harness.studies.plan import runnable
from harness.studies.study import Study

__all__ = ["Materials", "Parts", "materials", "misplaced", "of", "together", "weakest"]


@dataclass(frozen=True)
class Parts:
    """The fidelity of what a score was made with; 'none' where it has no such part."""

    evaluation: str
    encoder: str
    training: str

    def below(self, needed: Parts) -> list[str]:
        """Return the parts that are weaker than needed; a part that was not used lacks nothing."""
        return [name for name in PARTS if (used := getattr(self, name)) != "none" and _rank(used) < _rank(getattr(needed, name))]

    def __str__(self) -> str:
        used = [f"{getattr(self, name)} {WORDS[name]}" for name in PARTS if getattr(self, name) != "none"]
        return ", ".join(used) or "nothing"


PARTS = ("evaluation", "encoder", "training")
WORDS = {"evaluation": "evaluation data", "encoder": "encoder", "training": "training data"}


def of(study: Study, variant: Variant, collection: str, fidelity: str, known: Materials) -> Parts:
    """Return the fidelity of one variant's scores on one collection role: each part is as its weakest material."""
    assert study.experiment
    written = study.experiment

    def used(kind: Kind, roles: dict[str, Role], names: Iterable[str]) -> str:
        return weakest(*(known.of(kind, roles[name], str(roles[name].at(fidelity))) for name in names))

    return Parts(
        used("collections", written.collections, [collection]),
        used("models", written.models, variant.models),
        used("collections", written.training, variant.train_on),
    )


def misplaced(studies: list[Study], fidelity: str, known: Materials) -> Iterator[tuple[str, str]]:
    """Yield (material, caution) for what stands under `original` in a role, and is not what the source used."""
    if fidelity != "original":
        return
    for one in studies:
        fallen = {place: (missing, taken) for place, missing, taken in one.fallen}
        for kind, key, name in sorted(_asked(one, fidelity)):
            assert one.experiment
            if f"{key}.{name}" in fallen:
                missing, taken = fallen[f"{key}.{name}"]
                yield f"{kind.removesuffix('s')} {taken}", f"{one.name}: {key}.{name}: {taken} stands in for {missing}, which cannot be had here"
                continue
            role: Role = getattr(one.experiment, key)[name]
            used = str(role.original)
            if known.of(kind, role, used) != "original":
                said = f"its definition says identity: {known.identity[kind, used]}" if (kind, used) in known.identity else "its definition says no identity"
                source = f"the source used {role.identity}" if role.identity else "the role says no identity"
                told = f"{one.name}: {key}.{name}: '{used}' stands under original, but {said}, and {source}; its scores do not count as original"
                yield f"{kind.removesuffix('s')} {used}", told


def _asked(study: Study, fidelity: str) -> set[tuple[Kind, str, str]]:
    """Return the roles that a study's variants use at a fidelity, with the key of experiment.yaml that they stand under."""
    found: set[tuple[Kind, str, str]] = set()
    for variant in study.planned:
        if roles := runnable(study, variant, fidelity):
            found |= {("collections", "collections", name) for name in roles} | {("models", "models", name) for name in variant.models}
            found |= {("collections", "training", name) for name in variant.train_on}
    return found


def weakest(*parts: str) -> str:
    """Return the weakest of several fidelities; 'none' (nothing was used) does not count unless nothing else does."""
    known = [part for part in parts if part in FIDELITIES]
    return min(known, key=FIDELITIES.index, default="none")


def together(parts: Iterable[Parts]) -> Parts:
    """Return the weakest of each part."""
    found = list(parts)
    return Parts(*(weakest(*(getattr(one, name) for one in found)) for name in PARTS))


def _rank(fidelity: str) -> int:
    return FIDELITIES.index(fidelity)

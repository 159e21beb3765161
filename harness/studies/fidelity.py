"""Fidelity, worked out from what was used: never declared."""

from __future__ import annotations

from harness.config import FIDELITIES
from harness.studies.experiment import Variant
from harness.studies.study import Study


def of(roles: dict[str, str | None], used: str, made: bool, stand_in: bool = False) -> str:
    """Return the fidelity of one material: the paper's own, made by the project, or a stand-in.

    `roles` maps a fidelity to the name that experiment.yaml gives for it; `used` is the name that a score was made with.
    A `stand_in` for data that cannot be had is a substitute wherever it is used.
    """
    if made:
        return "embedded"
    return "original" if used == roles.get("original") and not stand_in else "substitute"


def of_encoder(study: Study, variant: Variant, fidelity: str, made: frozenset[str]) -> str:
    """Return the fidelity of a variant's encoder: the weakest of its models and of what it is trained on; 'none' without one.

    `made` names the models and collections that the project makes itself.
    """
    if study.experiment is None:
        return "none"
    used = [study.experiment.models[role] for role in variant.models]
    used += [study.experiment.training[role] for role in variant.train_on]
    return weakest(*(of(roles, str(roles.get(fidelity)), str(roles.get(fidelity)) in made) for roles in used))


def weakest(*parts: str) -> str:
    """Return the weakest of several fidelities; 'none' (nothing was used) does not count unless nothing else does."""
    known = [part for part in parts if part in FIDELITIES]
    return min(known, key=FIDELITIES.index, default="none")

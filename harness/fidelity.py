"""Fidelity, worked out from what was used: never declared."""

from __future__ import annotations

from harness.config import FIDELITIES
from harness.study import Encoder, Study


def of(roles: dict[str, str | None], used: str, made: bool) -> str:
    """Return the fidelity of one material: the paper's own, made by the project, or a stand-in.

    `roles` maps a fidelity to the name that experiment.yaml gives for it; `used` is the name that a score was made with.
    """
    if used == roles.get("original"):
        return "original"
    return "embedded" if made else "substitute"


def of_encoder(study: Study, encoder: Encoder | None, fidelity: str) -> str:
    """Return the fidelity of a variant's encoder; 'none' where no encoder is used."""
    if encoder is None or study.experiment is None:
        return "none"
    roles = study.experiment.models[encoder.model]
    return of(roles, str(roles.get(fidelity)), made=False)


def weakest(*parts: str) -> str:
    """Return the weakest of several fidelities; 'none' (nothing was used) does not count unless nothing else does."""
    known = [part for part in parts if part in FIDELITIES]
    return min(known, key=FIDELITIES.index, default="none")

"""Variants of another study: `name: study/variant` runs a yardstick as it is, on this study's collections."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.errors import InputError, closest
from harness.studies import experiment
from harness.studies.experiment import Experiment, Role

Roles = dict[str, Role]


def variant(path: Path, name: str, word: str, known: dict[str, Path], mine: Experiment) -> tuple[dict[str, Any], Roles]:
    """Return another study's variant as this one would write it, and the model roles that it needs here.

    Its settings, method and encoder are taken over; seeds and collections are this study's own. Raise InputError where there
    is no such variant, where it is trained, or where one of its models has a name that means another here.
    """
    where, (study, _, wanted) = f"{path}: variants.{name}", word.partition("/")
    if study not in known:
        raise InputError(f"{where}: '{word}': no study '{study}'{closest(study, known)}")
    other = known[study] / "experiment.yaml"
    if not other.is_file():
        raise InputError(f"{where}: '{word}': the study '{study}' has no experiment.yaml")
    theirs = experiment.read(other)
    entries = experiment.expanded(other, theirs)
    if wanted not in entries:
        raise InputError(f"{where}: '{word}': no variant '{wanted}' in {other}{closest(wanted, entries)}")
    found = entries[wanted]
    if isinstance(found, str):
        raise InputError(f"{where}: '{word}' is itself another study's variant; write '{found}'")
    if found.get("train_on"):
        raise InputError(
            f"{where}: '{word}' is trained; write it out, with the collection under training that it is trained on here"
        )
    kept = {key: value for key, value in found.items() if key not in ("seeds", "collections", "group")}
    return {"method": study, **kept}, _models(where, word, found, theirs.models, mine.models)


def _models(where: str, word: str, entry: dict[str, Any], theirs: Roles, mine: Roles) -> Roles:
    """Return the roles of its models; raise InputError where one of them means another model here."""
    encoder = entry.get("encoder")
    asked = [encoder.get("model") if isinstance(encoder, dict) else None, entry.get("model")]
    found = {role: theirs[role] for role in asked if isinstance(role, str) and role in theirs}
    for role, stands in found.items():
        if mine.get(role, stands) != stands:
            raise InputError(f"{where}: '{word}': models.{role} is {stands} there and {mine[role]} here; name yours otherwise")
    return found

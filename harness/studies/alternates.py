"""Variants on other training data: they measure how much a stand-in can move a score, where the source's own cannot be had."""

from __future__ import annotations

from pathlib import Path

from harness.errors import InputError, closest, fitting
from harness.studies.experiment import Experiment, StandIn, Variant

Fallen = tuple[str, str, str | None]  # (role's place, its missing original, what stands in)


def named(variant: str, role: str) -> str:
    """Return the name of a variant that is trained on another role's data."""
    return f"{variant}.on.{role}"


def alternates(path: Path, written: Experiment, variants: list[Variant], fallen: list[Fallen]) -> tuple[Variant, ...]:
    """Return the alternates of training roles whose own data gave way to a substitute (`fallback`).

    Raise InputError where `stand_ins` names what is not there.
    """
    found: list[Variant] = []
    standing = {place for place, _, taken in fallen if taken}
    for name, entry in written.stand_ins.items():
        chosen = _refuse_unknown(path, name, entry, written, variants)
        if f"training.{name}" in standing:
            found += [_on(variant, name, other, entry) for variant in chosen for other in entry.all]
    return tuple(found)


def _on(variant: Variant, role: str, other: str, entry: StandIn) -> Variant:
    """Return a variant that is trained on another role's data, in a job group of its own."""
    trained = [other if one == role else one for one in variant.train_on]
    changed = {"name": named(variant.name, other), "group": named(variant.group, other), "train_on": trained, "seeds": entry.seeds}
    return variant.model_copy(update=changed)


def _refuse_unknown(path: Path, name: str, entry: StandIn, written: Experiment, variants: list[Variant]) -> list[Variant]:
    """Return the variants that an entry names; raise InputError for roles that are not there, and for a variant not trained on it."""
    where = f"{path}: stand_ins.{name}"
    for role in (name, *entry.all):
        if role not in written.training:
            raise InputError(f"{where}: no training collection '{role}'{closest(role, written.training)}")
    if len({name, *entry.all}) < len(entry.all) + 1:
        raise InputError(f"{where}: a role stands twice among {', '.join([name, *entry.all])}")
    wanted = set(fitting(entry.variants, [variant.name for variant in variants], f"{where}.variants", "variant"))
    chosen = [variant for variant in variants if variant.name in wanted]
    if other := [variant.name for variant in chosen if name not in variant.train_on]:
        raise InputError(f"{where}.variants: {other[0]} is not trained on {name}")
    return chosen

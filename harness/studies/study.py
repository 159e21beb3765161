"""Studies: the folders under `baselines/` and `replications/`. Being there is being registered."""

from __future__ import annotations

import ast
from functools import cached_property
from pathlib import Path
from typing import Any

from harness.config import Config
from harness.errors import InputError, closest, refuse_name
from harness.ledger import reading
from harness.ledger.claims import Ledger
from harness.studies import experiment
from harness.studies.absent import absent, replaced
from harness.studies.alternates import alternates
from harness.studies.experiment import Entry, Experiment, Variant
from harness.studies.named import refuse_unknown


class Study(Entry):
    """A folder with its ledger and, where something is run, its experiment."""

    name: str
    folder: Path
    experiment: Experiment | None
    variants: list[Variant]
    fallen: tuple[tuple[str, str, str | None], ...] = ()  # (role, its missing original, what stands in), by `fallback: substitute`

    alternates: tuple[Variant, ...] = ()  # variants on other training data, where the source's own cannot be had

    @property
    def planned(self) -> list[Variant]:
        """All variants that a run trains and ranks, alternates included."""
        return [*self.variants, *self.alternates]

    @cached_property
    def ledger(self) -> Ledger:
        """The study's ledger, read when first asked for: a dry run never needs it."""
        return reading.load(self.folder)

    @property
    def released(self) -> list[str]:
        """The files of the run files that the source released, as experiment.yaml names them."""
        return [file for files in (self.experiment.released if self.experiment else {}).values() for file in files.values()]


RESERVED = frozenset(
    {"audit", "agreement", "report", "build", "encode", "logs"}
)  # files and folders that a run writes beside the studies'


def folders(root: Path) -> dict[str, Path]:
    """Return every study folder by name; raise InputError if two share a name, or one cannot be a folder of results."""
    found: dict[str, Path] = {}
    for path in sorted([*root.glob("baselines/*/claims.yaml"), *root.glob("replications/*/claims.yaml")]):
        refuse_name(path.parent.name, path.parent.parent, "a study's folder")
        if path.parent.name in RESERVED:
            raise InputError(f"{path.parent}: no study can be named '{path.parent.name}': a run's own results have that name")
        if path.parent.name in found:
            raise InputError(f"{path.parent}: a study named '{path.parent.name}' is also in {found[path.parent.name]}")
        found[path.parent.name] = path.parent
    return found


def select(config: Config) -> list[Study]:
    """Load the studies that `config.studies` names; raise InputError for a name that is no folder."""
    known = folders(config.root)
    names = list(known) if config.studies == "all" else [name.strip() for name in config.studies.split(",")]
    for name in names:
        if name not in known:
            raise InputError(f"studies: no study '{name}'{closest(name, known)}")
    missing = absent(config)
    return [load(known[name], known, config.fidelity, missing) for name in names]


def load(folder: Path, known: dict[str, Path], fidelity: str, missing: dict[str, str] | None = None) -> Study:
    """Read one study folder, with the seeds of a fidelity; `known` holds every study: a variant may use another's method.

    `missing`: materials whose substitute is taken at original (`fallback`).
    """
    path = folder / "experiment.yaml"
    if not path.exists():
        return Study(name=folder.name, folder=folder, experiment=None, variants=[])
    written = experiment.read(path)
    seeds = experiment.seeds_at(path, "seeds", written.seeds, fidelity)
    named = experiment.expanded(path, written)
    for name, entry in named.items():
        if entry and "seeds" in entry:
            named[name] = {**entry, "seeds": experiment.seeds_at(path, f"variants.{name}.seeds", entry["seeds"], fidelity)}
    written, fallen = replaced(written.model_copy(update={"seeds": seeds}), missing or {})
    variants = [_variant(path, name, entry, written, known) for name, entry in named.items()]
    refuse_unknown(path, written, variants)
    other = alternates(path, written, variants, fidelity, folder.parent.parent)
    return Study(name=folder.name, folder=folder, experiment=written, variants=variants, fallen=tuple(fallen), alternates=other)


def has_fit(folder: Path) -> bool:
    """Say whether the folder's method trains anything, without importing it."""
    tree = ast.parse((folder / "method.py").read_text(encoding="utf-8"))
    return any(isinstance(node, ast.FunctionDef) and node.name in ("fit", "fit_group") for node in tree.body)


def _variant(path: Path, name: str, entry: dict[str, Any], written: Experiment, known: dict[str, Path]) -> Variant:
    settings = dict(entry or {})
    fields = {"seeds": written.seeds, "collections": list(written.collections), "group": name, "method": path.parent.name}
    fields |= {key: settings.pop(key) for key in (*fields, "encoder", "train_on", "model") if key in settings}
    variant: Variant = experiment.validated(path, f"variants.{name}", Variant, {"name": name, **fields, "settings": settings})
    if variant.method not in known or not (known[variant.method] / "method.py").exists():
        methods = [study for study, folder in known.items() if (folder / "method.py").exists()]
        raise InputError(f"{path}: variants.{name}.method: no method '{variant.method}'{closest(variant.method, methods)}")
    named = [("collections", "collection", variant.collections, written.collections)]
    named += [("train_on", "training collection", variant.train_on, written.training)]
    named += [("encoder.model", "model", [variant.encoder.model] if variant.encoder else [], written.models)]
    named += [("model", "model", [variant.model] if variant.model else [], written.models)]
    for key, what, roles, there in named:
        for role in roles:
            if role not in there:
                raise InputError(f"{path}: variants.{name}.{key}: no {what} '{role}'{closest(role, there)}")
    return variant

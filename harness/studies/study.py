"""Studies: the folders under `baselines/` and `replications/`, and those that the settings name. Being there is being registered."""

from __future__ import annotations

import ast
from functools import cached_property
from pathlib import Path
from typing import Any

from harness import places
from harness.config import Config, is_place, words
from harness.errors import InputError, Problems, brief, closest, refuse_name
from harness.ledger import reading
from harness.ledger.claims import Ledger
from harness.studies import borrowed, by_fidelity, experiment
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
        names = {variant.name for variant in self.variants}
        return read_ledger(self.folder, self.experiment, names)

    @property
    def released(self) -> list[str]:
        """The files of the run files that the source released, as experiment.yaml names them."""
        return [file for files in (self.experiment.released if self.experiment else {}).values() for file in files.values()]


RESERVED = frozenset(
    {"audit", "agreement", "report", "build", "encode", "logs", "subset"}
)  # files and folders that a run writes beside the studies'


def read_ledger(folder: Path, written: Experiment | None, variants: set[str]) -> Ledger:
    """Read a study's ledger; rows and columns that its experiment names need not say what they are. Raise InputError."""
    if written is None:
        return reading.load(folder)
    return reading.load(folder, variants | written.not_run.keys(), written.collections)


def ledger_at(folder: Path) -> Ledger:
    """Read a study's ledger where its experiment may be broken: that is no concern of who asks for what was printed."""
    path = folder / "experiment.yaml"
    try:
        written = experiment.read(path) if path.exists() else None
        return read_ledger(folder, written, set(experiment.expanded(path, written)) if written else set())
    except InputError:
        return reading.load(folder)


def folders(project: Path | Config) -> dict[str, Path]:
    """Return every study folder by name; raise InputError if two share a name, or one cannot be a folder of results.

    Of a project's folder alone its own studies count, of settings also those outside of it.
    """
    found: dict[str, Path] = {}
    for folder in places.of(project):
        refuse_name(folder.name, folder.parent, "a study's folder")
        if folder.name in RESERVED:
            raise InputError(f"{folder}: no study can be named '{folder.name}': a run's own results have that name")
        if folder.name in found:
            raise InputError(f"{folder}: a study named '{folder.name}' is also in {found[folder.name]}")
        found[folder.name] = folder
    return found


def named(config: Config, known: dict[str, Path]) -> list[str]:
    """Return the names of the studies that `config.studies` asks for; raise InputError for each word that is none."""
    problems, found = Problems(), []
    for word in words(config.studies):
        with problems.each():
            if word == "all":
                found += [path.name for path in places.within(config.root)]
            elif is_place(word):
                there = [path.name for path in places.at(word, config.root)]
                if strange := [name for name in there if name not in known]:
                    raise InputError(f"studies: '{word}' is a folder outside: name it under studies (STUDIES=), and '{strange[0]}' here")
                found += there
            elif word in known:
                found.append(word)
            else:
                raise InputError(f"studies: no study '{word}'{closest(word, known)}")
    problems.raise_all()
    if not found and config.studies.strip() != "all":
        raise InputError(f"studies: {brief(config.studies)} names nothing; write all, or names and folders separated by commas")
    return list(dict.fromkeys(found))


def select(config: Config) -> list[Study]:
    """Load the studies that `config.studies` names; raise one InputError with all that is wrong with any of them."""
    known, problems, found = folders(config), Problems(), []
    missing = absent(config)
    for name in named(config, known):
        with problems.each():
            found.append(load(known[name], known, config.fidelity, missing))
    problems.raise_all()
    return found


def one(config: Config, name: str) -> Study:
    """Return the study of that name; raise InputError where there is none."""
    return select(config.model_copy(update={"studies": name}))[0]


def load(folder: Path, known: dict[str, Path], fidelity: str, missing: dict[str, str] | None = None) -> Study:
    """Read one study folder, with the seeds of a fidelity; `known` holds every study: a variant may use another's method.

    `missing`: materials whose substitute is taken at original (`fallback`).
    """
    path = folder / "experiment.yaml"
    if not path.exists():
        return Study(name=folder.name, folder=folder, experiment=None, variants=[])
    written = experiment.read(path)
    problems, variants = Problems(), []
    with problems.each():
        written = written.model_copy(update={"seeds": by_fidelity.seeds_at(path, "seeds", written.seeds, fidelity)})
    named = experiment.expanded(path, written)
    for name, entry in named.items():
        with problems.each():
            if isinstance(entry, str):
                entry, models = borrowed.variant(path, name, entry, known, written)
                written = written.model_copy(update={"models": written.models | models})
            if entry and "seeds" in entry:
                entry = {**entry, "seeds": by_fidelity.seeds_at(path, f"variants.{name}.seeds", entry["seeds"], fidelity)}
            entry = by_fidelity.settings_at(path, f"variants.{name}", entry, fidelity)
            if isinstance(written.seeds, list):
                variants.append(_variant(path, name, entry, written, known))
    if not problems.found:  # what names a variant is looked up among those that can be read
        refuse_unknown(path, written, variants)
    problems.raise_all()
    written, fallen = replaced(written, missing or {})
    other = alternates(path, written, variants, fallen)
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
    problems = Problems()
    for key, what, roles, there in named:
        problems.found += [f"{path}: variants.{name}.{key}: no {what} '{role}'{closest(role, there)}" for role in roles if role not in there]
    problems.raise_all()
    return variant

"""Studies: the folders under `baselines/` and `replications/`. Being there is being registered."""

from __future__ import annotations

import ast
import re
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness import ledger
from harness.config import FIDELITIES, Config
from harness.errors import InputError, closest, fitting
from harness.pictures.spec import Cloud, Picture, named
from harness.text import read_yaml


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Encoder(_Entry):
    """How a frozen encoder turns texts into vectors; every key is part of the cache key."""

    model: str
    pooling: str = Field(pattern="^(mean|cls)$")
    max_length: int = Field(gt=2)
    dtype: str = Field(pattern="^(float32|bfloat16)$")
    normalise: bool
    query_prompt: str
    document_prompt: str


_NAME = r"^[A-Za-z0-9][A-Za-z0-9_.+-]*$"  # names become file names and wildcards


class Variant(_Entry):
    """One configuration that a study runs: the method's folder, its settings, its seeds and its job group.

    It is ranked on `collections` and trained on `train_on`; `model` is what its method loads itself, to train or to use.
    """

    name: str = Field(pattern=_NAME)
    method: str
    group: str = Field(pattern=_NAME)
    seeds: list[int] = Field(min_length=1)
    collections: list[str] = Field(min_length=1)
    train_on: list[str] = []
    encoder: Encoder | None = None
    model: str | None = None
    settings: dict[str, Any]

    @property
    def models(self) -> list[str]:
        """The roles of every model it uses: the frozen encoder's, and the one that its method loads itself."""
        return [role for role in (self.encoder and self.encoder.model, self.model) if role]


class Grid(_Entry):
    """Variants that differ in some settings only: one for each point of the product of `axes`.

    `name` is a pattern that quotes the axes, as in 'rate_{learning_rate}'; `entry` holds what all of them share.
    """

    name: str
    axes: dict[str, list[Any]] = Field(min_length=1)
    entry: dict[str, Any]


class Comparison(_Entry):
    """Cells (patterns of variant names) to be held against a baseline by one metric, and the recipe that is the default."""

    title: str
    variants: list[str] = Field(min_length=1)
    baseline: str
    default: str | None
    metric: str
    collections: list[str] = Field(min_length=1)


class Contrast(_Entry):
    """Variants (patterns) whose gain over a baseline on some measures is held against their gain on others."""

    title: str
    variants: list[str] = Field(min_length=1)
    baseline: str
    metrics: list[str] = Field(min_length=1)
    less: list[str] = Field(min_length=1)
    collections: list[str] = Field(min_length=1)


class Readings(_Entry):
    """Printed values (patterns of claim ids) whose definition is open, and what they might mean: every point of `axes`.

    `scores` names the score of each metric of the ledger, quoting axes ('hit_rate@{cut}'); the axes `variant` and
    `collection` stand in for the claim's own. `together`: metrics that move together, so that several of them are hardly
    more evidence than one. `within`: how near counts as given, in the claim's unit, where that is more than its rounding.
    """

    title: str
    claims: list[str] = Field(min_length=1)
    axes: dict[str, list[str | int | float]] = Field(min_length=1)
    scores: dict[str, str] = Field(min_length=1)
    together: list[list[str]]
    within: float | None = Field(gt=0)


class Experiment(_Entry):
    """All that one study's `experiment.yaml` says. Roles map a fidelity to a name, or null where there is none."""

    seeds: list[int] = Field(min_length=1)
    metrics: list[str] = Field(min_length=1)
    measures: dict[str, str] = {}  # the metrics that only some of its methods measure, with their definitions
    collections: dict[str, dict[str, str | None]]
    training: dict[str, dict[str, str | None]] = {}
    models: dict[str, dict[str, str | None]] = {}
    variants: dict[str, dict[str, Any]] = {}
    grids: dict[str, Grid] = {}
    compare: dict[str, Comparison] = {}
    contrasts: dict[str, Contrast] = {}
    forensics: dict[str, Readings] = {}
    pictures: dict[str, Picture] = {}
    not_run: dict[str, str] = {}
    depth: int | None = Field(default=None, gt=0)  # documents kept for each query, where config.yaml's is more than needed

    @property
    def data(self) -> dict[str, dict[str, str | None]]:
        """The roles of all collections, ranked and trained on."""
        return self.collections | self.training


class Study(_Entry):
    """A folder with its ledger and, where something is run, its experiment."""

    name: str
    folder: Path
    experiment: Experiment | None
    variants: list[Variant]

    @cached_property
    def ledger(self) -> ledger.Ledger:
        """The study's ledger, read when first asked for: a dry run never needs it."""
        return ledger.load(self.folder)


def folders(root: Path) -> dict[str, Path]:
    """Return every study folder by name; raise InputError if two share a name."""
    found: dict[str, Path] = {}
    for path in sorted([*root.glob("baselines/*/claims.yaml"), *root.glob("replications/*/claims.yaml")]):
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
    return [load(known[name], known) for name in names]


def load(folder: Path, known: dict[str, Path]) -> Study:
    """Read one study folder; `known` holds every study, since a variant may use another's method."""
    path = folder / "experiment.yaml"
    if not path.exists():
        return Study(name=folder.name, folder=folder, experiment=None, variants=[])
    experiment = _experiment(path)
    variants = [_variant(path, name, entry, experiment, known) for name, entry in expanded(path, experiment).items()]
    _refuse_unknown(path, experiment, [variant.name for variant in variants])
    _refuse_unkept(path, experiment, variants)
    _refuse_unread(path, experiment, [variant.name for variant in variants])
    return Study(name=folder.name, folder=folder, experiment=experiment, variants=variants)


def _refuse_unknown(path: Path, experiment: Experiment, variants: list[str]) -> None:
    """Refuse a comparison or a picture that names what is not there."""
    for title, picture in experiment.pictures.items():
        if not re.match(_NAME, title):
            raise InputError(f"{path}: pictures: '{title}' is no name for a file; use letters, digits, . _ + -")
        asked = named(picture)
        fitting(asked["variants"], variants, f"{path}: pictures.{title}", "variant")
        for key, there in (("metrics", [*experiment.metrics]), ("collections", list(experiment.collections))):
            for word in asked[key]:
                if word not in there:
                    raise InputError(f"{path}: pictures.{title}: {key}: no '{word}'{closest(word, there)}")
    for title, entry in experiment.compare.items():
        named_words = {
            "baseline": [entry.baseline],
            "default": [entry.default] if entry.default else [],
            "metric": [entry.metric],
        }
        _refuse_words(f"{path}: compare.{title}", {**named_words, "collections": entry.collections}, experiment, variants)
    for title, contrast in experiment.contrasts.items():
        named_words = {"baseline": [contrast.baseline], "metrics": contrast.metrics, "less": contrast.less}
        _refuse_words(f"{path}: contrasts.{title}", {**named_words, "collections": contrast.collections}, experiment, variants)


def _refuse_words(where: str, words: dict[str, list[str]], experiment: Experiment, variants: list[str]) -> None:
    """Refuse a word of a comparison or a contrast that names nothing of the experiment."""
    there = {"collections": list(experiment.collections), "baseline": variants, "default": variants}
    for key, named_words in words.items():
        for word in named_words:
            if word not in (known := there.get(key, experiment.metrics)):
                raise InputError(f"{where}.{key}: no '{word}'{closest(word, known)}")


def _refuse_unkept(path: Path, experiment: Experiment, variants: list[Variant]) -> None:
    """Refuse a picture of vectors that no job of the study makes: of another seed or another collection."""
    known = {variant.name: variant for variant in variants}
    for title, picture in experiment.pictures.items():
        if not isinstance(picture, Cloud):
            continue
        for name in picture.series.values():
            for key, asked, there in (
                ("seed", picture.seed, known[name].seeds),
                ("collection", picture.collection, known[name].collections),
            ):
                if asked not in there:
                    raise InputError(f"{path}: pictures.{title}.{key}: {name} is not run with '{asked}', but with {there}")


def _refuse_unread(path: Path, experiment: Experiment, variants: list[str]) -> None:
    """Refuse a reading that names a variant, a collection or a score that is not there."""
    for title, entry in experiment.forensics.items():
        where = f"{path}: forensics.{title}"
        for key, there in (("variant", variants), ("collection", list(experiment.collections))):
            for word in map(str, entry.axes.get(key, [])):
                if word not in there:
                    raise InputError(f"{where}.axes.{key}: no '{word}'{closest(word, there)}")
        for metric, pattern in entry.scores.items():
            for values in product(*entry.axes.values()):
                try:
                    score = pattern.format(**dict(zip(entry.axes, values, strict=True)))
                except (KeyError, IndexError, ValueError) as error:
                    raise InputError(
                        f"{where}.scores.{metric}: '{pattern}' does not fit the axes {list(entry.axes)}: {error}"
                    ) from None
                if score not in experiment.metrics:
                    raise InputError(
                        f"{where}.scores.{metric}: '{score}' is not under metrics{closest(score, experiment.metrics)}"
                    )


def has_fit(folder: Path) -> bool:
    """Say whether the folder's method trains anything, without importing it."""
    tree = ast.parse((folder / "method.py").read_text(encoding="utf-8"))
    return any(isinstance(node, ast.FunctionDef) and node.name in ("fit", "fit_group") for node in tree.body)


def _experiment(path: Path) -> Experiment:
    raw = read_yaml(path)
    experiment: Experiment = _validated(path, "", Experiment, raw)
    if shared := experiment.collections.keys() & experiment.training.keys():
        raise InputError(f"{path}: training.{min(shared)}: a role under collections has this name already")
    kinds = (("collections", experiment.collections), ("training", experiment.training), ("models", experiment.models))
    for kind, roles in kinds:
        for role, by_fidelity in roles.items():
            for fidelity in by_fidelity:
                if fidelity not in FIDELITIES:
                    raise InputError(f"{path}: {kind}.{role}: '{fidelity}' is no fidelity{closest(fidelity, FIDELITIES)}")
    return experiment


def expanded(path: Path, experiment: Experiment) -> dict[str, dict[str, Any]]:
    """Return all variants as written, grids multiplied out; raise InputError where two share a name."""
    found = dict(experiment.variants)
    for title, grid in experiment.grids.items():
        for values in product(*grid.axes.values()):
            point = dict(zip(grid.axes, values, strict=True))
            try:
                name = grid.name.format(**point)
            except (KeyError, IndexError, ValueError) as error:
                raise InputError(
                    f"{path}: grids.{title}.name: '{grid.name}' does not fit the axes {list(point)}: {error}"
                ) from None
            if name in found:
                raise InputError(f"{path}: grids.{title}: two variants are named '{name}'; name every axis in '{grid.name}'")
            found[name] = {**grid.entry, **point}
    return found


def _variant(path: Path, name: str, entry: dict[str, Any], experiment: Experiment, known: dict[str, Path]) -> Variant:
    settings = dict(entry or {})
    fields = {"seeds": experiment.seeds, "collections": list(experiment.collections), "group": name, "method": path.parent.name}
    fields |= {key: settings.pop(key) for key in (*fields, "encoder", "train_on", "model") if key in settings}
    variant: Variant = _validated(path, f"variants.{name}", Variant, {"name": name, **fields, "settings": settings})
    if variant.method not in known or not (known[variant.method] / "method.py").exists():
        methods = [study for study, folder in known.items() if (folder / "method.py").exists()]
        raise InputError(f"{path}: variants.{name}.method: no method '{variant.method}'{closest(variant.method, methods)}")
    named = [("collections", "collection", variant.collections, experiment.collections)]
    named += [("train_on", "training collection", variant.train_on, experiment.training)]
    named += [("encoder.model", "model", [variant.encoder.model] if variant.encoder else [], experiment.models)]
    named += [("model", "model", [variant.model] if variant.model else [], experiment.models)]
    for key, what, roles, there in named:
        for role in roles:
            if role not in there:
                raise InputError(f"{path}: variants.{name}.{key}: no {what} '{role}'{closest(role, there)}")
    return variant


def _validated(path: Path, name: str, model: type[Any], entry: Any) -> Any:
    try:
        return model.model_validate(entry)
    except ValidationError as error:
        problems = []
        for problem in error.errors():
            key = ".".join(str(part) for part in ([name] if name else []) + list(problem["loc"]))
            if problem["type"] == "extra_forbidden":
                problems.append(f"unknown key '{key}'{closest(str(problem['loc'][-1]), model.model_fields)}")
            else:
                problems.append(f"{key}: {problem['msg']} (you wrote: {problem['input']!r})")
        raise InputError(f"{path}: " + "; ".join(problems)) from None

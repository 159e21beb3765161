"""The schema of `experiment.yaml`: what a study runs, compares, contrasts, investigates and draws."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from harness.config import FIDELITIES
from harness.errors import NAME, InputError, Problems, closest, explained, refuse_name
from harness.studies.picture import Picture
from harness.text import read_yaml

Seed = Annotated[int, Field(strict=True, ge=0, lt=2**32)]  # as far as the generators of numpy and torch take one
Reason = Annotated[str, Field(pattern=r"\S")]


class Entry(BaseModel):
    """Every mapping of the schema: unknown keys are refused, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _once(seeds: list[int]) -> list[int]:
    if len(set(seeds)) < len(seeds):
        raise ValueError("a seed stands twice")
    return seeds


Seeds = Annotated[list[Seed], Field(min_length=1), AfterValidator(_once)]


class Role(Entry):
    """What stands for a collection or a model at each fidelity, null for nothing.

    `identity`: what the source itself used, in the words of that thing's own definition; null where the source does not say.
    `itself`: of a name written alone, in place of a mapping: it stands at each fidelity, and the source used that very thing.
    """

    identity: str | None = None
    """What the source itself used, in the words of that thing's own definition."""
    embedded: str | None = None
    """The name of what stands for it at fidelity embedded."""
    substitute: str | None = None
    """The name of what stands for it at fidelity substitute."""
    original: str | None = None
    """The name of what stands for it at fidelity original."""
    itself: bool = Field(default=False, exclude=True)
    """Whether the source used the very thing that is named; so for a name that is written alone."""

    @model_validator(mode="before")
    @classmethod
    def _fidelities(cls, written: Any) -> Any:
        """Refuse a key that is no fidelity, with the one that was likely meant."""
        for key in written if isinstance(written, dict) else ():
            if key not in cls.model_fields:
                raise ValueError(f"'{str(key)[:40]}' is no fidelity{closest(str(key), (*FIDELITIES, 'identity'))}")
        return written

    def at(self, fidelity: str) -> str | None:
        """Return the name that stands for the role at a fidelity; None where the study runs nothing there."""
        name: str | None = getattr(self, fidelity)
        return name


def _same_everywhere(written: Any) -> Any:
    """Write roles out: a listed name stands for itself, and a name in place of a mapping stands at each fidelity."""
    if isinstance(written, list) and all(isinstance(name, str) for name in written):
        written = {name: name for name in written}
    if not isinstance(written, dict):
        return written
    return {role: _alone(name) if isinstance(name, str) else name for role, name in written.items()}


def _alone(name: str) -> dict[str, Any]:
    return {**dict.fromkeys(FIDELITIES, name), "itself": True}


Roles = Annotated[
    dict[str, Role],
    BeforeValidator(_same_everywhere, json_schema_input_type=list[str] | dict[str, str | Role]),
]


class Encoder(Entry):
    """How a frozen encoder turns texts into vectors; every key is part of the cache key.

    `saved` means as the model's folder was saved: as pooling all its modules, as maximum length its own; a prompt of null is the
    one saved for queries or documents.
    """

    model: str
    """The model's role under models."""
    pooling: Literal["mean", "cls", "max", "mean_sqrt_len_tokens", "weightedmean", "lasttoken", "saved"]
    """How token vectors become one vector; saved: all that the model's folder holds behind the transformer."""
    max_length: Annotated[int, Field(strict=True, gt=2)] | Literal["saved"]
    """How many tokens of a text are read; saved: as many as the model's folder says."""
    dtype: Literal["float32", "bfloat16"]
    """The precision in which the model is run; bfloat16 on a processor: products in bfloat16, sums and norms in float32."""
    normalise: bool
    """Whether vectors are scaled to length 1."""
    query_prompt: str | None
    """What is put before a query; null: what the model was saved with."""
    document_prompt: str | None
    """What is put before a document; null: what the model was saved with."""


class Variant(Entry):
    """One configuration that a study runs: the method's folder, its settings, its seeds and its job group.

    It is ranked on `collections` and trained on `train_on`; `model` is what its method loads itself, to train or to use.
    """

    name: str = Field(pattern=NAME)
    """The variant's name; follows from its key."""
    method: str
    """The study whose method.py is run; this study's own unless said otherwise."""
    group: str = Field(pattern=NAME)
    """Variants of one group are trained and ranked in one job; each is its own group unless said otherwise."""
    seeds: Seeds
    """Its seeds, where they are not the study's."""
    collections: list[str] = Field(min_length=1)
    """The collections that it is ranked on; all unless said otherwise."""
    train_on: list[str] = []
    """The roles under training that it is trained on."""
    encoder: Encoder | None = None
    """The frozen encoder whose vectors the method is given."""
    model: str | None = None
    """The role under models of a model that its method loads itself."""
    settings: dict[str, Any]
    """Every other key is a setting of the method; a value may be written once, or for each fidelity: {embedded: 1, substitute: 5, original: 25}."""

    @property
    def models(self) -> list[str]:
        """The roles of every model it uses: the frozen encoder's, and the one that its method loads itself."""
        return [role for role in (self.encoder and self.encoder.model, self.model) if role]


class Grid(Entry):
    """Variants that differ in some settings only: one for each point of the product of `axes`.

    `name` is a pattern that quotes the axes, as in 'rate_{learning_rate}'; `entry` holds what all of them share.
    """

    name: str
    """The pattern of the variants' names, which quotes every axis: 'rate_{learning_rate}'."""
    axes: dict[str, list[Any]] = Field(min_length=1)
    """The settings that differ, each with its values."""
    entry: dict[str, Any]
    """What all of the grid's variants share."""


class Comparison(Entry):
    """Cells (patterns of variant names) to be held against a baseline by one metric, and the recipe that is the default."""

    title: str
    """What the table of the comparison is called."""
    variants: list[str] = Field(min_length=1)
    """The variants that are compared, as patterns of names."""
    baseline: str
    """The variant that they are held against."""
    default: str | None
    """The variant that is the default recipe; null for none."""
    metric: str
    """The metric of the comparison."""
    collections: list[str] = Field(min_length=1)
    """The collections that it is made on."""


class Contrast(Entry):
    """Variants (patterns) whose gain over a baseline on some measures is held against their gain on others."""

    title: str
    """What the table of the contrast is called."""
    variants: list[str] = Field(min_length=1)
    """The variants whose gains are held against one another, as patterns of names."""
    baseline: str
    """The variant over which a gain counts."""
    metrics: list[str] = Field(min_length=1)
    """The measures on which the gain counts."""
    less: list[str] = Field(min_length=1)
    """The measures whose gain is taken off."""
    collections: list[str] = Field(min_length=1)
    """The collections that it is made on."""


class Readings(Entry):
    """Printed values (patterns of claim ids) whose definition is open, and what they might mean: every point of `axes`.

    `scores` names the score of each metric of the ledger, quoting axes ('hit_rate@{cut}'); the axes `variant` and
    `collection` stand in for the claim's own. `together`: metrics that move together, so that several of them are hardly
    more evidence than one. `within`: how near counts as given, in the claim's unit, where that is more than its rounding.
    """

    title: str
    """What the table of readings is called."""
    claims: list[str] = Field(min_length=1)
    """The claims whose definition is open, as patterns of ids."""
    axes: dict[str, list[str | int | float]] = Field(min_length=1)
    """What they may mean: each open choice with its values."""
    scores: dict[str, str] = Field(min_length=1)
    """For each metric of the ledger, the score that a reading gives it; it may quote axes: 'hit_rate@{cut}'."""
    together: list[list[str]]
    """Metrics that move together, and are hardly more evidence than one."""
    within: float | None = Field(gt=0)
    """How near a reading must come, in the claim's unit; null: its rounding."""


class StandIn(Entry):
    """Other training data for some variants (patterns), by which it is measured how much a stand-in can move their scores.

    `sets`: roles of `training` that take the stand-in's place, three at least; `null_set`: one whose pairs mean nothing.
    """

    sets: list[str] = Field(min_length=3)
    """Roles of training that take the stand-in's place."""
    null_set: str
    """A role whose pairs mean nothing."""
    variants: list[str] = Field(min_length=1)
    """The variants, as patterns of names."""
    seeds: Seeds
    """The seeds that all of the sets are trained under."""

    @property
    def all(self) -> list[str]:
        """Every role that takes the stand-in's place."""
        return [*self.sets, self.null_set]


Borrowed = Annotated[str, Field(pattern=r"^[^/\s]+/[^/\s]+$")]  # another study's variant, as 'study/variant'


class Experiment(Entry):
    """All that one study's `experiment.yaml` says. Roles map a fidelity to a name, or null where there is none."""

    seeds: Seeds | dict[Literal["embedded", "substitute", "original"], Seeds]
    """The seeds of every variant, or a list for each fidelity; three or more where something is trained or drawn."""
    metrics: list[str] = Field(min_length=1)
    """What is computed: names such as ndcg@10, measures of vectors, and a method's own."""
    shown: list[str] = []  # the metrics that LaTeX tables list, where all would be too many; report.html has all
    """The metrics that LaTeX tables list, where all would be too many."""
    measures: dict[str, str] = {}  # the metrics that only some of its methods measure, with their definitions
    """The metrics that only some methods measure, each with its definition."""
    collections: Roles
    """The collections ranked on: for each name what stands for it at each fidelity, null for nothing; or a list of names that stand for themselves."""
    training: Roles = {}
    """The collections trained on, written as those ranked on."""
    models: Roles = {}
    """The models, written as collections are."""
    variants: dict[str, dict[str, Any] | Borrowed] = {}
    """What is run, by name: settings of the method, encoder, seeds; or 'study/variant' for another study's variant as it is."""
    grids: dict[str, Grid] = {}
    """Variants that differ in some settings only, multiplied out."""
    stand_ins: dict[str, StandIn] = {}
    """For a training collection that cannot be had: what else some variants are trained on, to see how far that moves their scores."""
    compare: dict[str, Comparison] = {}
    """Comparisons of variants with a baseline."""
    contrasts: dict[str, Contrast] = {}
    """Gains on some measures held against gains on others."""
    forensics: dict[str, Readings] = {}
    """Printed values whose definition is open, held against every reading of it."""
    pictures: dict[str, Picture] = {}
    """What is drawn, by the picture's name."""
    not_run: dict[str, Reason] = {}
    """Systems that the paper prints and that are not run, each with the reason."""
    out_of_reach: dict[str, Reason] = {}
    """Systems that nothing public could run, each with the reason."""
    released: dict[str, dict[str, str]] = {}  # variant → role → the run file of TREC layout that the source released, in the folder
    """The run files that the source released: variant, then collection, then a file of the study's folder."""
    depth: int | None = Field(default=None, gt=0)  # documents kept for each query, where config.yaml's is more than needed
    """How many documents are kept for each query, where config.yaml keeps more than needed."""

    @property
    def data(self) -> Roles:
        """The roles of all collections, ranked and trained on."""
        return self.collections | self.training


def read(path: Path) -> Experiment:
    """Read one `experiment.yaml`; raise one InputError with every unknown key, fidelity or role that stands twice."""
    raw = read_yaml(path)
    experiment: Experiment = validated(path, "", Experiment, raw)
    problems = Problems()
    if shared := experiment.collections.keys() & experiment.training.keys():
        problems.found.append(f"{path}: training.{min(shared)}: a role under collections has this name already")
    kinds = (("collections", experiment.collections), ("training", experiment.training), ("models", experiment.models))
    for where, role, written in ((f"{path}: {kind}", role, roles[role]) for kind, roles in kinds for role in roles):
        with problems.each():
            refuse_name(role, where, "a role")
        for fidelity in FIDELITIES:
            with problems.each():
                if (name := written.at(fidelity)) is not None:
                    refuse_name(name, f"{where}.{role}.{fidelity}", f"what stands for {role}")
    problems.raise_all()
    return experiment


def expanded(path: Path, experiment: Experiment) -> dict[str, dict[str, Any] | str]:
    """Return all variants as written, grids multiplied out; raise InputError where two share a name."""
    found: dict[str, dict[str, Any] | str] = dict(experiment.variants)
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


def validated(path: Path, name: str, model: type[Any], entry: Any) -> Any:
    """Return `entry` as `model`; raise InputError with every problem, the keys under `name` and the words written."""
    try:
        return model.model_validate(entry)
    except ValidationError as error:
        raise InputError(f"{path}: " + "; ".join(explained(error, model.model_fields, name))) from None

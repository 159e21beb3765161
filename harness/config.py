"""The settings of a run: `config.yaml`, then the environment, then what the command line overrides."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from harness.errors import InputError, brief, closest
from harness.text import read_yaml

Fidelity = Literal["embedded", "substitute", "original"]
FIDELITIES: tuple[str, ...] = get_args(Fidelity)  # weakest first


def _root() -> Path:
    """Return the project's folder: where this package stands in it, else (installed by pip) the nearest one around the working folder."""
    beside, here = Path(__file__).resolve().parent.parent, Path.cwd()
    around = (one for one in (beside, here, *here.parents) if (one / "Snakefile").is_file() and (one / "harness").is_dir())
    return next(around, here)


ROOT = _root()


def _no_word(value: Any) -> Any:
    """Refuse true and false where a number is meant: YAML reads `yes` and `on` so."""
    if isinstance(value, bool):
        raise ValueError("a number is needed, not true or false")
    return value


def _place(value: str) -> str:
    """Refuse what cannot be a folder that a run writes to, on a command line and in the patterns of the workflow."""
    if not value.strip() or value != value.strip() or value[0] == "-" or len(value) > 1000 or not value.isprintable():
        raise ValueError("a folder's name is needed, without blanks around it or a dash in front")
    if set(value) & set("{}"):
        raise ValueError("a folder's name without braces is needed")
    return value


Whole = Annotated[int, BeforeValidator(_no_word), Field(ge=0, le=10**9)]
Number = Annotated[float, BeforeValidator(_no_word), Field(allow_inf_nan=False)]
Place = Annotated[str, AfterValidator(_place)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Encode(_Section):
    """How texts are encoded; not part of what is measured."""

    shard: Whole = Field(gt=0, le=10**7)
    """Texts to a shard of the cache; what is finished is kept."""
    threads: Whole = Field(le=10**4)
    """Threads, each with a batch of its own; 0 for all cores."""


class Train(_Section):
    """How training is run; not part of what is measured."""

    heads: Whole
    """Small heads that are trained side by side on kept vectors, fewer where memory is short; 0: as suits the device."""


class Judgement(_Section):
    """The rules of judgement; margins stand with the claims."""

    confidence: Number = Field(gt=0.5, lt=1)
    """Of every interval that is shown."""
    alpha: Number = Field(gt=0, lt=0.5)
    """Of every test, after Holm's correction within a family."""
    bootstrap: Whole = Field(ge=100)
    """Resamples, where a study's own table resamples what has no value by query."""
    permutations: Whole = Field(ge=100)
    """Sign flips of a paired test; a family that needs more for Holm's correction gets more."""
    power: Number = Field(gt=0, lt=1)
    """At which the minimum detectable effect is stated."""
    fewest_seeds: Whole = Field(ge=2)
    """Of a stochastic variant, for any verdict that rests on it."""
    pooled_from: Whole = Field(ge=3)
    """Trained variants of one study whose seeds are pooled where their spreads agree; fewer are not."""
    noise: Number = Field(ge=0)
    """Relative: a smaller difference is the machine's rounding, and no order."""
    seed: Whole
    """Of the resampling alone."""


class Check(_Section):
    """How far a score may stand from its reference."""

    tolerance: Number = Field(gt=0)
    """How far a score may stand from its reference, either way."""
    trained: Number = Field(gt=0)
    """The same for what was trained, on other versions or another processor than the reference's."""


class Config(_Section):
    """All settings; `root` is the folder that holds baselines/, replications/, collections/ and models/."""

    fidelity: Fidelity
    """Whose materials: embedded (what ships), substitute, original (the papers' own)."""
    studies: str
    """Which studies to run: all, names, or folders, separated by commas."""
    mirror: str | None
    """A folder <mirror>/<folder>/<file> that holds data files, or null for none."""
    download: bool
    """May a missing file be downloaded? At fidelity embedded nothing ever is."""
    fallback: Literal["substitute"] | None
    """substitute: at fidelity original it takes the place of what cannot be had, marked in every row; null: the run stops."""
    results: Place
    """The folder that a run writes to."""
    cache: Place
    """The folder of encoded texts and trained models, kept between runs."""
    cache_limit: Annotated[float, Field(gt=0, strict=True, allow_inf_nan=False)] | None
    """GB that the cache may take: after a run, what was used longest ago goes and is made again when it is needed; null for no limit."""
    depth: Whole = Field(gt=0)
    """Documents kept for each query in a run file."""
    encode: Encode
    """How texts are encoded; no part of what is measured."""
    train: Train
    """How training is run; no part of what is measured."""
    perturb: Whole
    """0: vectors as they are; above: moved by as much as rounding may move them, drawn from this seed."""
    judgement: Judgement
    """The rules of judgement; margins stand with the claims."""
    check: Check
    """How far a score may stand from its reference."""
    root: Path
    places: tuple[str, ...]  # the folders that `studies` names; they stay known where a stage looks at one study

    @property
    def folder(self) -> Path:
        """Where this run writes: `<results>/<fidelity>`."""
        return self.root / self.results / self.fidelity


SETTABLE = [name for name in Config.model_fields if name not in ("root", "places")]


def is_place(word: str) -> bool:
    """Say whether a word of `studies` is a folder, not a study's name: it holds a slash, or begins with a dot or a tilde."""
    return "/" in word or os.sep in word or word.startswith((".", "~"))


def words(studies: str) -> list[str]:
    """Return the words of the setting `studies`, each once."""
    return list(dict.fromkeys(word for word in (part.strip() for part in studies.split(",")) if word))


def load(root: Path = ROOT, overrides: dict[str, Any] | None = None) -> Config:
    """Read `config.yaml` in `root`; environment variables and then `overrides` replace its keys.

    Raise InputError that names the key, quotes the value and says what is allowed.
    """
    path = root / "config.yaml"
    settings = read_yaml(path)
    if not isinstance(settings, dict):
        raise InputError(f"{path}: expected a mapping of settings to values, not {brief(settings)}")
    if os.environ.get("WORKBENCH_MIRROR"):
        settings["mirror"] = os.environ["WORKBENCH_MIRROR"]
    settings |= {key: value for key, value in (overrides or {}).items() if value is not None}
    if worked_out := sorted({"root", "places"} & settings.keys()):
        raise InputError(f"{path}: unknown key '{worked_out[0]}'{closest(worked_out[0], SETTABLE)}")
    named = settings.get("studies")
    places = tuple(word for word in words(named) if is_place(word)) if isinstance(named, str) else ()
    try:
        config = Config.model_validate({**settings, "root": root.resolve(), "places": places})
    except ValidationError as error:
        raise InputError("; ".join(_explain(path, problem) for problem in error.errors())) from None
    if config.mirror is not None and not _is_folder(config.mirror):
        raise InputError(f"mirror: there is no folder '{config.mirror}'")
    return config


def _is_folder(name: str) -> bool:
    try:
        return Path(name).expanduser().is_dir()
    except (OSError, RuntimeError, ValueError):  # too long a name, a home that nobody has, a NUL
        return False


def _explain(path: Path, problem: Any) -> str:
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"{path}: unknown key '{key}'{closest(key, SETTABLE)}"
    if key == "fidelity":
        return f"{path}: fidelity: '{problem['input']}' is none of {', '.join(FIDELITIES)}"
    return f"{path}: {key}: {problem['msg']} (you wrote: {brief(problem['input'])})"

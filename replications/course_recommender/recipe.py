"""What experiment.yaml must say of a variant: the encoder's form, and how it is trained."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from harness.studies.method import Settings as Base

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Operations(_Entry):
    """How a text is altered, in this order; each gate is the probability that the step is taken at all.

    `delete`: gate and the share of words lost. `replace`, `insert`: gate and the numbers of words, drawn uniformly. `swap`: gate.
    """

    delete: tuple[Share, Share]
    replace: tuple[Share, list[Count]]
    insert: tuple[Share, list[Count]]
    swap: Share


class Recipe(_Entry):
    """One training. `views`: how the first and the second view are altered, null for not at all.

    `labels`: what makes two courses positives. `statements`: is a course's own training statement its first view?
    `synonyms`: their source. `held_out`: are the courses that `Settings.split` sets apart not trained on?
    `warm_up`: share of all steps. `packed`: are a batch's tokens computed without padding? It changes no result but rounding and
    the draw of dropout.
    """

    tau: float = Field(gt=0)
    isotropy_weight: float = Field(ge=0)
    labels: Literal["faculty", "course"]
    positives: Literal["log_of_sum", "mean_of_logs"]
    statements: bool
    views: tuple[Operations | None, Operations | None]
    synonyms: Literal["project", "wordnet"]
    held_out: bool
    learning_rate: float = Field(gt=0)
    weight_decay: float = Field(ge=0)
    warm_up: Share
    clip: float = Field(gt=0)
    batch: int = Field(ge=2)
    epochs: int = Field(ge=1)
    precision: Literal["float32", "bfloat16"]
    packed: bool


class Split(_Entry):
    """Courses set apart, the same for every variant: a share of them, drawn by a seed of its own."""

    share: float = Field(ge=0, lt=1)
    seed: int


class Settings(Base):
    """`head`: null, or the width after pooling and head; `recipe`: null for an encoder that is not trained.

    `split`: by which courses the statements are told apart as seen, partly seen and unseen. `batch`: texts to rank.
    """

    pooling: Literal["cls", "mean"]
    head: int | None
    max_length: int = Field(gt=2)
    recipe: Recipe | None
    split: Split
    batch: int = Field(ge=1)

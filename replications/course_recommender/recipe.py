"""What experiment.yaml must say of a variant: the encoder's form, and how it is trained."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from harness.method import Settings as Base

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
    `held_out`: share of the courses that are not trained on. `warm_up`: share of all steps. `parts`: how many parts of like
    length a batch is run in; it changes no result but rounding and dropout.
    """

    tau: float = Field(gt=0)
    isotropy_weight: float = Field(ge=0)
    labels: Literal["faculty", "course"]
    positives: Literal["log_of_sum", "mean_of_logs"]
    statements: bool
    views: tuple[Operations | None, Operations | None]
    synonyms: Literal["project", "wordnet"]
    held_out: float = Field(ge=0, lt=1)
    learning_rate: float = Field(gt=0)
    weight_decay: float = Field(ge=0)
    warm_up: Share
    clip: float = Field(gt=0)
    batch: int = Field(ge=2)
    epochs: int = Field(ge=1)
    precision: Literal["float32", "bfloat16"]
    parts: int = Field(ge=1)


class Settings(Base):
    """`head`: null, or the widths after pooling; `recipe`: null for an encoder that is not trained. `batch`: texts to rank."""

    pooling: Literal["cls", "mean"]
    head: int | None
    max_length: int = Field(gt=2)
    recipe: Recipe | None
    batch: int = Field(ge=1)

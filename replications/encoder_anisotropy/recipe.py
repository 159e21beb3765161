"""What experiment.yaml must say of a variant: how chunks become vectors, and how an encoder is trained."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from harness.studies.method import Settings as Base

Count = Annotated[int, Field(ge=1)]
Length = Annotated[int, Field(gt=2)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Entry):
    """TF-IDF by scikit-learn: the settings that it would else take from its defaults."""

    token_pattern: str
    stop_words: Literal["english"] | None
    sublinear_tf: bool


class Encoder(_Entry):
    """How a text becomes a unit vector; `max_length` in tokens."""

    pooling: Literal["mean", "cls"]
    max_length: Length
    dtype: Literal["float32", "bfloat16"]


class Recipe(_Entry):
    """One training from the variant's model, its last step kept; `max_length` in tokens.

    `masked`: are an anchor's false negatives left out (InfoNCE)? The learning rate falls linearly to 0, without warm-up.
    `clip`: the largest norm of a gradient. `decay`: AdamW's, of weights alone, not of biases and LayerNorm. `precision`: of
    products; bfloat16 only where the processor has instructions for it.
    """

    loss: Literal["cosent", "infonce"]
    scale: float = Field(gt=0)
    masked: bool
    steps: Count
    batch: int = Field(ge=2)
    learning_rate: float = Field(gt=0)
    decay: float = Field(ge=0)
    clip: float = Field(gt=0)
    max_length: Length
    precision: Literal["float32", "bfloat16_if_native"]


class Settings(Base):
    """`words` for TF-IDF, else `vectors` for an encoder; `recipe`: null for what is not trained; `neighbours`: of the k-NN vote."""

    words: Words | None
    vectors: Encoder | None
    recipe: Recipe | None
    neighbours: Count

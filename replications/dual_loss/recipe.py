"""What a training is: every value stands in experiment.yaml."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Recipe(BaseModel):
    """One training run; `losses` in the order in which their batches alternate.

    `warmup`: share of all steps. `clip`: largest gradient norm. `scale`: inverse temperature of the ranking loss.
    `alternation`: round_robin stops with the shorter data set, proportional uses up both. `held_out`: share of the
    groups of linked pairs that is kept from training. `precision` and `buckets` (parts of like length in which a batch is
    run) are for speed alone; bfloat16_if_native is float32 on a device without instructions for bfloat16, which is four times slower there.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    losses: list[Literal["ranking", "cosine"]] = Field(min_length=1, max_length=2)
    alternation: Literal["round_robin", "proportional"]
    batch_sampler: Literal["batch_sampler", "no_duplicates"]
    negatives: Literal["none", "mined"]
    scale: float = Field(gt=0)
    learning_rate: float = Field(gt=0)
    warmup: float = Field(ge=0, lt=1)
    epochs: int = Field(gt=0)
    batch: int = Field(gt=1)
    weight_decay: float = Field(ge=0)
    clip: float = Field(gt=0)
    max_length: int = Field(gt=2)
    held_out: float = Field(ge=0, lt=1)
    precision: Literal["float32", "bfloat16", "bfloat16_if_native"]
    buckets: int = Field(gt=0)

    @model_validator(mode="after")
    def _sensible(self) -> Recipe:
        if len(set(self.losses)) < len(self.losses):
            raise ValueError(f"losses: {self.losses} names one twice")
        if self.negatives == "mined" and "ranking" not in self.losses:
            raise ValueError("negatives: mined needs the ranking loss, which alone uses them")
        return self

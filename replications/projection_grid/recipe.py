"""What one head is and how it is trained: every value that experiment.yaml writes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from harness.studies.method import Settings as Base

WEIGHTS = ("lambda_contrastive", "lambda_isotropy", "lambda_std", "lambda_predictive")


class Tune(Base):
    """Full fine-tuning: the encoder's own peak rate and the texts' length in tokens; vectors are normalised, as frozen ones.

    `dtype`: what the encoder multiplies in; weights and their updates are float32 either way.
    """

    encoder_rate: float = Field(gt=0)
    max_length: int = Field(gt=2)
    dtype: Literal["float32", "bfloat16"]


class Settings(Base):
    """One head and its training; `checkpoint` is the epoch whose weights are used, 0 the head as initialised.

    `head`: two_layer (width, factor x width, output_dim, GELU) or linear are trained; raw, centred and whitened are the
    encoder's own vectors, as they are, without their mean, and decorrelated, and have nothing to train. `tune`: null where
    the encoder is frozen.
    """

    head: Literal["two_layer", "linear", "raw", "centred", "whitened"]
    output_dim: int = Field(gt=0)
    hidden_factor: int = Field(gt=0)
    dropout: float = Field(ge=0, lt=1)
    predictor: bool
    lambda_contrastive: float = Field(ge=0)
    lambda_isotropy: float = Field(ge=0)
    lambda_std: float = Field(ge=0)
    lambda_predictive: float = Field(ge=0)
    margin: float = Field(ge=0)
    negatives: Literal["explicit", "in_batch"]
    stop_gradient: bool
    learning_rate: float = Field(gt=0)
    schedule: Literal["as_coded", "per_step"]
    warmup_steps: int = Field(ge=0)
    warmup_start: float = Field(gt=0, le=1)
    weight_decay: float = Field(ge=0)
    clip: float = Field(gt=0)
    batch: int = Field(gt=1)
    epochs: int = Field(ge=0)
    checkpoint: int = Field(ge=0)
    tune: Tune | None

    @property
    def has_head(self) -> bool:
        """Whether there is a head at all."""
        return self.head in ("two_layer", "linear")

    @model_validator(mode="after")
    def _sensible(self) -> Settings:
        if self.checkpoint > self.epochs:
            raise ValueError(f"checkpoint {self.checkpoint} is beyond the {self.epochs} epochs of training")
        if self.epochs and self.has_head and not any(getattr(self, name) for name in WEIGHTS):
            raise ValueError(f"all of {', '.join(WEIGHTS)} are 0: there is nothing to train for")
        if self.tune and (self.predictor or self.head != "two_layer" or not 0 < self.epochs == self.checkpoint):
            raise ValueError("tune: full fine-tuning is of a two_layer head without predictor, kept after its last epoch")
        if self.lambda_predictive and not self.predictor:
            raise ValueError("lambda_predictive needs predictor: true")
        return self

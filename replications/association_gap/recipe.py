"""What each kind of variant is: every value stands in experiment.yaml."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from harness.studies.method import Settings as Base


class Part(BaseModel):
    """Strict: an unknown key is an error, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Contrast(Part):
    """Contrastive training of a linear `head` on frozen vectors, or of the whole `encoder`.

    `negatives`: random (a passage of another course), in_batch (the other positives of a batch), hard (the wrong passage of the
    same course). `max_length`: tokens of a text, for the encoder alone.
    """

    trains: Literal["head", "encoder"]
    negatives: Literal["random", "in_batch", "hard"]
    temperature: float = Field(gt=0)
    learning_rate: float = Field(gt=0)
    epochs: int = Field(gt=0)
    batch: int = Field(gt=1)
    max_length: int | None = Field(gt=2)


class Probes(Part):
    """Role probes. `level`: the error that scorer `level` has on every probe; `unseen`: roles that no training sees."""

    kind: Literal["probes"]
    scorer: Literal["cosine", "bm25", "overlap", "level"]
    level: float | None = Field(ge=0, le=1)
    bm25: dict[str, str | float | None] | None
    unseen: list[str]
    training: Contrast | None

    @model_validator(mode="after")
    def _whole(self) -> Probes:
        for scorer, key in (("level", "level"), ("bm25", "bm25")):
            if (self.scorer == scorer) != (getattr(self, key) is not None):
                raise ValueError(f"{key}: needed by scorer {scorer}, and null for every other")
        if self.training and self.scorer != "cosine":
            raise ValueError(f"training: what is trained is scored by cosine, not by {self.scorer}")
        return self


class Quantiser(Part):
    """Product quantisation: a vector is cut into `parts`, each replaced by the nearest of `values` centroids."""

    parts: int = Field(gt=0)
    values: int = Field(gt=1)


class Learning(Part):
    """Next-item training: `dimensions` of an item, `spread` of its first values, softmax over all items at `temperature`."""

    dimensions: int = Field(gt=0)
    spread: float = Field(gt=0)
    temperature: float = Field(gt=0)
    learning_rate: float = Field(gt=0)
    epochs: int = Field(gt=0)
    batch: int = Field(gt=0)


class Items(Part):
    """A recommender. `neighbours`: items kept beside each one by item_knn."""

    kind: Literal["items"]
    scorer: Literal["popularity", "item_knn", "text", "quantised", "codes", "shuffled_codes", "adapter", "ids"]
    neighbours: int | None = Field(gt=0)
    quantiser: Quantiser | None
    learning: Learning | None

    @model_validator(mode="after")
    def _whole(self) -> Items:
        needs = {
            "neighbours": ("item_knn",),
            "quantiser": ("quantised", "codes", "shuffled_codes"),
            "learning": ("codes", "shuffled_codes", "adapter", "ids"),
        }
        for key, scorers in needs.items():
            if (self.scorer in scorers) != (getattr(self, key) is not None):
                raise ValueError(f"{key}: needed by scorer {' or '.join(scorers)}, and null for every other")
        return self


class Shuffle(Part):
    """Words drawn anew over the vectors: `within` all, a branch, or a tenth by frequency; `quantile` of the `draws` is reported."""

    within: Literal["all", "branch", "frequency"]
    draws: int = Field(gt=0)
    quantile: float = Field(gt=0, lt=1)


class Clusters(Part):
    """k-means: `count` clusters, the best of `restarts`, drawn from `seed`."""

    count: int = Field(gt=1)
    restarts: int = Field(gt=0)
    seed: int = Field(ge=0)


class Words(Part):
    """A taxonomy of words. `vectors`: of the encoder, rows of a model's input table, or the tree kernel's own eigenvectors.

    `leading`: eigenvectors looked at; `decay`: b of the tree kernel exp(-b d); `neighbours`: of the agreement by branch.
    """

    kind: Literal["words"]
    vectors: Literal["encoder", "table", "tree"]
    leading: int = Field(gt=1)
    decay: float = Field(gt=0)
    neighbours: int = Field(gt=0)
    clusters: Clusters
    shuffle: Shuffle | None


class Settings(Base):
    """One variant: what it does, and how."""

    task: Annotated[Probes | Items | Words, Field(discriminator="kind")]

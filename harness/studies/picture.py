"""What `pictures:` of an experiment.yaml may say."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from harness.errors import NAME


class _Picture(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    caption: str


class Scatter(_Picture):
    """One point a variant: metric `x` against metric `y`, means over seeds; `series` names groups by patterns of names."""

    kind: Literal["scatter"]
    x: str
    y: str
    collection: str
    series: dict[str, str] = Field(min_length=1)


class Heatmap(_Picture):
    """A metric over two settings, one panel for each value of a third; `zero` is the variant at the middle of the scale."""

    kind: Literal["heatmap"]
    variants: str
    x: str
    y: str
    panel: str
    metric: str
    collection: str
    zero: str


class Curves(_Picture):
    """A metric against a setting, one line a pattern of names, with the range of seeds; `line` is a variant to compare with."""

    kind: Literal["curves"]
    x: str
    metric: str
    collection: str
    series: dict[str, str] = Field(min_length=1)
    line: str


class Forest(_Picture):
    """Printed values beside recomputed ones with their intervals, for the claims whose names fit a pattern."""

    kind: Literal["forest"]
    claims: list[str] = Field(min_length=1)


_VARIANT = Annotated[str, Field(pattern=NAME)]  # one variant, no pattern


class Cloud(_Picture):
    """What is drawn from document vectors, which the rank stage keeps for it: `series` names one variant each, of one seed."""

    collection: str
    seed: int
    series: dict[str, _VARIANT] = Field(min_length=1, max_length=8)


class Histogram(Cloud):
    """Cosines of all pairs of documents, in `bins` of equal width over [-1, 1], one line a variant."""

    kind: Literal["histogram"]
    bins: int = Field(ge=2)


class Map(Cloud):
    """Documents on their first two principal components, one panel a variant, marked by a label of the collection."""

    kind: Literal["map"]
    label: str
    series: dict[str, _VARIANT] = Field(min_length=1, max_length=3)


Picture = Annotated[Scatter | Heatmap | Curves | Forest | Histogram | Map, Field(discriminator="kind")]


def named(picture: Any) -> dict[str, list[str]]:
    """Return what a picture names, by kind of name: variants (patterns), metrics, collections."""
    found: dict[str, list[str]] = {"variants": [], "metrics": [], "collections": []}
    if isinstance(picture, Forest):
        return found
    found["collections"].append(picture.collection)
    if isinstance(picture, Cloud):
        return {**found, "variants": list(picture.series.values())}
    if isinstance(picture, Heatmap):
        return {**found, "variants": [picture.variants, picture.zero], "metrics": [picture.metric]}
    metrics = [picture.x, picture.y] if isinstance(picture, Scatter) else [picture.metric]
    line = [picture.line] if isinstance(picture, Curves) else []
    return {**found, "variants": [*picture.series.values(), *line], "metrics": metrics}

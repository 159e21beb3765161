"""What `pictures:` of an experiment.yaml may say."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from harness.errors import NAME


class _Picture(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    caption: str
    """The caption under the picture."""


class Scatter(_Picture):
    """One point a variant: metric `x` against metric `y`, means over seeds; `series` names groups by patterns of names."""

    kind: Literal["scatter"]
    """One point a variant."""
    x: str
    """The metric along the horizontal axis."""
    y: str
    """The metric along the vertical axis."""
    collection: str
    """The collection's name in experiment.yaml."""
    series: dict[str, str] = Field(min_length=1)
    """Groups of variants by label, each a pattern of names."""


class Heatmap(_Picture):
    """A metric over two settings, one panel for each value of a third; `zero` is the variant at the middle of the scale."""

    kind: Literal["heatmap"]
    """A metric over two settings."""
    variants: str
    """The variants, as a pattern of names."""
    x: str
    """The setting along the horizontal axis."""
    y: str
    """The setting along the vertical axis."""
    panel: str
    """The setting that parts the panels."""
    metric: str
    """The metric that gives the colour."""
    collection: str
    """The collection's name in experiment.yaml."""
    zero: str
    """The variant at the middle of the colour scale."""


class Curves(_Picture):
    """A metric against a setting, one line a pattern of names, with the range of seeds; `line` is a variant to compare with."""

    kind: Literal["curves"]
    """A metric against a setting."""
    x: str
    """The setting along the horizontal axis."""
    metric: str
    """The metric along the vertical axis."""
    collection: str
    """The collection's name in experiment.yaml."""
    series: dict[str, str] = Field(min_length=1)
    """Lines by label, each a pattern of variants' names."""
    line: str
    """The variant that is drawn as a level line."""


class Forest(_Picture):
    """Printed values beside recomputed ones with their intervals, for the claims whose names fit a pattern."""

    kind: Literal["forest"]
    """Printed values beside recomputed ones."""
    claims: list[str] = Field(min_length=1)
    """The claims, as patterns of ids."""


_VARIANT = Annotated[str, Field(pattern=NAME)]  # one variant, no pattern


class Cloud(_Picture):
    """What is drawn from document vectors, which the rank stage keeps for it: `series` names one variant each, of one seed."""

    collection: str
    """The collection's name in experiment.yaml."""
    seed: int
    """The seed whose vectors are drawn."""
    series: dict[str, _VARIANT] = Field(min_length=1, max_length=8)
    """The variants by label, one each."""


class Histogram(Cloud):
    """Cosines of all pairs of documents, in `bins` of equal width over [-1, 1], one line a variant."""

    kind: Literal["histogram"]
    """Cosines of all pairs of documents."""
    bins: int = Field(ge=2)
    """How many bars of equal width over [-1, 1]."""


class Map(Cloud):
    """Documents on their first two principal components, one panel a variant, marked by a label of the collection."""

    kind: Literal["map"]
    """Documents on their first two principal components."""
    label: str
    """The collection's label that marks them."""
    series: dict[str, _VARIANT] = Field(min_length=1, max_length=3)
    """The variants by label, one panel each."""


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

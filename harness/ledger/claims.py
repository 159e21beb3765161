"""The ledger: what the papers printed, read from `claims.yaml` and checked entry by entry."""

from __future__ import annotations

from math import isfinite
from typing import Any, Literal

from pydantic import Field, model_validator

from harness.ledger.entries import Document, Entry, Made, Margin, Metric, Source, TextSet
from harness.ledger.printed import Printed, parse

__all__ = ["Claim", "Document", "Ledger", "Made", "Margin", "Metric", "ScoreRef", "Source", "TextSet"]

Kind = Literal["absolute", "difference", "ordering", "best_of", "direction", "count", "qualitative"]
Status = Literal["measured", "derived", "predicted", "copied"]
Fidelity = Literal["embedded", "substitute", "original"]
Unit = Literal["fraction", "percent", "cosine", "count", "loss", "none"]
Operation = Literal["mean", "sum", "difference", "percent_change", "percent", "ratio", "product"]


UNNAMED = "baseline?"  # in arithmetic: the number that a percentage is said to be over, and never named


class Arithmetic(Entry):
    """How a derived number follows from others: claim ids, or literal numbers as strings.

    `weights`: what each part of a sum is multiplied by, exactly.
    """

    op: Operation
    of: list[str] = Field(min_length=1)
    weights: list[float] | None = None

    @model_validator(mode="after")
    def _one_weight_a_part(self) -> Arithmetic:
        if self.weights is None:
            return self
        if self.op != "sum" or len(self.weights) != len(self.of) or not all(map(isfinite, self.weights)):
            raise ValueError("weights: one finite number for each part of a sum")
        return self


class ScoreRef(Entry):
    """A score named directly, for claims whose sides were never printed as numbers."""

    variant: str
    metric: str
    collection: str
    study: str | None = None


class Claim(Made):
    """One printed assertion (design, section 4)."""

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+-]*$", max_length=200)
    study: str
    printed: str
    document: str
    place: str
    kind: Kind
    status: Status
    source: Source
    unit: Unit = "none"
    decimals: int | None = Field(default=None, ge=0, le=30)
    metric: str | None = None
    collection: str | None = None
    n: int | None = Field(default=None, gt=0, le=10**12)
    variant: str | None = None
    points: int | None = Field(default=None, gt=1)
    dimensions: int | None = Field(default=None, gt=1)
    model: str | None = None
    built_on: str | None = None
    restates: str | None = None
    ranked: str | None = None  # the list, best first, that this value is part of: its values must fall
    order: list[list[str | ScoreRef]] | None = None
    arithmetic: Arithmetic | None = None
    beside: list[ScoreRef] = Field(default_factory=list)  # of a prediction: the scores whose mean is shown beside it, unjudged
    family: str | None = None
    margin: Margin | None = None
    decidable_at: Fidelity | None = None
    untested: str | None = None
    note: str | None = None
    bold: bool = False  # how the number is set, as the source has it
    underline: bool = False
    marks: str | None = None  # footnote signs and small print beside the number

    @property
    def key(self) -> str:
        """The name that is unique over all studies: `study:id`."""
        return f"{self.study}:{self.id}"

    @property
    def value(self) -> Printed | None:
        """The printed number, in the claim's unit, as an interval of its rounding; None for words."""
        return parse(self.printed, self.decimals, "truncated" if self.rounding == "truncated" else "nearest")

    @model_validator(mode="before")
    @classmethod
    def _sign_is_unit(cls, entry: Any) -> Any:
        """A per cent sign says the unit; raise ValueError where another one is declared."""
        if not isinstance(entry, dict) or not isinstance(entry.get("printed"), str) or entry.get("unit") == "percent":
            return entry
        number = parse(entry["printed"])
        if number is None or not number.percent:
            return entry
        if entry.get("unit", "none") != "none":
            raise ValueError(
                f"unit: '{entry['printed']}' has a per cent sign, but the unit is '{entry['unit']}'; write 'percent'"
            )
        return {**entry, "unit": "percent"}

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Claim:
        numeric = self.kind in ("absolute", "difference", "count")
        if self.value is None and numeric:  # a number that cannot be read is refused for every kind
            raise ValueError(f"printed: '{self.printed[:80]}' holds no number, but the kind is '{self.kind}'")
        if self.kind in ("ordering", "best_of") and not self.order:
            raise ValueError(f"order: missing; a claim of kind '{self.kind}' lists what stands above what")
        if self.order is not None and (len(self.order) < 2 or not all(self.order)):
            raise ValueError("order: needs at least two non-empty tiers, highest first")
        if self.beside and self.status != "predicted":
            raise ValueError("beside: only a prediction has scores shown beside it; a result is judged")
        if self.arithmetic and self.arithmetic.weights and not self.untested:
            raise ValueError("arithmetic.weights: a weighted sum is audited but not recomputed; say under untested why")
        if self.kind == "difference" and not self.arithmetic:
            raise ValueError("arithmetic: missing; a difference says of which two numbers")
        if self.metric and numeric and self.decidable_at is None and self.untested is None:
            raise ValueError("decidable_at: missing; say the lowest fidelity that can decide it, or why it stays untested")
        return self


class Ledger(Entry):
    """All that one study's `claims.yaml` says."""

    study: str
    title: str
    documents: dict[str, Document]
    metrics: dict[str, Metric]
    texts: dict[str, TextSet] = Field(default_factory=dict)
    claims: list[Claim]
    todo: dict[str, list[str]] = Field(default_factory=dict)  # claims that still say TODO, with the keys; never audited or judged

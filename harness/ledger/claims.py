"""The ledger: what the papers printed, read from `claims.yaml` and checked entry by entry."""

from __future__ import annotations

from math import isfinite
from typing import Any, Literal

from pydantic import Field, model_validator

from harness.ledger.cell import Cell
from harness.ledger.entries import DecidableAt, Document, Entry, Fact, Made, Margin, Metric, Source, TextSet
from harness.ledger.printed import Printed, parse

__all__ = ["Claim", "Document", "Ledger", "Made", "Margin", "Metric", "ScoreRef", "Source", "TextSet"]

Kind = Literal["absolute", "difference", "ordering", "best_of", "direction", "count", "qualitative"]
Status = Literal["measured", "derived", "predicted", "copied"]
Unit = Literal["fraction", "percent", "cosine", "count", "loss", "none"]
Operation = Literal["mean", "sum", "difference", "percent_change", "percent", "ratio", "product"]


UNNAMED = "baseline?"  # in arithmetic: the number that a percentage is said to be over, and never named


class Arithmetic(Entry):
    """How a derived number follows from others: claim ids, or literal numbers as strings.

    `weights`: what each part of a sum is multiplied by, exactly.
    """

    op: Operation
    """What is done with the numbers: mean, sum, difference, percent_change, percent, ratio, product."""
    of: list[str] = Field(min_length=1)
    """The numbers it is made of: ids of claims, or literal numbers in quotes, in the order of the operation."""
    weights: list[float] | None = None
    """What each part of a sum is multiplied by, one number for each."""

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
    """The variant of experiment.yaml."""
    metric: str
    """The metric of experiment.yaml."""
    collection: str
    """The collection's name in experiment.yaml."""
    study: str | None = None
    """The study that it belongs to, where that is another one."""


class Claim(Made):
    """One printed assertion (design, section 4)."""

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+@-]*$", max_length=200)
    """A name of its own for the claim; a cell of a table is named table.row.column."""
    study: str
    """The study's folder; follows from the place of the file."""
    printed: str
    """What is printed, character by character and in quotes: "0.760" is not "0.76"."""
    document: str
    """The document that prints it; may be left out where there is one document."""
    place: str
    """Where in the document: table, figure, section or sentence."""
    kind: Kind
    """What is asserted: absolute (a number), difference, ordering, best_of, direction, count, qualitative."""
    status: Status
    """How the source came by it: measured, derived from other numbers, predicted, or copied from elsewhere."""
    source: Source
    """primary or summary; follows from the document."""
    unit: Unit = "none"
    """The unit of the number: fraction, percent, cosine, count, loss, or none."""
    decimals: int | None = Field(default=None, ge=0, le=30)
    """The decimals that are meant, where the source drops trailing zeros."""
    metric: str | None = None
    """The metric's name under metrics, or a name that needs no declaration, such as ndcg@10."""
    collection: str | None = None
    """The collection's name in experiment.yaml."""
    n: int | None = Field(default=None, gt=0, le=10**12)
    """How many queries or items the number is over."""
    variant: str | None = None
    """The system that it is about: a variant of experiment.yaml. In a table it is the row's name unless said otherwise."""
    points: int | None = Field(default=None, gt=1)
    """How many vectors a measure of a cloud of vectors is over."""
    dimensions: int | None = Field(default=None, gt=1)
    """How many dimensions those vectors have."""
    model: str | None = None
    """The public model that a baseline's number is said to be of, by its name on the Hub."""
    built_on: str | None = None
    """The public model that the system is built on, by its name on the Hub."""
    restates: str | None = None
    """The id of the claim that this one repeats."""
    ranked: str | None = None  # the list, best first, that this value is part of: its values must fall
    """The name of a list, best first, that the value is part of: its values must fall."""
    order: list[list[str | ScoreRef]] | None = None
    """What is said to be higher than what: tiers of claim ids or scores, highest first."""
    arithmetic: Arithmetic | None = None
    """How the number follows from others."""
    beside: list[ScoreRef] = Field(default_factory=list)  # of a prediction: the scores whose mean is shown beside it, unjudged
    """For a prediction: scores whose mean is shown beside it and never judged."""
    family: str | None = None
    """The name of a family of tests that are corrected together (Holm)."""
    margin: Margin | None = None
    """The difference below which two values count as the same; written before the first run."""
    decidable_at: DecidableAt | None = None
    """The weakest materials that can decide it: embedded, substitute or original, or such a word for each part of a score."""
    fact: Fact | None = None
    """What a public file says in its place, where no run is needed: of settings, counts and words about code or data."""
    untested: str | None = None
    """Why nothing is recomputed for it."""
    out_of_reach: str | None = Field(default=None, pattern=r"\S")
    """Why no public material, setting or arithmetic can decide it."""
    note: str | None = None
    """Anything a reader of the ledger should know."""
    cell: Cell | None = None  # of a claim that is a cell of a printed table
    """Where it stands in a printed table; follows from the table."""

    @property
    def key(self) -> str:
        """The name that is unique over all studies: `study:id`."""
        return f"{self.study}:{self.id}"

    @property
    def unrun(self) -> str | None:
        """Why no run decides it: it stays untested, or is out of reach; None where one may."""
        return self.untested or self.out_of_reach

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
        if self.arithmetic and self.arithmetic.weights and not self.unrun:
            raise ValueError("arithmetic.weights: a weighted sum is audited but not recomputed; say under untested why")
        if self.kind == "difference" and not self.arithmetic:
            raise ValueError("arithmetic: missing; a difference says of which two numbers")
        if sum(one is not None for one in (self.fact, self.untested, self.out_of_reach)) > 1:
            raise ValueError("fact, untested and out_of_reach exclude one another: keep one")
        if self.fact and self.fact.holds is None and self.value is None:
            raise ValueError(f"fact: '{self.printed[:80]}' holds no number to compare; say holds: true or false")
        if self.metric and numeric and self.decidable_at is None and self.unrun is None and self.fact is None:
            raise ValueError("decidable_at: missing; say the lowest fidelity that can decide it, or why it stays untested or out_of_reach")
        return self


class Ledger(Entry):
    """All that one study's `claims.yaml` says."""

    study: str
    """The study's folder; follows from the place of the file."""
    title: str
    """What the source is called."""
    documents: dict[str, Document]
    """The sources by name: paper, report, code at a commit."""
    metrics: dict[str, Metric]
    """What the printed numbers measure, by name; a name such as ndcg@10 needs no entry."""
    texts: dict[str, TextSet] = Field(default_factory=dict)
    """Sets of texts whose overlap is looked at, by name."""
    claims: list[Claim]
    """Assertions, one entry each."""
    todo: dict[str, list[str]] = Field(default_factory=dict)
    """Claims that still say TODO, with the keys that do: they are listed, and never audited or judged."""

"""The ledger: what the papers printed, read from `claims.yaml` and checked entry by entry."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from harness.ledger.printed import Printed, parse

Kind = Literal["absolute", "difference", "ordering", "best_of", "direction", "count", "qualitative"]
Status = Literal["measured", "derived", "predicted", "copied"]
Source = Literal["primary", "summary"]
Fidelity = Literal["embedded", "substitute", "original"]
Unit = Literal["fraction", "percent", "cosine", "count", "loss", "none"]
Operation = Literal["mean", "sum", "difference", "percent_change", "percent", "ratio", "product"]


UNNAMED = "baseline?"  # in arithmetic: the number that a percentage is said to be over, and never named


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Made(_Entry):
    """How a printed value came about, as far as the source says it; what it does not say is 'unknown'.

    `said` gives the place for every key that is not unknown.
    """

    printed_runs: str = Field("unknown", pattern=r"^(one|mean of [1-9]\d*|best of [1-9]\d*|unknown)$")
    same_queries: Literal[True, False, "unknown"] = "unknown"  # as those that we score: the paper's own sample
    unit_vectors: Literal[True, False, "unknown"] = "unknown"  # whether the vectors behind it have length 1
    rounding: Literal["nearest", "truncated", "unknown"] = "unknown"
    said: dict[str, str] = {}

    @model_validator(mode="after")
    def _every_word_has_its_place(self) -> Made:
        keys = ("printed_runs", "same_queries", "unit_vectors", "rounding")
        if bare := [key for key in keys if getattr(self, key) != "unknown" and key not in self.said]:
            raise ValueError(f"said.{bare[0]}: missing; give the place where the source says it")
        if loose := sorted(set(self.said) - set(keys)):
            raise ValueError(f"said.{loose[0]}: no such key; known: {', '.join(keys)}")
        return self


class Document(Made):
    """A source of claims: a paper, a report, code at a commit, a notebook, a record.

    What it says of how its values came about holds for each of its claims that does not say otherwise.
    """

    title: str
    source: Source
    locator: str
    date: str | None = None
    sha256: str | None = None
    restates: str | None = None


class Metric(_Entry):
    """What a printed number measures; `score` is the identifier under which the harness recomputes it."""

    definition: str
    quantity: str
    score: str | None = None
    candidates: list[str] = []
    orientation: Literal["higher", "lower", "none"] = "none"
    range: list[float] | None = None
    step: int | None = None
    cutoff: int | None = None


class Margin(_Entry):
    """The difference, in the claim's unit, below which two values count as the same, and why."""

    value: float = Field(gt=0)
    reason: str


class Arithmetic(_Entry):
    """How a derived number follows from others: claim ids, or literal numbers as strings."""

    op: Operation
    of: list[str]


class ScoreRef(_Entry):
    """A score named directly, for claims whose sides were never printed as numbers."""

    variant: str
    metric: str
    collection: str
    study: str | None = None


class Claim(Made):
    """One printed assertion (design, section 4)."""

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+-]*$")
    study: str
    printed: str
    document: str
    place: str
    kind: Kind
    status: Status
    source: Source
    unit: Unit = "none"
    decimals: int | None = None
    metric: str | None = None
    collection: str | None = None
    n: int | None = Field(default=None, gt=0)
    variant: str | None = None
    points: int | None = Field(default=None, gt=1)
    dimensions: int | None = Field(default=None, gt=1)
    model: str | None = None
    built_on: str | None = None
    restates: str | None = None
    order: list[list[str | ScoreRef]] | None = None
    arithmetic: Arithmetic | None = None
    beside: list[ScoreRef] = []  # of a prediction: the scores whose mean is shown beside it, unjudged
    family: str | None = None
    margin: Margin | None = None
    decidable_at: Fidelity | None = None
    untested: str | None = None
    note: str | None = None

    @property
    def key(self) -> str:
        """The name that is unique over all studies: `study:id`."""
        return f"{self.study}:{self.id}"

    @property
    def value(self) -> Printed | None:
        """The printed number as an interval of its rounding, or None for words."""
        return parse(self.printed, self.decimals)

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Claim:
        numeric = self.kind in ("absolute", "difference", "count")
        if numeric and self.value is None:
            raise ValueError(f"printed: '{self.printed}' holds no number, but the kind is '{self.kind}'")
        if self.kind in ("ordering", "best_of") and not self.order:
            raise ValueError(f"order: missing; a claim of kind '{self.kind}' lists what stands above what")
        if self.order is not None and (len(self.order) < 2 or not all(self.order)):
            raise ValueError("order: needs at least two non-empty tiers, highest first")
        if self.beside and self.status != "predicted":
            raise ValueError("beside: only a prediction has scores shown beside it; a result is judged")
        if self.kind == "difference" and not self.arithmetic:
            raise ValueError("arithmetic: missing; a difference says of which two numbers")
        if self.metric and numeric and self.decidable_at is None and self.untested is None:
            raise ValueError("decidable_at: missing; say the lowest fidelity that can decide it, or why it stays untested")
        return self


class TextSet(_Entry):
    """A set of texts for the overlap audits: columns of a data file, or digests of texts we may not copy."""

    asset: str | None = None
    file: str | None = None
    columns: list[str] = []
    sha256: list[str] = []
    role: Literal["training", "evaluation"]

    @model_validator(mode="after")
    def _one_origin(self) -> TextSet:
        if bool(self.sha256) == bool(self.asset):
            raise ValueError("give either sha256 (digests of the texts) or asset with file and columns")
        return self


class Ledger(_Entry):
    """All that one study's `claims.yaml` says."""

    study: str
    title: str
    documents: dict[str, Document]
    metrics: dict[str, Metric]
    texts: dict[str, TextSet] = {}
    claims: list[Claim]

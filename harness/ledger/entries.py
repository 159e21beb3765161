"""What a ledger says around its claims: sources and how their values came about, metrics, margins, sets of texts."""

from __future__ import annotations

from math import isfinite, lcm
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from harness.config import FIDELITIES, Fidelity
from harness.errors import closest
from harness.ledger.printed import parse

Source = Literal["primary", "summary"]
FINEST = 50  # beyond this cut-off lcm(1..k) passes 10^20: no printed mean can break a grid so fine


class Entry(BaseModel):
    """Strict and frozen: an unknown key, a number for a string and a later change are errors."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Made(Entry):
    """How a printed value came about, as far as the source says it; what it does not say is 'unknown'.

    `said` gives the place for every key that is not unknown.
    """

    printed_runs: str = Field(default="unknown", pattern=r"^(one|mean of [1-9]\d*|best of [1-9]\d*|unknown)$")
    """How many runs stand behind the printed value: 'one', 'mean of 5', 'best of 3'; 'unknown' where the source does not say."""
    same_queries: Literal[True, False, "unknown"] = "unknown"  # as those that we score: the paper's own sample
    """Whether the value is over the very queries that are scored here; 'unknown' where the source does not say."""
    unit_vectors: Literal[True, False, "unknown"] = "unknown"  # whether the vectors behind it have length 1
    """Whether the vectors behind the value have length 1; 'unknown' where the source does not say."""
    rounding: Literal["nearest", "truncated", "unknown"] = "unknown"
    """How the digits came about: to the nearest, or cut off; 'unknown' where the source does not say."""
    said: dict[str, str] = {}
    """Where the source says each of printed_runs, same_queries, unit_vectors and rounding: one place for every one of them that is written."""

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
    """What the document is called."""
    source: Source
    """primary: the paper, its code or its records; summary: somebody else's account of it."""
    locator: str
    """Where a reader finds it: DOI, arXiv number, repository at a commit."""
    date: str | None = None
    """When it was published or read."""
    sha256: str | None = None
    """The digest of the file that was read, where there is one."""
    restates: str | None = None
    """The name of the document whose numbers this one repeats."""


class Metric(Entry):
    """What a printed number measures; `score` is the identifier under which the harness recomputes it.

    `step`: the values of one query are whole multiples of 1/step. `each_rounded`: each is rounded before the mean, so that
    the mean is no multiple of 1/(n step).
    """

    definition: str
    """What is measured, in words: cut-off, gain, ties, pooling, whatever the source says."""
    quantity: str
    """The kind of quantity, which decides what checks apply: ndcg, mrr, hit_rate, recall, precision, f1, map, accuracy, mean_cosine, isoscore, loss, count, other."""
    score: str | None = None
    """The metric of experiment.yaml that recomputes it, such as ndcg@10; none where nothing does."""
    candidates: list[str] = []
    """Several metrics that it may mean, where the definition is open; each is tried."""
    orientation: Literal["higher", "lower", "none"] = "none"
    """Which direction is better: higher, lower, or none."""
    range: list[float] | None = None
    """The least and the most that it can be, in fractions, such as [0, 1]."""
    step: int | None = Field(default=None, gt=0, le=10**9)
    """Into how many equal steps the value of one query is cut: 1 for a hit or a miss."""
    cutoff: int | None = Field(default=None, gt=0, le=1000)
    """How many documents of a ranking it looks at."""
    each_rounded: bool = False
    """Whether each value is rounded before the mean is taken."""

    @field_validator("range")
    @classmethod
    def _least_and_most(cls, value: list[float] | None) -> list[float] | None:
        if value is not None and not (len(value) == 2 and all(map(isfinite, value)) and value[0] < value[1]):
            raise ValueError("needs two finite numbers, the least first, such as [0, 1]")
        return value

    @property
    def grain(self) -> int | None:
        """The step, else what the cut-off makes it: precision@k has k values, a reciprocal rank is k'/lcm(1..k); or None."""
        if self.step or self.each_rounded:
            return None if self.each_rounded else self.step
        if self.quantity == "hit_rate":
            return 1
        if self.cutoff is None or self.quantity not in ("precision", "mrr"):
            return None
        return self.cutoff if self.quantity == "precision" else lcm(*range(1, min(self.cutoff, FINEST) + 1))


class Margin(Entry):
    """The difference, in the claim's unit, below which two values count as the same, and why."""

    value: float = Field(gt=0, allow_inf_nan=False)
    """The difference below which two values count as the same, in the claim's unit."""
    reason: str
    """Why a difference that small means nothing."""


def _each_part(written: object) -> object:
    """Return one fidelity for all parts as a mapping of the parts."""
    if not isinstance(written, str):
        return written
    if written not in FIDELITIES:
        raise ValueError(f"'{written[:40]}' is no fidelity{closest(written, FIDELITIES)}")
    return {"evaluation": written, "encoder": written, "training": written}


class Decidable(Entry):
    """The lowest fidelity of each part of a score that can decide a claim, and the reason where the parts differ."""

    evaluation: Fidelity
    """The weakest data to rank and judge on."""
    encoder: Fidelity
    """The weakest encoder."""
    training: Fidelity
    """The weakest data to train on."""
    reason: str = ""
    """Why one part may be weaker than another."""

    @property
    def told(self) -> str:
        """Return the fidelities as people read them: one word where the parts agree."""
        if self.evaluation == self.encoder == self.training:
            return self.evaluation
        return f"{self.evaluation} evaluation data, {self.encoder} encoder, {self.training} training data: {self.reason}"

    @model_validator(mode="after")
    def _a_reason_for_less(self) -> Decidable:
        if len({self.evaluation, self.encoder, self.training}) > 1 and not self.reason.strip():
            raise ValueError("reason: missing; say why one part may be weaker than another")
        return self


DecidableAt = Annotated[Decidable, BeforeValidator(_each_part, json_schema_input_type=Fidelity | Decidable)]


class Fact(Entry):
    """What a public file says in the place of a printed setting or count: no run is needed to hold one against the other.

    Either `value`, or for words whether they hold, with `of`: the file at its commit, and the place in it. Or a count of a
    `collection` of the study: its documents, queries, qrels, triples or pairs.
    """

    value: str | None = None
    """The number that the file has, in quotes."""
    holds: bool | None = None
    """Of words: whether the file says so."""
    of: str | None = None
    """The file at its commit, and the place in it."""
    collection: str | None = None
    """A collection of experiment.yaml whose count it is."""
    count: Literal["documents", "queries", "qrels", "triples", "pairs"] | None = None
    """What is counted."""

    @model_validator(mode="after")
    def _one_way(self) -> Fact:
        ways = [self.value is not None, self.holds is not None, self.collection is not None]
        if sum(ways) != 1:
            raise ValueError("give one of value, holds or collection")
        if (self.collection is None) != (self.count is None) or (self.collection is None) != (self.of is not None):
            raise ValueError("value and holds need 'of', the file and the place in it; a collection needs 'count'")
        if self.value is not None and parse(self.value) is None:
            raise ValueError(f"value: '{self.value[:40]}' holds no number; for words say holds: true or false")
        return self


class TextSet(Entry):
    """A set of texts for the overlap audits: columns of a data file, or digests of texts we may not copy."""

    asset: str | None = None
    """The mirror folder that the data file lies in."""
    file: str | None = None
    """The data file that holds the texts."""
    columns: list[str] = []
    """The columns of the file whose texts count."""
    sha256: list[str] = []
    """Digests of the texts, where they may not be copied."""
    role: Literal["training", "evaluation"]
    """What the texts are used for: training or evaluation."""

    @model_validator(mode="after")
    def _one_origin(self) -> TextSet:
        if bool(self.sha256) == bool(self.asset):
            raise ValueError("give either sha256 (digests of the texts) or asset with file and columns")
        return self

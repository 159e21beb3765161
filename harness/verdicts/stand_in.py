"""How far a stand-in can move a claim's value: the same variants trained on other data, and on pairs that mean nothing.

A claim that lacks nothing but the source's own training data is decided where that spread is well below its margin: what is
trained on then hardly matters, and the source's own data would give the same within a third of what counts as the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from harness.ledger.claims import Claim
from harness.rankings.scores import Measured
from harness.studies.alternates import named
from harness.studies.experiment import StandIn
from harness.verdicts.quantity import Recompute

SHARE = 1 / 3  # of the margin, below which the spread must lie


class Unmeasured(Exception):
    """The other training data were not all run; the message says which."""


@dataclass(frozen=True)
class Sway:
    """The claim's value on each training set, the stand-in's own first, on the seeds that all of them have."""

    values: dict[str, float]

    @property
    def spread(self) -> float:
        """The largest difference between any two sets."""
        return max(self.values.values()) - min(self.values.values())

    def decides(self, margin: float) -> bool:
        """Say whether the spread lies below the share of the margin."""
        return isfinite(self.spread) and self.spread < SHARE * margin

    def told(self, unit: str) -> str:
        """Return the sentence that stands with a decided claim."""
        return f"training data substituted; moves the score by at most {self.spread:.4g}{' %' if unit == 'percent' else ''} over {len(self.values)} sets"


def of(claim: Claim, score: str | None, recompute: Recompute) -> Sway:
    """Measure a claim's value on every training set of `stand_ins`; raise Unmeasured where one is not run."""
    chosen = recompute.scores.studies[claim.study]
    entries = dict(chosen.experiment.stand_ins) if chosen.experiment else {}
    trained = {variant.name: variant.train_on for variant in chosen.variants}
    if not chosen.alternates or len(entries) != 1:
        raise Unmeasured("how much other training data move it was not measured")
    ((role, entry),) = entries.items()

    def swap(other: str) -> float:
        return recompute.swapped(claim, score, lambda leaf: _mean(leaf, other, role, trained, entry, recompute))

    return Sway({name: swap(name) for name in (role, *entry.all)})


def _mean(leaf: Measured, other: str, role: str, trained: dict[str, list[str]], entry: StandIn, recompute: Recompute) -> float:
    """Return the mean over the common seeds of a score's variant, trained on another role's data."""
    study, variant, collection, metric = leaf.key
    if role not in trained.get(variant, []):
        return float(leaf.means.mean())
    key = leaf.key if other == role else (study, named(variant, other), collection, metric)
    found = recompute.scores.table.get(key)
    missing = set(entry.seeds) - set(found.seeds if found else ())
    if found is None or missing:
        raise Unmeasured(f"how much other training data move it was not measured: {variant} was not trained on {other}")
    return float(found.means[[found.seeds.index(seed) for seed in entry.seeds]].mean())

"""The gate: an encoder must meet its public record before anything that is built on it is compared with it."""

from __future__ import annotations

from dataclasses import dataclass

from harness.config import Config
from harness.rankings.scores import Measured
from harness.studies.plan import role
from harness.studies.study import Study, folders, load


@dataclass(frozen=True)
class Gate:
    """One recomputed value beside the record of the same model, collection and metric."""

    collection: str
    value: float
    printed: str
    margin: float
    where: str

    @property
    def met(self) -> bool:
        """Whether the value lies within the record's declared margin."""
        return abs(self.value - float(self.printed)) <= self.margin


def gates(chosen: Study, baseline: str, measured: list[Measured], config: Config) -> list[Gate]:
    """Return the gates of a baseline's scores: those for which the yardstick named as its model keeps a record.

    The record is a claim of `baselines/<model>/claims.yaml` on the same collection and metric, with a margin.
    """
    assert chosen.experiment
    (variant,) = (v for v in chosen.variants if v.name == baseline)
    models = [role(chosen.experiment.models, name, config.fidelity) for name in variant.models]
    known = folders(config)
    if len(models) != 1 or models[0] not in known:
        return []
    yardstick = load(known[models[0]], known, config.fidelity).ledger
    found = []
    for one in measured:
        actual = role(chosen.experiment.collections, one.key[2], config.fidelity)
        for claim in yardstick.claims:
            metric = yardstick.metrics.get(claim.metric or "")
            same = claim.collection == actual and metric and metric.score == one.key[3]
            if same and claim.margin and claim.value is not None and claim.status == "measured":
                found.append(Gate(one.key[2], float(one.means.mean()), claim.printed, claim.margin.value, claim.key))
    return found

"""Joining claims to scores: every claim that a run can decide finds its scores once, or says why there are none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from harness.config import Config
from harness.data import asset, definition
from harness.errors import InputError, closest
from harness.rankings import scores
from harness.rankings.measures import read_failed, read_ill_posed
from harness.rankings.scores import Key, Measured, Table, Tables
from harness.studies import study as studies
from harness.studies.absent import absent
from harness.studies.experiment import Variant
from harness.studies.fidelity import materials
from harness.studies.plan import runnable
from harness.studies.study import Study

if TYPE_CHECKING:
    pass


class NotRun(Exception):
    """Nothing was run that could decide the claim; the message is the reason."""


class OutOfReach(NotRun):
    """Nothing public could be run that decides the claim; the message is the reason."""


class Unusable(Exception):
    """Scores are there, but not all of them, or they are not finite numbers, or the arithmetic has no answer."""


@dataclass(frozen=True)
class Scores:
    """All scores at hand, with the studies that they come from."""

    fidelity: str
    studies: dict[str, Study]
    table: Tables
    failed: dict[tuple[str, str, str], str]  # (study, variant, collection) → which seed failed, and why
    ill_posed: dict[Key, str] = field(default_factory=dict)  # → why no number can be given
    counts: dict[tuple[str, str, str], int] = field(default_factory=dict)  # (study, collection role, what) → of the source's own data

    @cached_property
    def _declared(self) -> dict[str, dict[str, Variant]]:
        return {name: {variant.name: variant for variant in one.variants} for name, one in self.studies.items()}

    def find(self, entry: str, study: str, variant: str | None, collection: str | None, metric: str) -> Measured:
        """Return what a claim names; raise NotRun with the reason, or InputError where no run could ever join it.

        `entry` opens the message of an InputError: file and claim.
        """
        chosen = self.studies[study]
        if chosen.experiment is None:
            raise NotRun("the study has no experiment.yaml: nothing of it is run yet")
        path = chosen.folder / "experiment.yaml"
        if variant in chosen.experiment.out_of_reach:
            raise OutOfReach(chosen.experiment.out_of_reach[str(variant)])
        if variant in chosen.experiment.not_run:
            raise NotRun(chosen.experiment.not_run[str(variant)])
        declared = self._declared[study]
        if variant not in declared:
            raise InputError(
                f"{entry}: variant: '{variant}' is neither a variant nor under not_run or out_of_reach in {path}{closest(str(variant), declared)}"
            )
        if collection not in chosen.experiment.collections:
            known = chosen.experiment.collections
            raise InputError(f"{entry}: collection: '{collection}' is none of {path}{closest(str(collection), known)}")
        if metric not in chosen.experiment.metrics:
            raise InputError(
                f"{entry}: metric: the score '{metric}' is not computed by {path}{closest(metric, chosen.experiment.metrics)}"
            )
        self._refuse_absent(chosen, declared[variant], collection)
        key = (study, variant, collection, metric)
        if reason := self.failed.get(key[:3]):
            raise Unusable(reason)
        if reason := self.ill_posed.get(key):
            raise NotRun(reason)
        if key not in self.table:
            raise NotRun(f"there is no {metric} of {variant} on {collection} at fidelity {self.fidelity}")
        return self.table[key]

    def _refuse_absent(self, chosen: Study, variant: Variant, collection: str) -> None:
        if collection not in variant.collections:
            raise NotRun(f"{variant.name} is not run on {collection}")
        if collection not in runnable(chosen, variant, self.fidelity):
            raise NotRun(f"{variant.name} is not run on {collection} at fidelity {self.fidelity}")


def load(names: Iterable[str], config: Config) -> Scores:
    """Read every scores.parquet of the named studies; raise InputError where two rows stand under one key."""
    known = studies.folders(config)
    chosen: dict[str, Study] = {}
    tables: dict[str, Table] = {}
    failed: dict[tuple[str, str, str], str] = {}
    ill_posed: dict[Key, str] = {}
    for name in names:
        if name not in known:
            raise InputError(f"order: no study '{name}'{closest(name, known)}")
        chosen[name] = studies.load(known[name], known, config.fidelity, absent(config))
        places = scores.places(chosen[name], config)
        frame = scores.of(chosen[name], config, places)
        if frame is not None:
            unsettled = {
                v.name for v in chosen[name].planned if len(v.seeds) > 1 or _is_trained(chosen[name], v, known[v.method])
            }
            tables[name] = Table(frame, unsettled)
        for place in places:
            for (variant, role), reason in read_failed(place / "rank" / "failed.csv").items():
                failed[name, variant, role] = f"{variant} failed under seed {place.name}: {reason}"
            for (variant, role, metric), share in read_ill_posed(place / "rank" / "ill_posed.csv").items():
                reason = f"{metric} of {variant} on {role} is ill-posed: rounding of the vectors alone moves it by a share of {share}"
                ill_posed[name, variant, role, metric] = reason
    counts = {(one.name, *key): count for one in chosen.values() for key, count in own_counts(one, config).items()}
    return Scores(config.fidelity, chosen, Tables(tables), failed, ill_posed, counts)


def own_counts(chosen: Study, config: Config) -> dict[tuple[str, str], int]:
    """Return (role, what) → the count that a definition pins, of roles whose original is the source's own data.

    A pinned count is checked whenever the collection is loaded, so that none need be at hand to be held against a claim.
    """
    if chosen.experiment is None:
        return {}
    known, paths = materials(config), asset.definitions(config, "collections")
    gone = {place.partition(".")[2]: missing for place, missing, _ in chosen.fallen if not place.startswith("models.")}
    found: dict[tuple[str, str], int] = {}
    for name, role in chosen.experiment.data.items():
        original = gone.get(name, role.original)  # what stands in for it has other counts
        if original in paths and known.of("collections", role, original) == "original":
            counts = definition.read_mapping(paths[original]).get("counts") or {}
            found |= {(name, what): int(count) for what, count in counts.items()}
    return found


def _is_trained(study: Study, variant: Variant, folder: Path) -> bool:
    """A method that fits trains every variant, unless the study says on what, and gives this one nothing."""
    assert study.experiment
    return studies.has_fit(folder) and bool(variant.train_on or not study.experiment.training)

"""Which document vectors must outlive the rank stage: those that a picture shows."""

from __future__ import annotations

import json

from harness.studies.experiment import Variant
from harness.studies.picture import Cloud
from harness.studies.study import Study

Wanted = dict[tuple[str, str], str]  # (variant, collection role) → the picture that asks first


def wanted(study: Study, seed: int) -> Wanted:
    """Return the document vectors that the study's pictures show of this seed."""
    found: Wanted = {}
    for title, picture in (study.experiment.pictures if study.experiment else {}).items():
        if isinstance(picture, Cloud) and picture.seed == seed:
            for name in picture.series.values():
                found.setdefault((name, picture.collection), title)
    return found


def demand(study: Study, variants: tuple[Variant, ...], seed: int) -> str:
    """Say what a job must keep, for the rank stage's settings: empty where no picture asks, so that other studies stay done."""
    names = {variant.name for variant in variants}
    kept = sorted(key for key in wanted(study, seed) if key[0] in names)
    return json.dumps(kept) if kept else ""

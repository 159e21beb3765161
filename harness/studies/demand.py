"""What the rank stage must give: the document vectors that a picture shows, and the measures of isotropy."""

from __future__ import annotations

import json

from harness.studies.experiment import Variant
from harness.studies.picture import Cloud
from harness.studies.study import Study
from harness.vectors.isotropy import MEASURES

Wanted = dict[tuple[str, str], str]  # (variant, collection role) → the picture that asks first


def wanted(study: Study, seed: int) -> Wanted:
    """Return the document vectors that the study's pictures show of this seed."""
    found: Wanted = {}
    for title, picture in (study.experiment.pictures if study.experiment else {}).items():
        if isinstance(picture, Cloud) and picture.seed == seed:
            for name in picture.series.values():
                found.setdefault((name, picture.collection), title)
    return found


COSTLY = "partition_isotropy"


def isotropy(study: Study) -> list[str]:
    """Return the measures of isotropy that are computed for a study: the one that is costly only where it is among its metrics."""
    return [name for name in MEASURES if name != COSTLY or (study.experiment and name in study.experiment.metrics)]


def demand(study: Study, variants: tuple[Variant, ...], seed: int) -> str:
    """Say what a job must measure and keep, for the rank stage's settings."""
    names = {variant.name for variant in variants}
    kept = sorted(key for key in wanted(study, seed) if key[0] in names)
    return json.dumps([isotropy(study), kept])

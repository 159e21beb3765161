"""What each small stage reads of all that is written: after an edit of anything else, it does not run again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from harness.audits import anchoring
from harness.config import Config
from harness.ledger.claims import Ledger, ScoreRef
from harness.studies.picture import Forest
from harness.studies.plan import Known, used
from harness.studies.study import Study

LEDGER, EXPERIMENT = "claims.yaml", "experiment.yaml"


def sources(chosen: Study) -> list[str]:
    """Return the study and every other one whose scores its orderings name."""
    sides = [side for claim in chosen.ledger.claims for tier in claim.order or [] for side in tier]
    return list(dict.fromkeys([chosen.name, *(s.study for s in sides if isinstance(s, ScoreRef) and s.study)]))


def names(studies: Iterable[Study]) -> str:
    """Digest what ledgers are read by besides themselves: the names of variants and collections, which rows and columns may bear."""
    told = {s.name: [sorted(v.name for v in s.variants), sorted([*s.experiment.not_run, *s.experiment.collections])] for s in studies if s.experiment}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def judge(chosen: Study, ledgers: list[Ledger], known: Known) -> list[Path]:
    """All that is written of a study, and the ledgers whose records and scores its own is held against."""
    others = (anchoring.held(chosen.ledger, ledgers) | set(sources(chosen))) & known.folders.keys() - {chosen.name}
    return sorted(chosen.folder.glob("*.yaml")) + [known.folders[name] / LEDGER for name in sorted(others)]


def compare(chosen: Study, config: Config, known: Known) -> list[Path]:
    """What names the variants, and the records of the models they use: an encoder must meet its own first."""
    models = {name for variant in chosen.planned for name in used(chosen, variant, config.fidelity)[0]}
    return [chosen.folder / EXPERIMENT, *(known.folders[name] / LEDGER for name in sorted(models & known.folders.keys()))]


def forensics(chosen: Study) -> list[Path]:
    """What names the variants and the claims."""
    return [chosen.folder / EXPERIMENT, chosen.folder / LEDGER]


def draw(chosen: Study) -> list[Path]:
    """What names the variants and, where a picture shows verdicts, the claims."""
    return forensics(chosen) if shows_verdicts(chosen) else [chosen.folder / EXPERIMENT]


def shows_verdicts(chosen: Study) -> bool:
    """Say whether a picture of the study is drawn from its verdicts."""
    return chosen.experiment is not None and any(isinstance(one, Forest) for one in chosen.experiment.pictures.values())

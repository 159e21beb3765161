"""Which pictures stand as they were drawn: those whose data, settings and code are the same, and whose files nobody has touched."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from fnmatch import fnmatchcase
from importlib.metadata import version
from pathlib import Path
from typing import Any

from harness.config import Config
from harness.errors import InputError
from harness.ledger.claims import Ledger
from harness.pages import told
from harness.pages.pictures.forest import READ
from harness.studies import code, prints
from harness.studies.jobs import job_folder
from harness.studies.picture import Cloud, Forest, Picture
from harness.studies.plan import jobs
from harness.studies.study import Study
from harness.text import read_sealed, write_sealed

NAME = "drawn.json"
Drawn = dict[str, dict[str, Any]]  # picture → what it was drawn from, the digest of its files, its width


class Scored:
    """Digests of what the jobs of a study have left, each taken once."""

    def __init__(self, chosen: Study, config: Config) -> None:
        self._chosen, self.config = chosen, config
        self._found: dict[str, list[Any]] = {}

    def of(self, name: str) -> list[Any]:
        """Return the digest of one file of each job."""
        if name not in self._found:
            folders = [job_folder(self.config, job) for job in jobs([self._chosen], self.config)]
            self._found[name] = [[str(folder.relative_to(self.config.folder)), _content(folder / name)] for folder in folders]
        return self._found[name]


def source(spec: Picture, chosen: Study, verdicts: list[dict[str, str]], scored: Scored) -> str:
    """Digest all that a picture is drawn from."""
    parts: list[Any] = [code.digest("draw"), version("matplotlib"), scored.config.fidelity, spec.model_dump(mode="json")]
    if isinstance(spec, Forest):
        parts += _printed(spec, chosen.ledger, verdicts)
    else:
        parts += scored.of(f"rank/{prints.NAME}" if isinstance(spec, Cloud) else "scores.parquet")
        parts += [[variant.name, variant.settings] for variant in chosen.variants]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _printed(spec: Forest, ledger: Ledger, verdicts: list[dict[str, str]]) -> list[Any]:
    """Return the verdicts that a picture may show, and what a reader calls their claims."""
    names = {claim.key: told.name(claim) for claim in ledger.claims}
    fitting = [row for row in verdicts if any(fnmatchcase(row["claim"].partition(":")[2], one) for one in spec.claims)]
    return [[names.get(row["claim"]), *(row[key] for key in READ)] for row in fitting]


def files(folder: Path, name: str, endings: Iterable[str]) -> str | None:
    """Digest the files of a picture; None where one is missing."""
    found = [_content(folder / f"{name}{ending}") for ending in endings]
    return None if None in found else "".join(map(str, found))


def read(chosen: Study, config: Config) -> Drawn:
    """Return what was drawn before; nothing where that cannot be read."""
    try:
        return dict(json.loads(read_sealed(config.folder / chosen.name / NAME, "draw")))
    except (InputError, ValueError, TypeError):
        return {}


def write(chosen: Study, config: Config, drawn: Drawn) -> None:
    """Write down what was drawn."""
    write_sealed(config.folder / chosen.name / NAME, json.dumps(drawn, indent=1) + "\n")


def _content(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16] if path.is_file() else None

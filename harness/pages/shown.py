"""What the pages show of a study's scores, kept until these change: an edit of a ledger reads no score file again."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from typing import Any

from harness.config import Config
from harness.errors import InputError
from harness.pages import by_query, scoreboard
from harness.rankings import scores
from harness.rankings.scores import Key
from harness.studies import code
from harness.studies.study import Study
from harness.text import read_sealed, write_sealed
from harness.verdicts import join

NAME = "shown.json"
BESIDE = ("scores.parquet", "rank/failed.csv", "rank/ill_posed.csv")  # of each job


class Shown:
    """The rows of a study's scores, and how single values spread over queries; read from the scores where they are not kept."""

    def __init__(self, chosen: Study, config: Config) -> None:
        self.chosen, self.config = chosen, config
        self._path = config.folder / chosen.name / NAME
        self._kept: dict[str, Any] = _read(self)
        self._fresh = False

    @cached_property
    def source(self) -> str:
        """A digest of all that is shown is made from."""
        assert self.chosen.experiment
        parts: list[Any] = [code.digest("render"), self.config.judgement.model_dump(), self.chosen.experiment.model_dump(mode="json")]
        parts.append([variant.model_dump(mode="json") for variant in self.chosen.planned])
        for place, expected in scores.places(self.chosen, self.config).items():
            parts.append([str(place.relative_to(self.config.folder)), expected, *(_digest((place / name).read_bytes()) if (place / name).is_file() else "" for name in BESIDE)])
        return _digest(json.dumps(parts, sort_keys=True).encode())

    @cached_property
    def _scores(self) -> join.Scores:
        return join.load([self.chosen.name], self.config)

    def rows(self) -> list[scoreboard.Row]:
        """Return the rows of `scoreboard.rows`."""
        if "rows" not in self._kept:
            self._kept["rows"], self._fresh = scoreboard.rows(self.chosen, self.config, self._scores), True
        found: list[scoreboard.Row] = self._kept["rows"]
        return found

    def spread(self, key: Key) -> dict[str, Any] | None:
        """Return how the value of one score spreads; None where there is none. Asked again it is the very same object."""
        spreads, name = self._kept.setdefault("spreads", {}), json.dumps(key)
        if name not in spreads:
            table = self._scores.table
            spreads[name], self._fresh = by_query.spread(table[key]) if key in table else None, True
        found: dict[str, Any] | None = spreads[name]
        return found

    def keep(self) -> None:
        """Write down what was made anew."""
        if self._fresh:
            write_sealed(self._path, json.dumps({"source": self.source, **self._kept}) + "\n")


def _read(shown: Shown) -> dict[str, Any]:
    path = shown.config.folder / shown.chosen.name / NAME
    try:
        found = dict(json.loads(read_sealed(path, "render"))) if path.is_file() else {}
    except (InputError, ValueError, TypeError):
        found = {}
    return found if found.pop("source", None) == shown.source else {}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]

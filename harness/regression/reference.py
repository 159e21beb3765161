"""References: the accepted scores of a study, and how today's differ from them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from math import isfinite
from pathlib import Path

from harness.config import Config
from harness.data.readers.content import rows
from harness.errors import InputError
from harness.rankings import scores
from harness.studies.plan import runnable
from harness.studies.study import Study

Key = tuple[str, str, str, str]  # variant, seed, collection, metric
HEAD = ["variant", "seed", "collection", "metric", "value", "moves"]


def reference_path(one: Study, config: Config) -> Path:
    """Return where a study keeps its accepted scores of this fidelity."""
    return one.folder / "reference" / f"{config.fidelity}.csv"


def read_reference(path: Path) -> dict[Key, float]:
    """Read accepted scores; raise InputError for a malformed row, with its line."""
    return {key: value for key, (value, _) in _rows(path).items()}


def read_moves(path: Path) -> dict[Key, float]:
    """Read how far each accepted score moves where the last bits do (`conditioning`), where that was worked out."""
    return {key: moves for key, (_, moves) in _rows(path).items() if moves is not None}


def _rows(path: Path) -> dict[Key, tuple[float, float | None]]:
    found: dict[Key, tuple[float, float | None]] = {}
    for line, r in enumerate(rows(path, *HEAD[:-1]), start=2):
        key = (r["variant"], r["seed"], r["collection"], r["metric"])
        try:
            value = _finite(r["value"]), _finite(r["moves"]) if r.get("moves") else None
        except ValueError as error:
            raise InputError(f"{path}:{line}: not a row of {', '.join(HEAD)}: {error}") from None
        if key in found:
            raise InputError(f"{path}:{line}: {'/'.join(key)} stands twice")
        found[key] = value
    if not found:
        raise InputError(f"{path}: no row of {', '.join(HEAD)}")
    return found


def _finite(word: str) -> float:
    value = float(word)
    if not isfinite(value) or "_" in word:
        raise ValueError(f"'{word[:40]}' is no finite number")
    return value


def today(one: Study, config: Config) -> dict[Key, float]:
    """Return the aggregate scores of the variants and seeds that experiment.yaml names now."""
    frame = scores.of(one, config)
    if frame is None:
        return {}
    whole = frame[frame["query_id"].isna() & frame["variant"].isin({variant.name for variant in one.variants})]
    columns = zip(whole["variant"], whole["seed"], whole["collection"], whole["metric"], whole["value"], strict=True)
    return {(v, str(s), c, m): float(value) for v, s, c, m, value in columns}


def unscored(one: Study, found: dict[Key, float], config: Config) -> list[tuple[str, str, str]]:
    """Return each variant, seed and collection that should have run and has no score at all."""
    scored = {key[:3] for key in found}
    wanted = [(v.name, str(s), c) for v in one.variants for s in v.seeds for c in runnable(one, v, config.fidelity)]
    return [key for key in wanted if key not in scored]


def absent(one: Study, found: dict[Key, float], config: Config) -> list[str]:
    """Return one line for each variant, seed and collection that should have run and has no score at all."""
    return [f"{'/'.join(key)}: not scored at fidelity {config.fidelity}" for key in unscored(one, found, config)]


def as_csv(scores: dict[Key, float], moves: dict[Key, float]) -> str:
    """Return scores, and how far each moves where that is known, as the text of a reference file, in a fixed order."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEAD)
    told = {key: f"{value:.2g}" for key, value in moves.items()}
    writer.writerows([*key, f"{value:.9g}", told.get(key, "")] for key, value in sorted(scores.items()))
    return text.getvalue()


def differences(accepted: dict[Key, float], found: dict[Key, float], tolerance: Callable[[Key], float]) -> list[str]:
    """Return one line for each score that moved, is gone or is new; a NaN is never within tolerance.

    `tolerance` of a score is absolute up to 1 and relative beyond, since participation ratios run into hundreds.
    """
    lines = []
    for key in sorted(accepted.keys() | found.keys()):
        name = "/".join(key)
        if key not in found:
            lines.append(f"{name}: absent today, {accepted[key]:.6f} accepted")
        elif key not in accepted:
            lines.append(f"{name}: {found[key]:.6f} today, nothing accepted")
        elif not abs(found[key] - accepted[key]) <= tolerance(key) * max(1.0, abs(accepted[key])):
            lines.append(f"{name}: {found[key]:.6f} today, {accepted[key]:.6f} accepted ({found[key] - accepted[key]:+.6f})")
    return lines

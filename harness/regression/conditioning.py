"""How far a score moves where only the last bits do, and how far it may therefore stand from its reference."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from harness.config import Config
from harness.regression.environment import moved
from harness.regression.reference import Key, read_moves, today
from harness.studies.study import Study, folders, has_fit

FACTOR = 10  # of what two moved runs show: a third may move further


def moved_runs(config: Config) -> dict[int, Config]:
    """Return the runs whose vectors were moved by rounding (`make conditioning`), by their number."""
    places = (config.root / config.results / "moved").glob(f"*/{config.fidelity}")
    numbers = sorted(int(place.parent.name) for place in places if place.parent.name.isdigit())
    return {n: config.model_copy(update={"results": f"{config.results}/moved/{n}", "perturb": n}) for n in numbers}


def moves(one: Study, found: dict[Key, float], config: Config) -> tuple[dict[Key, float], int]:
    """Return the furthest that each score moved (absolute up to 1, relative beyond) in the complete runs at hand; their number."""
    runs = [run for moved_config in moved_runs(config).values() if (run := today(one, moved_config)).keys() >= found.keys()]
    if not runs:
        return {}, 0
    far = {key: max(abs(run[key] - value) for run in runs) / max(1.0, abs(value)) for key, value in found.items()}
    return far, len(runs)


def tolerances(one: Study, path: Path, config: Config) -> Callable[[Key], float]:
    """Return how far each score may stand from its reference, absolute up to 1 and relative beyond.

    What was seen to move may move `FACTOR` times as far; what is trained, in another environment than the reference's, by
    `check.trained`, since a last bit may there decide which of two documents comes first.
    """
    known = folders(config)
    trained = {v.name for v in one.variants if has_fit(known[v.method])} if moved(path) else set()
    seen = read_moves(path)
    least = {True: config.check.trained, False: config.check.tolerance}
    return lambda key: max(least[key[0] in trained], FACTOR * seen.get(key, 0.0))

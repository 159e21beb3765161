"""Measuring one rate by simulation, and holding it against what is promised."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from harness.verdicts.resample import stream
from harness.verdicts.words import Verdict

TYPE_ONE, TWO_SIDES = (0.0, 0.06), (0.0, 0.11)  # at .05 and at .10: of a margin, .05 on either side
POWER, COVERAGE = (0.75, 0.85), (0.93, 0.97)
NEVER, ALWAYS = (0.0, 0.0), (1.0, 1.0)
RUNS, PILOT = 400, 100
SEED = 20260116
Row = dict[str, Any]
Draw = Callable[[np.random.Generator], bool]
Judged = Callable[[np.random.Generator], Verdict]


def measure(check: str, cell: str, nominal: float, target: tuple[float, float], draw: Draw, runs: int = RUNS) -> Row:
    """Return the row of one cell: how often `draw` says yes, and the target with three standard errors on either side."""
    rng = stream(SEED, check, cell)
    rate = float(np.mean([draw(rng) for _ in range(runs)]))
    low, high = (bound + side * 3 * (bound * (1 - bound) / runs) ** 0.5 for side, bound in zip((-1, 1), target, strict=True))
    return {"check": check, "cell": cell, "measured": rate, "nominal": nominal, "low": round(max(0.0, low), 4),
            "high": round(min(1.0, high), 4), "repetitions": runs, "ok": low <= rate <= high}  # fmt: skip


def says(words: Sequence[str], judged: Judged) -> Draw:
    """Return whether a judgement bears one of the words."""
    return lambda rng: judged(rng).word in words


def stated(cell: str, judged: Judged) -> float | None:
    """Return the mean of the minimum detectable effects that judgements state; None where one states none."""
    rng = stream(SEED, "stated", cell)
    found = [judged(rng).mde for _ in range(PILOT)]
    return None if None in found else float(np.mean([one for one in found if one is not None]))

"""Learning rates, step by step: as the released code applies them, and as its notes describe them."""

from __future__ import annotations

import math


def rates(kind: str, peak: float, warmup_steps: int, warmup_start: float, steps_per_epoch: int, epochs: int) -> list[float]:
    """Return the rate of every step.

    'as_coded': a linear warm-up over `warmup_steps` that is advanced once an epoch, so that epoch e (from 0) runs at
    peak * (start + (1 - start) * min(1, e / warmup_steps)) (scripts/train.py@66dea8e). 'per_step': the same warm-up
    advanced at every step, then a half cosine to zero.
    """
    total = steps_per_epoch * epochs
    if kind == "as_coded":
        return [peak * _warm(step // steps_per_epoch, warmup_steps, warmup_start) for step in range(total)]
    return [
        peak * _warm(step, warmup_steps, warmup_start)
        if step < warmup_steps
        else peak * 0.5 * (1 + math.cos(math.pi * (step - warmup_steps) / max(1, total - warmup_steps)))
        for step in range(total)
    ]


def _warm(done: int, warmup_steps: int, start: float) -> float:
    return start + (1 - start) * min(1.0, done / warmup_steps) if warmup_steps else 1.0

"""Student's t with any degrees of freedom, infinite ones too: bounds, tails and the effect that a test finds."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import scipy  # its parts are loaded where they are first used

POINTS = (np.arange(200) + 0.5) / 200  # quantiles over which the estimated standard error is summed


def bound(alpha: float, freedom: float) -> float:
    """Return what t exceeds with the chance `alpha`."""
    return float(-scipy.special.ndtri(alpha) if np.isinf(freedom) else -scipy.special.stdtrit(freedom, alpha))


def tail(value: float, freedom: float) -> float:
    """Return the chance that t exceeds `value`."""
    return float(scipy.special.ndtr(-value) if np.isinf(freedom) else scipy.special.stdtr(freedom, -value))


def median(freedom: float) -> float:
    """Return the median of an estimated standard error of so many degrees of freedom, over the true one."""
    return 1.0 if np.isinf(freedom) else float((2 * scipy.special.gammaincinv(freedom / 2, 0.5) / freedom) ** 0.5)


@lru_cache(maxsize=4096)
def effect(freedom: float, steady: float, alpha: float, power: float) -> float:
    """Return the effect, in true standard errors, that a one-sided t test at `alpha` finds with `power` (Owen 1965).

    `freedom` sets the test's bound, `steady` how much its standard error varies: equal in the noncentral t of textbooks.
    """
    at = bound(alpha, freedom)
    errors = np.ones(1) if np.isinf(steady) else (2 * scipy.special.gammaincinv(steady / 2, POINTS) / steady) ** 0.5
    return float(scipy.optimize.brentq(lambda true: scipy.special.ndtr(true - at * errors).mean() - power, 0.0, 3 * at + 10))

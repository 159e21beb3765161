"""Sign flips, Holm's correction, and the streams of chance that belong to names."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from harness.rankings.scores import Floats

EXHAUSTIVE = 12  # up to so many units every sign flip is tried
CELLS = 20_000_000  # signs and sums held at once; bounds the memory, changes no number


def stream(seed: int, *names: str) -> np.random.Generator:
    """Return a generator of its own for what `names` name, whatever else was drawn before."""
    digest = hashlib.sha256("\x1f".join(names).encode()).digest()
    return np.random.default_rng([seed, int.from_bytes(digest[:8], "big")])


def interval(draws: Floats, confidence: float) -> tuple[float, float]:
    """Return the percentile interval of bootstrap draws, (count,)."""
    tail = (1 - confidence) / 2
    low, high = np.quantile(draws, [tail, 1 - tail])
    return float(low), float(high)


def flip_p(units: Floats, permutations: int, seed: int) -> Floats:
    """Return the two-sided p of 'no effect', (cells,), for `units` (units, cells) whose sign could as well be the other.

    Each column is the contribution of every query or cluster to one effect. Up to `EXHAUSTIVE` units all flips are tried,
    so that p is exact and never below 2^(1 - units); beyond, `permutations` flips, and p never below 1/(permutations + 1).
    All tests on as many units share their flips: equal effects get equal p.
    """
    seen = np.abs(units.sum(axis=0)) * (1 - 1e-9)
    hits, tried = np.zeros(units.shape[1]), 0
    for signs in _chunks(len(units), permutations, seed, units.shape[1]):
        hits += (np.abs(signs @ units) >= seen).sum(axis=0)
        tried += len(signs)
    p = hits / tried if len(units) <= EXHAUSTIVE else (hits + 1) / (tried + 1)
    return np.where(np.any(units, axis=0), p, 1.0)


def floor(units: int, permutations: int) -> float:
    """Return the smallest p that sign flips of so many units can give."""
    return 2.0 ** (1 - units) if units <= EXHAUSTIVE else 1 / (permutations + 1)


def enough(permutations: int, tests: int, alpha: float) -> int:
    """Return how many flips a family of `tests` needs: fewer than tests / alpha, and Holm's correction lets none pass."""
    return max(permutations, int(np.ceil(2 * tests / alpha)))


def _chunks(units: int, permutations: int, seed: int, cells: int) -> Iterator[Floats]:
    """Yield rows of signs, (some, units), so many that they and their sums for `cells` are held."""
    if units <= EXHAUSTIVE:
        yield np.asarray(1.0 - 2.0 * ((np.arange(2**units)[:, None] >> np.arange(units)) & 1), dtype=np.float64)
        return
    bits, step = _bits(units, permutations, seed), max(1, CELLS // max(8 * units, cells))
    for start in range(0, permutations, step):
        signs = np.unpackbits(bits[start : start + step], axis=1, count=units).astype(np.float64)
        yield 1 - 2 * signs


@lru_cache(maxsize=8)
def _bits(units: int, permutations: int, seed: int) -> NDArray[np.uint8]:
    return stream(seed, "sign flips", str(units)).integers(0, 256, size=(permutations, -(-units // 8)), dtype=np.uint8)


def holm(values: Sequence[float]) -> list[float]:
    """Return Holm's (1979) adjusted p values, in the order given."""
    adjusted, least = [0.0] * len(values), 0.0
    for rank, place in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        least = max(least, min(1.0, (len(values) - rank) * values[place]))
        adjusted[place] = least
    return adjusted

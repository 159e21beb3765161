"""What each query and each seed contributes to a number that is made from several scores (its empirical influence)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.rankings.scores import Floats, Measured

Side = tuple[str, str]  # study and variant


@dataclass(frozen=True)
class Sample:
    """One set of queries: `total` (units,), what each unit adds to the number, in sum 0; units are clusters where there are any.

    `share` (units,): each unit's part of the queries. `by_side`: the same as `total` by (units, seeds) for what has seeds.
    `rough`: the variance that hits and misses leave open where few are seen (Agresti and Min 2005: half a query a cell);
    `shrunk`: what the seen variance is multiplied with beside it.
    """

    total: Floats
    share: Floats
    by_side: dict[Side, Floats]
    rough: float
    shrunk: float


def binary(leaf: Measured) -> bool:
    """Say whether every query of a score counts 0 or 1."""
    return leaf.by_query is not None and bool(np.isin(leaf.by_query, (0.0, 1.0)).all())


def unit_names(leaf: Measured) -> Sequence[str]:
    """Return for each query the name of what is drawn as one: its cluster, else the query itself."""
    if leaf.groups:
        return leaf.groups
    return leaf.queries if leaf.clusters is None else [f"cluster {number}" for number in leaf.clusters]


def samples(leaves: Sequence[Measured], weights: Sequence[float]) -> list[Sample]:
    """Return the query sets behind Σ weight · mean(leaf); scores of one collection, or of equal queries, share a set."""
    homes: dict[tuple[str, ...], str] = {}
    parts: dict[str, list[tuple[Measured, float]]] = {}
    for leaf, weight in zip(leaves, weights, strict=True):
        if leaf.by_query is not None:
            home = homes.setdefault(leaf.queries, leaf.key[2])
            parts.setdefault(home, []).append((leaf, weight))
    return [_sample(members) for members in parts.values()]


def _sample(members: list[tuple[Measured, float]]) -> Sample:
    grouped = [leaf for leaf, _ in members if leaf.groups or leaf.clusters is not None]
    clusters = {query: name for leaf in grouped for query, name in zip(leaf.queries, unit_names(leaf), strict=True)}
    named = [[clusters.get(q, q) for q in leaf.queries] for leaf, _ in members]
    index = {name: i for i, name in enumerate(sorted({name for names in named for name in names}))}
    total, share = np.zeros(len(index)), np.zeros(len(index))
    by_side: dict[Side, Floats] = {}
    for (leaf, weight), names in zip(members, named, strict=True):
        assert leaf.by_query is not None
        places, count = np.array([index[name] for name in names]), len(names)
        each = weight * (leaf.by_query - leaf.by_query.mean(axis=0)) / count
        np.add.at(total, places, each.mean(axis=1))
        np.add.at(share, places, 1 / (count * len(members)))
        if leaf.stochastic:
            spread = np.zeros((len(index), each.shape[1]))
            np.add.at(spread, places, each)
            side = leaf.key[:2]
            kept = min(spread.shape[1], by_side[side].shape[1]) if side in by_side else spread.shape[1]
            by_side[side] = spread[:, :kept] + (by_side[side][:, :kept] if side in by_side else 0)
    return Sample(total, share, by_side, *_roughness(members))


def _roughness(members: list[tuple[Measured, float]]) -> tuple[float, float]:
    """Hits alone: a difference of none in thirty is not known to be none."""
    if len(members) < 2 or not all(binary(leaf) for leaf, _ in members):
        return 0.0, 1.0  # a single share has its own interval (proportion.py)
    fewest = min(len(leaf.queries) for leaf, _ in members)
    rough = sum(weight**2 / 2 / (len(leaf.queries) + 2) ** 2 for leaf, weight in members)
    return float(rough), float((fewest / (fewest + 2)) ** 2)


def seed_series(leaves: Sequence[Measured], weights: Sequence[float]) -> dict[Side, Floats]:
    """Return for each stochastic variant what each of its seeds gives, (seeds,): its scores move together, by seed."""
    found: dict[Side, Floats] = {}
    for side in dict.fromkeys(leaf.key[:2] for leaf in leaves if leaf.stochastic):
        moved = [(leaf, weight) for leaf, weight in zip(leaves, weights, strict=True) if leaf.key[:2] == side and leaf.stochastic]
        count = min(len(leaf.seeds) for leaf, _ in moved)
        found[side] = np.sum([weight * leaf.means[:count] for leaf, weight in moved], axis=0)
    return found

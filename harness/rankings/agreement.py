"""How far two rankings, or two sets of scores, of the same queries agree: the measures of replication (Breuer et al., SIGIR 2020).

All are 1, and the error 0, where nothing differs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
import scipy  # its parts are loaded where they are first used

from harness.rankings.scores import Floats

PERSISTENCE = 0.9  # of RBO: the first ten documents bear 86 % of its weight (Webber et al. 2010, section 4.2)
Ids = Sequence[str]  # the documents of one ranking, best first


def tau(first: Ids, second: Ids) -> float | None:
    """Return Kendall's tau-b over the documents of both lists; those that a list lacks stand tied behind its last one.

    None where both lists hold the same single document: an order of one is none.
    """
    together = list(dict.fromkeys([*first, *second]))
    if len(together) < 2:
        return None
    places = [{name: place for place, name in enumerate(one)} for one in (first, second)]
    ranks = [[known.get(name, len(known)) for name in together] for known in places]
    return float(scipy.stats.kendalltau(*ranks).statistic)


def tau_ap(first: Ids, second: Ids) -> float | None:
    """Return the tau of average precision, which weighs the top most, over the documents of both (Yilmaz et al. 2008, eq. 1).

    It asks of one list as the truth; here the mean of both ways round. None where fewer than two documents are in both.
    """
    shared = set(first) & set(second)
    if len(shared) < 2:
        return None
    one, other = ([name for name in each if name in shared] for each in (first, second))
    return (_tau_ap(one, other) + _tau_ap(other, one)) / 2


def _tau_ap(truth: list[str], found: list[str]) -> float:
    """Of each document of `found` but the first: the share of those above it that the truth has above it, too."""
    place = {name: rank for rank, name in enumerate(truth)}
    ranks = np.array([place[name] for name in found])
    shares = np.tril(ranks[None, :] < ranks[:, None], -1).sum(axis=1)[1:] / np.arange(1, len(ranks))
    return 2 * float(np.mean(shares)) - 1


def rbo(first: Ids, second: Ids, persistence: float = PERSISTENCE) -> float | None:
    """Return rank-biased overlap, extrapolated from the depth that both lists reach (Webber et al. 2010, eq. 30)."""
    depth = min(len(first), len(second))
    if not depth:
        return None
    seen, other = set[str](), set[str]()
    shares = []
    for place in range(depth):
        seen.add(first[place])
        other.add(second[place])
        shares.append(len(seen & other) / (place + 1))
    weights = (1 - persistence) * persistence ** np.arange(depth)
    return float(shares[-1] * persistence**depth + np.dot(weights, shares))


def rmse(first: Floats, second: Floats) -> float:
    """Return the root mean square difference of scores by query, (queries,) each (Breuer et al. 2020, eq. 3)."""
    return float(np.sqrt(np.mean((first - second) ** 2)))


def effect_ratio(gap: float, original: float) -> float | None:
    """Return a gain over a baseline by the original's: below 0 a reversed one (Breuer et al. 2020, eq. 5); None for no gain."""
    return gap / original if original else None


def delta_ri(upper: float, lower: float, original_upper: float, original_lower: float) -> float | None:
    """Return the original's relative improvement minus ours (Breuer et al. 2020, eq. 6); None where a baseline is 0."""
    if not lower or not original_lower:
        return None
    return (original_upper - original_lower) / original_lower - (upper - lower) / lower


MEASURES: dict[str, Callable[[Ids, Ids], float | None]] = {"tau": tau, "tau_ap": tau_ap, "rbo": rbo}


def of_rankings(first: dict[str, list[str]], second: dict[str, list[str]]) -> dict[str, float | None]:
    """Return the mean of each measure over the queries of both; None where no query has it."""
    found: dict[str, float | None] = {}
    for name, measure in MEASURES.items():
        values = [measure(first[query], second[query]) for query in first.keys() & second.keys()]
        known = [value for value in values if value is not None]
        found[name] = float(np.mean(sorted(known))) if known else None
    return found


def of_pairs(runs: Sequence[dict[str, list[str]]]) -> dict[str, float | None]:
    """Return the mean of each measure over all pairs of runs; raise ValueError for a single run."""
    if len(runs) < 2:
        raise ValueError("one run agrees with nothing")
    each = [of_rankings(first, second) for first, second in combinations(runs, 2)]
    means: dict[str, float | None] = {}
    for name in MEASURES:
        known = [value for one in each if (value := one[name]) is not None]
        means[name] = float(np.mean(known)) if known else None
    return means

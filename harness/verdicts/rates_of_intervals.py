"""How often the intervals shown hold the truth: of scores and of gaps, of hits near their ceiling too."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from harness.config import Judgement
from harness.verdicts import estimate
from harness.verdicts.bench import World
from harness.verdicts.measuring import COVERAGE, Draw, Row, measure

# Gaps of two shares are of whole queries, and cannot be met exactly: their intervals may hold the truth more often.
GAPS_OF_HITS = (0.93, 1.0)
# Where the interval is wider than it need be, and why: it errs on the side that accuses nobody.
WIDE = {
    "3 v 3 seeds, queries moved by seeds": "what a seed does to single queries is counted with two degrees of freedom",
    "hits 0.97, 30 queries, 3 seeds": "hits that are equal under all seeds are not taken to be equal under every seed",
    "hits 0.9, 80 queries, clusters of 4, 3 seeds": "near the ceiling clusters count as wholly alike",
}
SHARES = [(0.97, 30, 1, 0), (0.9, 30, 1, 0), (0.5, 30, 1, 0), (0.99, 200, 1, 0), (0.9, 80, 4, 0), (0.9, 60, 1, 3), (0.97, 30, 1, 3),
          (0.9, 60, 1, 10), (0.9, 80, 4, 3)]  # fmt: skip


def rows(worlds: dict[str, World], rules: Judgement) -> Iterator[Row]:
    """Return the rows of the worlds given, and of shares of hits."""
    for cell, world in worlds.items():
        for gap in (False, True):
            check = f"interval of a {'gap' if gap else 'score'}: holds the truth"
            yield measure(check, cell, rules.confidence, _target(cell), held(world, gap, rules), 1000)
    for share, count, size, runs in SHARES:
        world = World(count, (runs, runs), hits=share, per_cluster=size)
        cell = (
            f"hits {share:g}, {count} queries"
            + (f", clusters of {size}" if size > 1 else "")
            + (f", {runs} seeds" if runs else "")
        )
        target = _target(cell)
        yield measure("interval of a score: holds the truth", cell, rules.confidence, target, held(world, False, rules), 1000)
        yield measure("interval of a gap: holds the truth", cell, rules.confidence, GAPS_OF_HITS, held(world, True, rules))


def _target(cell: str) -> tuple[float, float]:
    return (COVERAGE[0], 1.0) if cell in WIDE else COVERAGE


def held(world: World, gap: bool, rules: Judgement) -> Draw:
    """Return whether the interval of a (or of a − b, which are alike) holds its true value."""
    truth = 0.0 if gap else 0.5 if world.hits is None else world.hits

    def holds(rng: np.random.Generator) -> bool:
        a, b = world.pair(rng, 0.0)
        found = (estimate.of_difference(a, b, None) if gap else estimate.of_score(a, None)).interval(rules.confidence)
        return found is not None and found[0] - 1e-12 <= truth <= found[1] + 1e-12

    return holds

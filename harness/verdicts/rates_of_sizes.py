"""Rates of the verdicts on sizes: printed numbers that lie as far from ours as the margin, or as the stated effect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from harness.config import Judgement
from harness.rankings.scores import Measured
from harness.verdicts import bench
from harness.verdicts.bench import World
from harness.verdicts.judging import judge
from harness.verdicts.measuring import NEVER, POWER, TWO_SIDES, TYPE_ONE, Judged, Row, measure, says, stated
from harness.verdicts.words import Verdict

NARROW, WIDE = 0.002, 0.06  # margins, of a spread between runs of about 0.02
OTHER = {
    "60 queries, printed 60": (World(60), 60), "60 queries, printed 600": (World(60), 600),
    "200 queries, printed 60": (World(200), 60), "20 clusters of 4": (World(80, per_cluster=4), 80),
    **{f"3 seeds, rho {rho:g}": (World(60, (3, 0), rho), 60) for rho in (0.3, 1, 3)},
    "hits .9, 100 queries, printed 100": (World(100, hits=0.9), 100),
    "hits .9, 3 seeds": (World(60, (3, 0), hits=0.9), 60),
    "hits .9, 20 clusters of 4": (World(80, hits=0.9, per_cluster=4), 80),
}  # fmt: skip
CEILING = {
    f"hits {p:g}, {n} queries, printed {m}": (World(n, hits=p), m)
    for p, n, m in ((0.97, 30, 2000), (0.95, 30, 2000), (0.99, 100, 100))
}


def rows(rules: Judgement) -> Iterator[Row]:
    """Return the rows of single runs on the same queries, and of numbers over other queries."""
    yield from same_queries(rules)
    yield from other_queries(rules)


def same_queries(rules: Judgement) -> Iterator[Row]:
    """A printed single run, as far from ours as the margin (either side may be seen if that is narrow), then as stated."""
    for k in (3, 5, 10, 20):
        for mixed in (0.3, 3.0):
            world, cell = World(60, (k, 0), 1.0, mixed), f"{k} seeds" + (", queries moved by seeds" if mixed > 1 else "")
            for margin, target in ((NARROW, TWO_SIDES), (WIDE, TYPE_ONE)):
                at = f"{cell}, margin {margin:g}"
                draw = says(["contradicted"], own(world, margin, margin, 4, rules))
                yield measure(
                    "size, same queries, at the margin: contradicted", at, 0.1 if margin == NARROW else 0.05, target, draw
                )
            draw = says(["equivalent", "exact"], own(world, WIDE, WIDE, 4, rules))
            yield measure(
                "size, same queries, at the margin: equivalent", f"{cell}, margin {WIDE:g}", rules.alpha, TYPE_ONE, draw
            )
            draw = says(["exact"], own(world, NARROW, NARROW, 2, rules))
            yield measure("size, same queries, at the margin: exact to two decimals", cell, rules.alpha, TYPE_ONE, draw)
            if (effect := stated(cell, own(world, 0.0, NARROW, 4, rules))) is not None:
                draw = says(["contradicted"], own(world, effect, NARROW, 4, rules))
                yield measure("size, same queries, as stated: contradicted", cell, rules.power, POWER, draw)
    draw = says(["contradicted", "equivalent", "exact"], own(World(60, (2, 0)), 0.5, NARROW, 4, rules))
    yield measure("size, same queries, two seeds: judged", "2 seeds", 0.0, NEVER, draw, 50)


def own(world: World, off: float, margin: float, decimals: int, rules: Judgement) -> Judged:
    """Return how a printed run is judged that is `off` from another run of ours, on the same queries."""

    def judged(rng: np.random.Generator) -> Verdict:
        every, _ = replace(
            world, seeds=(world.seeds[0] + 1, 0), rho=world.rho * (world.seeds[0] / (world.seeds[0] + 1)) ** 0.5
        ).pair(rng, 0.0)
        assert every.by_query is not None
        ours = bench.measured("a", every.by_query[:, :-1], every.clusters, True)
        return sized(ours, float(every.means[-1]) + off, margin, decimals, rules)

    return judged


def sized(ours: Measured, theirs: float, margin: float, decimals: int, rules: Judgement, **more: Any) -> Verdict:
    """Judge one printed number against ours."""
    chosen = bench.study(bench.printed(bench.size(margin, **more), theirs, decimals))
    return judge(chosen, bench.scores(chosen, ours), [], rules)[0].verdict


def other_queries(rules: Judgement) -> Iterator[Row]:
    """Printed numbers over other queries: as far off as the margin; not off at a ceiling; of an unknown number of queries."""
    far = 0.05
    for cell, (world, count) in OTHER.items():
        for side in (1, -1):
            at = f"{cell}, {side * far:+g}"
            draw = says(["contradicted"], other(world, count, count, side * far, far, rules))
            yield measure("size, other queries, at the margin: contradicted", at, 0.1, TWO_SIDES, draw)
            draw = says(["equivalent", "exact"], other(world, count, count, side * far, far, rules))
            yield measure("size, other queries, at the margin: equivalent", at, rules.alpha, TYPE_ONE, draw)
    for cell, (world, count) in CEILING.items():
        draw = says(["contradicted"], other(world, count, count, 0.0, 0.02, rules))
        yield measure("size, other queries, no difference: contradicted", cell, 0.1, TWO_SIDES, draw)
        draw = says(["equivalent", "exact"], other(world, count, count, -0.02, 0.02, rules))
        yield measure("size, other queries, at the margin: equivalent", f"{cell}, -0.02", rules.alpha, TYPE_ONE, draw)
    draw = says(["contradicted", "equivalent"], other(World(60), 10, None, 0.0, 0.02, rules))
    yield measure("size, other queries, their number not known: judged", "60 queries, printed 10", 0.0, NEVER, draw)


def other(world: World, count: int, known: int | None, off: float, margin: float, rules: Judgement) -> Judged:
    """Return how a number is judged that a paper printed over `count` queries of its own, in truth `off` from ours."""
    given = {"same_queries": False, "said": {"same_queries": "made up"}} | ({"n": known} if known else {})
    runs = world.seeds[0]
    rho = world.rho * (count / world.queries / runs) ** 0.5 if runs else 0.0
    theirs = replace(world, queries=count, seeds=(min(1, runs), 0), rho=rho, hits=world.hits + off if world.hits else None)

    def judged(rng: np.random.Generator) -> Verdict:
        (ours, _), (paper, _) = world.pair(rng, 0.0), theirs.pair(rng, 0.0)
        printed = float(paper.means[0]) + (0.0 if world.hits else off)
        return sized(ours, printed, margin, 4, rules, **given)

    return judged

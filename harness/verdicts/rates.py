"""How often each verdict is wrong or right where the truth is known: type I errors, power and coverage, by simulation.

Everything is drawn from a fixed seed and goes through the functions that judge papers. A rate is measured with its Monte
Carlo band about what is promised: type I errors up to .06 at .05, coverage of 95 % intervals .93 to .97, power at the stated
minimum detectable effect .75 to .85. The band is three standard errors wide on each side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from harness.config import Judgement
from harness.config import load as load_config
from harness.rankings.scores import Measured
from harness.verdicts import bench, estimate
from harness.verdicts.bench import World
from harness.verdicts.judging import judge
from harness.verdicts.resample import stream
from harness.verdicts.words import Verdict

TYPE_ONE, POWER, COVERAGE = (0.0, 0.06), (0.75, 0.85), (0.93, 0.97)
RUNS, PILOT = 400, 60
Row = dict[str, Any]
Draw = Callable[[np.random.Generator], bool]


def rows() -> list[Row]:
    """Return one row a check and cell: measured and nominal rate, the band it must lie in, repetitions, and whether it does."""
    rules = load_config().judgement.model_copy(update={"permutations": 999})
    return [row for part in (orders, own_sizes, other_sizes, intervals) for row in part(rules)]


def measure(check: str, cell: str, nominal: float, target: tuple[float, float], draw: Draw, runs: int | None = None) -> Row:
    """Return the row of one cell: how often `draw` says yes."""
    runs = runs or RUNS
    rng = stream(1, check, cell)
    rate = float(np.mean([draw(rng) for _ in range(runs)]))
    low, high = (bound + side * 3 * (bound * (1 - bound) / runs) ** 0.5 for side, bound in zip((-1, 1), target, strict=True))
    return {"check": check, "cell": cell, "measured": rate, "nominal": nominal, "low": round(max(0.0, low), 4),
            "high": round(min(1.0, high), 4), "repetitions": runs, "ok": low <= rate <= high}  # fmt: skip


WORLDS = {
    **{f"{n} queries": World(n) for n in (5, 10, 60)},
    "20 clusters of 4": World(80, per_cluster=4),
    **{f"{a} v {b} seeds, rho {rho:g}": World(60, (a, b), rho) for a, b in ((3, 0), (3, 3), (5, 5)) for rho in (0.3, 1, 3)},
    **{f"{k} v {k} seeds, rho 1": World(60, (k, k), 1) for k in (10, 20)},
    "3 v 3 seeds, 10 queries": World(10, (3, 3), 1),
    "3 v 3 seeds, 20 clusters of 4": World(80, (3, 3), 1, per_cluster=4),
    **{f"whole collection, {k} v {k} seeds": World(60, (k, k), 3, whole=True) for k in (3, 5)},
}
HITS = {
    "hits .9, 60 queries": World(60, hits=0.9),
    "hits .97, 30 queries": World(30, hits=0.97),
    "hits .9, 3 v 3 seeds": World(60, (3, 3), hits=0.9),
}


def ordered(world: World, gap: float, rng: np.random.Generator, rules: Judgement) -> Verdict:
    """Judge whether a stands above b."""
    chosen = bench.study(bench.order())
    return judge(chosen, bench.scores(chosen, *world.pair(rng, gap)), [], rules)[0].verdict


def orders(rules: Judgement) -> Iterator[Row]:
    """Orderings, which share their test with the signs of differences: nothing there, then the stated effect."""
    for cell, world in (WORLDS | HITS).items():
        wrong = lambda rng, w=world: ordered(w, 0.0, rng, rules).word != "inconclusive"  # noqa: E731
        yield measure("order: type I", cell, rules.alpha, TYPE_ONE, wrong)
    for cell, world in WORLDS.items():
        stated = [ordered(world, 0.0, stream(2, cell, str(i)), rules).mde for i in range(PILOT)]
        if None in stated:
            continue  # no effect of any size could be seen, and it says so
        effect = float(np.mean([one for one in stated if one is not None]))
        right = lambda rng, w=world, e=effect: ordered(w, e, rng, rules).word == "direction only"  # noqa: E731
        yield measure("order: power at the detectable effect", cell, rules.power, POWER, right)


def own_sizes(rules: Judgement) -> Iterator[Row]:
    """Single printed runs on the same queries: as far off as the margin, then as the stated effect."""
    margin = 0.002
    for k in (3, 5, 10, 20):
        for mixed in (0.3, 3.0):
            world, cell = World(60, (k, 0), 1.0, mixed), f"{k} seeds, interaction {mixed:g}"
            for word in ("contradicted", "equivalent", "exact"):
                wrong = lambda rng, w=world, o=word: own(w, margin, margin, rng, rules).word == o  # noqa: E731
                yield measure(f"size, same queries: {word} at the margin", cell, rules.alpha, TYPE_ONE, wrong)
            stated = [own(world, 0.0, margin, stream(3, cell, str(i)), rules).mde for i in range(PILOT)]
            effect = float(np.mean([one for one in stated if one is not None]))
            right = lambda rng, w=world, e=effect: own(w, e, margin, rng, rules).word == "contradicted"  # noqa: E731
            yield measure("size, same queries: power at the detectable effect", cell, rules.power, POWER, right)


def own(world: World, off: float, margin: float, rng: np.random.Generator, rules: Judgement) -> Verdict:
    """Judge a single run that a paper printed, `off` from another run on the same queries."""
    ours, _ = replace(world, seeds=(world.seeds[0] + 1, 0)).pair(rng, 0.0)
    assert ours.by_query is not None
    mine = bench.measured("a", ours.by_query[:, :-1], ours.clusters, True)
    return sized(mine, float(ours.means[-1]) + off, margin, rules, 4)


def sized(ours: Measured, theirs: float, margin: float, rules: Judgement, decimals: int, **more: Any) -> Verdict:
    """Judge one printed number against ours."""
    chosen = bench.study(bench.printed(bench.size(margin, **more), theirs, decimals))
    return judge(chosen, bench.scores(chosen, ours), [], rules)[0].verdict


OTHER = {
    "60 queries, printed 60": (World(60), 60), "60 queries, printed 600": (World(60), 600),
    "200 queries, printed 60": (World(200), 60), "20 clusters of 4": (World(80, per_cluster=4), 80),
    **{f"3 seeds, rho {rho:g}": (World(60, (3, 0), rho), 60) for rho in (0.3, 1, 3)},
    **{f"hits {p:g}, {n} queries, printed {m}": (World(n, hits=p), m) for p, n, m in ((0.97, 30, 2000), (0.95, 30, 2000), (0.9, 100, 100))},
    "hits .9, 3 seeds": (World(60, (3, 0), hits=0.9), 60), "hits .9, 20 clusters of 4": (World(80, hits=0.9, per_cluster=4), 80),
}  # fmt: skip


def other_sizes(rules: Judgement) -> Iterator[Row]:
    """Printed numbers over other queries: as far off as the margin, or not off where the number of queries is unknown."""
    for cell, (world, count) in OTHER.items():
        for side in (1, -1) if world.hits is None or world.hits < 0.95 else (-1,):
            for word in ("contradicted", "equivalent"):
                wrong = lambda rng, w=world, n=count, s=side, o=word: other(w, n, n, s * 0.02, rng, rules).word == o  # noqa: E731
                yield measure(f"size, other queries: {word} at the margin", f"{cell}, {side:+d}", rules.alpha, TYPE_ONE, wrong)
        if world.hits is not None and world.hits >= 0.95:
            wrong = lambda rng, w=world, n=count: other(w, n, n, 0.0, rng, rules).word == "contradicted"  # noqa: E731
            yield measure("size, other queries: contradicted, no difference", cell, rules.alpha, TYPE_ONE, wrong)
    wrong = lambda rng: other(World(60), 10, None, 0.0, rng, rules).word == "contradicted"  # noqa: E731
    yield measure("size, other queries: contradicted, no difference", "printed number of queries unknown", 0.0, (0.0, 0.0), wrong)


def other(world: World, count: int, known: int | None, off: float, rng: np.random.Generator, rules: Judgement) -> Verdict:
    """Judge a number that a paper printed over `count` queries of its own, in truth `off` from ours."""
    ours, _ = world.pair(rng, 0.0)
    seeds = (1, 0) if world.seeds[0] else (0, 0)
    rho = world.rho * (count / world.queries / world.seeds[0]) ** 0.5 if world.seeds[0] else 0.0
    paper, _ = replace(world, queries=count, seeds=seeds, rho=rho, hits=world.hits + off if world.hits else None).pair(rng, 0.0)
    theirs = float(paper.means[0]) + (0.0 if world.hits else off)
    given = {"same_queries": False, "said": {"same_queries": "made up"}} | ({"n": known} if known else {})
    return sized(ours, theirs, 0.02, rules, 4, **given)


SHARES = ((0.97, 30, 1, 0), (0.9, 30, 1, 0), (0.5, 30, 1, 0), (0.99, 200, 1, 0), (0.9, 80, 4, 0), (0.9, 60, 1, 3), (0.97, 30, 1, 3),
          (0.9, 60, 1, 10), (0.97, 80, 4, 3))  # fmt: skip


def intervals(rules: Judgement) -> Iterator[Row]:
    """Shown intervals of a score and of a gap: how often they hold the truth."""
    for cell, world in WORLDS.items():
        if not world.whole or world.seeds[0]:
            yield measure("interval of a score", cell, rules.confidence, COVERAGE, lambda rng, w=world: covers(w, rng, rules, 0))
        yield measure("interval of a gap", cell, rules.confidence, COVERAGE, lambda rng, w=world: covers(w, rng, rules, 1))
    for share, n, size, k in SHARES:
        world = World(n, (k, k), hits=share, per_cluster=size)
        cell = f"hits {share:g}, {n} queries" + (f", clusters of {size}" if size > 1 else "") + (f", {k} seeds" if k else "")
        yield measure("interval of a score", cell, rules.confidence, COVERAGE, lambda rng, w=world: covers(w, rng, rules, 0))
        yield measure("interval of a gap", cell, rules.confidence, (0.93, 1.0), lambda rng, w=world: covers(w, rng, rules, 1))


def covers(world: World, rng: np.random.Generator, rules: Judgement, gap: int) -> bool:
    """Say whether the interval of a (or of a − b) holds its true value."""
    a, b = world.pair(rng, 0.0)
    found = (estimate.of_difference(a, b, None) if gap else estimate.of_score(a, None)).interval(rules.confidence)
    truth = 0.0 if gap else 0.5 if world.hits is None else world.hits
    return found is not None and found[0] <= truth <= found[1]

"""How often each verdict is wrong or right where the truth is known: type I errors, power and coverage, by simulation.

Everything is drawn from a fixed seed and goes through the functions that judge papers. Promised are type I errors up to .06
at .05 (.11 at .10), coverage of 95 % intervals from .93 to .97, and power at the stated minimum detectable effect from .75
to .85; a rate must lie within three standard errors of that.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.config import Judgement
from harness.config import load as load_config
from harness.verdicts import rates_of_intervals, rates_of_sizes, rates_of_tables
from harness.verdicts.bench import World, order, scores, study
from harness.verdicts.judging import judge
from harness.verdicts.measuring import ALWAYS, POWER, TYPE_ONE, Judged, Row, measure, says, stated

PERMUTATIONS = 999  # sign flips in the simulations: enough at alpha .05
WORLDS = {
    **{f"{n} queries": World(n) for n in (5, 10, 60)},
    "20 clusters of 4": World(80, per_cluster=4),
    **{f"{a} v {b} seeds, rho {rho:g}": World(60, (a, b), rho) for a, b in ((3, 0), (3, 3), (5, 5)) for rho in (0.3, 1, 3)},
    **{f"{k} v {k} seeds, rho 1": World(60, (k, k), 1) for k in (10, 20)},
    "3 v 3 seeds, queries moved by seeds": World(60, (3, 3), 0.3, mixed=3.0),
    "3 v 3 seeds, 10 queries": World(10, (3, 3), 1),
    "3 v 3 seeds, 20 clusters of 4": World(80, (3, 3), 1, per_cluster=4),
    **{f"whole collection, {k} v {k} seeds": World(60, (k, k), 3, whole=True) for k in (3, 5)},
}
HITS = {
    "hits .9, 60 queries": World(60, hits=0.9),
    "hits .97, 30 queries": World(30, hits=0.97),
    "hits .9, 3 v 3 seeds": World(60, (3, 3), hits=0.9),
    "hits .9, 20 clusters of 4": World(80, hits=0.9, per_cluster=4),
}
UNDECIDED = {
    "one query": World(1), "one cluster": World(20, per_cluster=20), "one query, 3 v 3 seeds": World(1, (3, 3)),
    "2 v 0 seeds": World(60, (2, 0), 3), "1 v 1 seeds": World(60, (1, 1), 3),
}  # fmt: skip


def rows() -> list[Row]:
    """Return one row a check and cell: measured and nominal rate, the band it must lie in, repetitions, and whether it does."""
    rules = load_config().judgement.model_copy(update={"permutations": PERMUTATIONS})
    parts = (orders, rates_of_sizes.rows, rates_of_tables.rows)
    intervals = rates_of_intervals.rows(WORLDS, rules)
    return [*(row for part in parts for row in part(rules)), *intervals]


def ordered(world: World, gap: float, rules: Judgement) -> Judged:
    """Return how an ordering is judged whose sides are `gap` apart."""

    def judged(rng):  # type: ignore[no-untyped-def]
        chosen = study(order())
        return judge(chosen, scores(chosen, *world.pair(rng, gap)), [], rules)[0].verdict

    return judged


def orders(rules: Judgement) -> Iterator[Row]:
    """Orderings, which share their test with the signs of differences: no gap, then the stated effect, then too little to tell."""
    seen = ("direction only", "contradicted")
    for cell, world in (WORLDS | HITS).items():
        yield measure("order, no gap: seen", cell, rules.alpha, TYPE_ONE, says(seen, ordered(world, 0.0, rules)))
    for cell, world in WORLDS.items():
        if (effect := stated(cell, ordered(world, 0.0, rules))) is not None:
            check = "order, gap as stated: seen"
            yield measure(check, cell, rules.power, POWER, says(seen[:1], ordered(world, effect, rules)))
    for cell, world in UNDECIDED.items():
        check = "order, large gap, too few units or seeds: inconclusive"
        yield measure(check, cell, 1.0, ALWAYS, says(["inconclusive"], ordered(world, 1.0, rules)), 50)

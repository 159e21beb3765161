"""Rates of the tests in tables: cells of a grid against a baseline, and contrasts of gains."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from harness.config import Judgement
from harness.studies.experiment import Contrast
from harness.verdicts import bench, contrast, grid
from harness.verdicts.bench import World
from harness.verdicts.measuring import COVERAGE, POWER, SEED, TYPE_ONE, Draw, Row, measure
from harness.verdicts.resample import holm, stream

GRIDS = {
    "8 cells, deterministic": (8, World(60)),
    "28 clusters of 4": (1, World(112, per_cluster=4)), "28 clusters of 10": (1, World(280, per_cluster=10)),
    **{f"one cell, 3 seeds, rho {rho:g}": (1, World(60, (3, 0), rho)) for rho in (0.3, 1, 3)},
    **{f"8 cells, 3 seeds, pooled, rho {rho:g}": (8, World(60, (3, 0), rho)) for rho in (0.3, 1, 3)},
    "one cell, 10 seeds, rho 1": (1, World(60, (10, 0), 1)),
}  # fmt: skip
UNEQUAL = World(60, (3, 0), 3)  # of eight cells whose first spreads five times as much between seeds as the others
CONTRASTS = {
    "60 queries": World(60), "28 clusters of 4": World(112, per_cluster=4),
    **{f"3 seeds, rho {rho:g}": World(60, (3, 0), rho) for rho in (0.3, 1, 3)}, "5 seeds, rho 1": World(60, (5, 0), 1),
}  # fmt: skip
ENTRY = Contrast(title="made up", variants=["a"], baseline="b", metrics=["more"], less=["less"], collections=[bench.COLLECTION])


def rows(rules: Judgement) -> Iterator[Row]:
    """Return the rows of grids and of contrasts."""
    for cell, (count, world) in GRIDS.items():
        yield measure("grid, no gap: one cell seen", cell, rules.alpha, TYPE_ONE, alone(count, world, 0.0, rules))
        yield measure("grid, no gap: any cell seen after Holm", cell, rules.alpha, TYPE_ONE, anywhere(count, world, rules), 200)
        effect = float(
            np.mean([tested(count, world, 0.0, rules, stream(SEED, cell, str(i)))[0]["detectable"] for i in range(60)])
        )
        yield measure("grid, gap as stated: one cell seen", cell, rules.power, POWER, first_step(count, world, effect, rules))
    yield measure("grid, no gap: one cell seen", "8 cells, 3 seeds, one restless", rules.alpha, TYPE_ONE, restless(rules))
    for cell, world in CONTRASTS.items():
        yield measure("contrast, no difference: seen", cell, rules.alpha, TYPE_ONE, contrasted(world, 0.0, rules))
        rng = stream(SEED, "contrast", cell)
        effect = float(np.mean([_contrast(world, 0.0, rules, rng)["detectable"] for _ in range(100)]))
        yield measure("contrast, as stated: seen", cell, rules.power, POWER, contrasted(world, effect, rules))
        yield measure("contrast, interval: holds the truth", cell, rules.confidence, COVERAGE, contrast_held(world, rules), 600)


def tested(count: int, world: World, gap: float, rules: Judgement, rng: np.random.Generator) -> list[Row]:
    """Return the rows of a grid whose first cell is `gap` above the baseline, and the others are like it."""
    shared = 0.2 * rng.normal(size=world.queries)
    base = world.draw(rng, 1, 0.5, shared)
    cells = [world.draw(rng, 0, 0.5 + gap * (i == 0), shared) for i in range(count)]
    return _against([one.by_query for one in cells], base.by_query, world, rules)


def _against(values: list[object], base: object, world: World, rules: Judgement) -> list[Row]:
    trained = (bool(world.seeds[0]),) * len(values)
    return grid.against(grid.Cells("c", np.stack(values), np.asarray(base), world.clusters, trained, False), rules, "bench")  # type: ignore[arg-type]


def alone(count: int, world: World, gap: float, rules: Judgement) -> Draw:
    """Return whether the first cell is told from the baseline by its own p."""
    return lambda rng: tested(count, world, gap, rules, rng)[0]["p"] < rules.alpha


def first_step(count: int, world: World, gap: float, rules: Judgement) -> Draw:
    """Return whether the first cell passes Holm's first step, which its detectable gap is stated for."""
    return lambda rng: tested(count, world, gap, rules, rng)[0]["p"] * count < rules.alpha


def anywhere(count: int, world: World, rules: Judgement) -> Draw:
    """Return whether any cell of a grid of nothing is told from the baseline after Holm's correction."""
    return lambda rng: min(holm([row["p"] for row in tested(count, world, 0.0, rules, rng)])) < rules.alpha


def restless(rules: Judgement) -> Draw:
    """Return whether a cell is told from the baseline that spreads more than those it might be pooled with."""

    def seen(rng: np.random.Generator) -> bool:
        shared = 0.2 * rng.normal(size=UNEQUAL.queries)
        quiet = replace(UNEQUAL, rho=UNEQUAL.rho / 5)
        cells = [world.draw(rng, 0, 0.5, shared).by_query for world in (UNEQUAL, *[quiet] * 7)]
        base = UNEQUAL.draw(rng, 1, 0.5, shared).by_query
        return bool(_against(list(cells), base, UNEQUAL, rules)[0]["p"] < rules.alpha)

    return seen


def _contrast(world: World, apart: float, rules: Judgement, rng: np.random.Generator) -> Row:
    """Return the row of a variant that gains `apart` more on one metric than on another, on the same queries."""
    table = {}
    for metric, gain in (("more", 0.1 + apart), ("less", 0.1)):
        for one in world.pair(rng, gain):
            assert one.by_query is not None
            found = bench.measured(one.key[1], one.by_query, one.clusters, one.stochastic, metric=metric)
            table[found.key] = found
    return contrast.rows_of(table, bench.NAME, ["a"], ENTRY, rules, "bench")[0]


def contrasted(world: World, apart: float, rules: Judgement) -> Draw:
    """Return whether the contrast is shown."""
    return lambda rng: _contrast(world, apart, rules, rng)["outcome"] != "not shown"


def contrast_held(world: World, rules: Judgement) -> Draw:
    """Return whether the interval of a contrast of nothing holds 0."""

    def holds(rng: np.random.Generator) -> bool:
        row = _contrast(world, 0.0, rules, rng)
        return bool(row["low"] <= 0 <= row["high"])

    return holds

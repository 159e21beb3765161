"""Bootstrap draws over queries, many at a time, against one after another in a Python loop.

    python benchmarks/query_draws.py [--draws 2000] [--rounds 5]

Printed, one JSON object a line: queries, seeds, milliseconds of the processor for the loop and for what the harness does (best
of the rounds, alternating, in one process), their ratio, and whether both gave the same numbers bit for bit.
"""

from __future__ import annotations

import argparse
import json
import time

import numpy as np

from harness.rankings.scores import Floats
from harness.verdicts.resample import query_draws, stream

SHAPES = [(43, 1), (43, 5), (120, 1), (120, 3), (300, 1), (300, 3), (1000, 1), (1000, 3)]


def loop(values: Floats, _: None, count: int, rng: np.random.Generator) -> Floats:
    """Draw one resample after another."""
    draws = np.empty((count, values.shape[1]))
    for i in range(count):
        chosen = rng.integers(len(values), size=len(values))
        draws[i] = values[chosen].sum(axis=0) / len(values)
    return draws


def main() -> None:
    """Time both on the same values and the same random stream."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    for queries, seeds in SHAPES:
        values = np.random.default_rng(queries).random((queries, seeds))
        seconds: dict[str, list[float]] = {"loop": [], "at_once": []}
        results = {}
        for _ in range(given.rounds):
            for name, draw in (("loop", loop), ("at_once", query_draws)):
                start = time.process_time()
                results[name] = draw(values, None, given.draws, stream(1, "benchmark"))
                seconds[name].append(time.process_time() - start)
        best = {name: min(found) for name, found in seconds.items()}
        line: dict[str, object] = {"queries": queries, "seeds": seeds}
        line |= {f"{name}_ms": round(1000 * value, 2) for name, value in best.items()}
        line |= {"ratio": round(best["loop"] / best["at_once"], 2), "same": bool(np.array_equal(*results.values()))}
        print(json.dumps(line))


if __name__ == "__main__":
    main()

"""The workbench tests itself: error rates of its verdicts, and what its audits see of planted errors, by simulation.

Known truth goes in, verdicts come out of the functions that judge papers. No model is needed; minutes. A rate outside its
Monte Carlo band fails.
"""

from __future__ import annotations

import csv
import io
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from harness.audits import planted
from harness.config import Config, Judgement
from harness.errors import stage
from harness.pages.pictures.style import SETTINGS
from harness.pages.rates import folder, summary
from harness.studies.command import parse
from harness.text import counted, replacing, write_sealed
from harness.verdicts import rates, rates_of_intervals, rates_of_sizes, rates_of_tables

COLUMNS = ["check", "cell", "measured", "nominal", "low", "high", "repetitions", "ok"]
FLIPS = 999  # sign flips of a simulated test: p is then known to a thousandth
Row = dict[str, Any]


PARTS: dict[str, Callable[[Judgement], Iterable[Row]]] = {
    "orders": rates.orders,
    "sizes": rates_of_sizes.rows,
    "tables": rates_of_tables.rows,
    "intervals": lambda rules: rates_of_intervals.rows(rates.WORLDS, rules),
    "planted errors": lambda rules: planted.rows(),
}


def measured(part: str, rules: Judgement) -> list[Row]:
    """Return the rates of one of PARTS."""
    return list(PARTS[part](rules))


def rows(config: Config) -> Iterator[Row]:
    """Yield every rate, part by part; the parts are measured side by side."""
    rules = config.judgement.model_copy(update={"permutations": FLIPS})
    with ProcessPoolExecutor() as workers:
        for found in [workers.submit(measured, part, rules) for part in PARTS]:
            yield from found.result()


def as_csv(found: Iterable[Row]) -> str:
    """Return the rows as CSV text."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(found)
    return text.getvalue()


def told(found: list[Row]) -> list[str]:
    """Return the summary: one line a check with its lowest and highest rate, then each rate that is out of its band."""
    lines = [f"{row['check']}: {row['lowest']} to {row['highest']} over {counted(int(row['cells']), 'cell')}"
             + (f" (nominal {row['nominal']})" if row["nominal"] else "") for row in summary(found)]  # fmt: skip
    lines += [f"wider than nominal: {cell}: {why}" for cell, why in rates_of_intervals.WIDE.items()]
    bad = [row for row in found if not row["ok"]]
    return lines + [f"OUT OF BAND: {row['check']}, {row['cell']}: {row['measured']} not in [{row['low']}, {row['high']}]" for row in bad]


def draw(found: list[Row], path: Path) -> None:
    """Draw each rate with its band: what should be, what was measured, hollow where it is out."""
    import matplotlib
    from matplotlib import pyplot

    with matplotlib.rc_context(SETTINGS):
        checks = list(dict.fromkeys(row["check"] for row in found))
        figure, axes = pyplot.subplots(figsize=(7, 0.32 * len(checks) + 1), layout="constrained")
        for place, check in enumerate(checks):
            for row in (row for row in found if row["check"] == check):
                axes.plot([row["low"], row["high"]], [place, place], color="0.8", linewidth=5, solid_capstyle="butt", zorder=1)
                axes.plot(row["measured"], place, "o", color="black", markersize=3, fillstyle="full" if row["ok"] else "none", zorder=2)
        axes.set(yticks=range(len(checks)), yticklabels=checks, xlabel="rate (grey: where it should lie)", xlim=(-0.02, 1.02))
        axes.invert_yaxis()
        with replacing(path) as temporary:
            figure.savefig(temporary, format="svg", metadata={"Date": None})
        pyplot.close(figure)


def main() -> int:
    """`python -m harness.selftest`: measure the error rates; exit 1 if one is out of its band."""
    _, config = parse(main.__doc__ or "")
    began = time.monotonic()
    print("selftest: judging simulated papers; some minutes", file=sys.stderr, flush=True)
    found = list(rows(config))
    place = folder(config.root)
    write_sealed(place / "rates.csv", as_csv(found))
    draw(found, place / "rates.svg")
    print("\n".join(told(found)))
    bad = sum(not row["ok"] for row in found)
    print(f"selftest: {len(found)} rates in {time.monotonic() - began:.0f} s, {bad} out of their band; {place / 'rates.csv'}")
    return 1 if bad else 0


if __name__ == "__main__":
    stage(main)

"""How the cost of each part grows with its size: seconds of the processor and peak memory, measured, with the exponent of the growth.

    python -m benchmarks.scaling [--only claims,queries,cells,jobs,passages] [--most 120] [--scratch DIR] [--kept FILE] [--into docs]

Each size is measured in a process of its own on an invented study: a claim, a query, a cell, a job or a passage more is one more of the
same kind. A size is left out where the one before took so long that this one would take more than `--most` seconds of the processor.
`--kept` is a file of what was measured before, which is taken from it. `--into` writes `growth.svg` there. Printed, a Markdown table; an exponent is
fitted over the three largest sizes, what the smallest takes taken off; n log n reads as 1.1.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import scaling_parts

PARTS = scaling_parts.PARTS
ROOT = Path(__file__).resolve().parent.parent


def told(line: str) -> None:
    """Say how far it has come."""
    print(line, file=sys.stderr, flush=True)


def measured(part: str, size: int, scratch: Path) -> dict[str, float]:
    """Measure one size in this process; return seconds of the processor, children included, and peak memory in MB.

    What is prepared on disk is prepared in another process, so that its memory does not count.
    """
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        subprocess.run(
            [sys.executable, "-m", "benchmarks.scaling_parts", part, str(size), folder], cwd=ROOT, check=True, capture_output=True
        )
        ready = PARTS[part].ready(size, Path(folder))
        before = _worked()
        ready()
        spent = _worked() - before
    who = resource.RUSAGE_CHILDREN if PARTS[part].starts else resource.RUSAGE_SELF
    peak = resource.getrusage(who).ru_maxrss
    return {"size": size, "cpu": round(spent, 3), "peak_mb": round(peak / 1024)}


def _worked() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def growing(part: str, most: float, scratch: Path, kept: Path | None) -> list[dict[str, float]]:
    """Measure all sizes of a part, the smallest first, as far as `most` seconds each allow."""
    found: list[dict[str, float]] = []
    before = [json.loads(line) for line in kept.read_text().splitlines()] if kept and kept.is_file() else []
    for size in PARTS[part].sizes:
        if old := [one for one in before if (one["part"], one["size"]) == (part, size)]:
            found.append(old[-1])
            continue
        if len(found) > 1 and (expected := _next(found, size)) > most:
            told(f"{part}: {size:,} is left out: it would take some {expected:.0f} s of the processor")
            break
        command = [sys.executable, "-m", "benchmarks.scaling", "--one", part, str(size), "--scratch", str(scratch)]
        one = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()[-1])
        told(f"{part}: {size:,}: {one['cpu']:.2f} s, {one['peak_mb']:.0f} MB")
        found.append(one)
        if kept:
            with kept.open("a") as opened:
                opened.write(json.dumps({"part": part, **one}) + "\n")
    return found


def _next(found: list[dict[str, float]], size: int) -> float:
    """Return what a size would take, growing as between the two before it, and at least linearly."""
    one, two = found[-2:]
    power = max(1.0, math.log(max(two["cpu"], 1e-3) / max(one["cpu"], 1e-3)) / math.log(two["size"] / one["size"]))
    return float(two["cpu"] * (size / two["size"]) ** power)


def exponent(found: list[dict[str, float]], what: str = "cpu") -> float | None:
    """Return the slope of log cost over log size, what the smallest size takes taken off; None for fewer than four sizes.

    Of the three largest sizes those that take half as much again as the smallest: of less, the machine's noise is too large a part.
    """
    if len(found) < 4:
        return None
    base = found[0][what]
    rows = [(math.log(one["size"]), math.log(one[what] - base)) for one in found[-3:] if one[what] > 1.5 * base]
    if len(rows) < 2:
        return 0.0  # it does not grow
    x, y = (sum(column) / len(rows) for column in zip(*rows, strict=True))
    return sum((a - x) * (b - y) for a, b in rows) / sum((a - x) ** 2 for a, _ in rows)


def table(results: dict[str, list[dict[str, float]]]) -> list[str]:
    """Return the lines of a Markdown table."""
    lines = ["| part | sizes | seconds | grows as n to the | peak memory, MB |", "|---|---|---|---|---|"]
    for part, found in results.items():
        power = exponent(found)
        cells = [
            " / ".join(f"{one[key]:{form}}" for one in found) for key, form in (("size", ","), ("cpu", ".2f"), ("peak_mb", ".0f"))
        ]
        lines.append(
            f"| {PARTS[part].title} | {cells[0]} | {cells[1]} | {'' if power is None else f'{power:.2f}'} | {cells[2]} |"
        )
    return lines


def number_of(value: float) -> str:
    """Return a power of ten as a reader writes it."""
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def draw(results: dict[str, list[dict[str, float]]], path: Path) -> None:
    """Draw seconds and memory over size on logarithmic axes."""
    from matplotlib import rc_context

    from harness.pages.pictures import style

    with rc_context(style.SETTINGS):
        figure, axes = style.canvas(style.PAGE, 3.6, 2)
        for place, (key, label) in enumerate((("cpu", "seconds of the processor"), ("peak_mb", "peak memory, MB"))):
            for number, (part, found) in enumerate(results.items()):
                look = {
                    "marker": style.MARKS[(number + number // 8) % 8],
                    "color": style.COLOURS[number % 8],
                    "linestyle": style.LINES[(number + number // 8) % 8],
                }
                axes[place].loglog(
                    [one["size"] for one in found], [max(one[key], 1e-2) for one in found], label=PARTS[part].title, **look
                )
            axes[place].set(xlabel="size", ylabel=label)
            for axis in (axes[place].xaxis, axes[place].yaxis):
                axis.set_major_formatter(lambda value, _: number_of(value))
                axis.set_minor_formatter(lambda value, _: "")
            axes[place].set_xticks([10, 1_000, 100_000, 10_000_000])
        style.legend(figure, "")
        figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Measure, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(dict.fromkeys(part.axis for part in PARTS.values())))
    parser.add_argument("--most", type=float, default=120)
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--kept", type=Path)
    parser.add_argument("--into", type=Path)
    parser.add_argument("--one", nargs=2, metavar=("PART", "SIZE"))
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measured(given.one[0], int(given.one[1]), given.scratch)))
        return
    wanted, started = given.only.split(","), time.monotonic()
    chosen = [name for name, part in PARTS.items() if part.axis in wanted or name in wanted]
    results = {name: growing(name, given.most, given.scratch, given.kept) for name in chosen}
    print("\n".join(table(results)))
    if given.into:
        draw(results, given.into / "growth.svg")
    told(f"{time.monotonic() - started:.0f} s by the clock")


if __name__ == "__main__":
    main()

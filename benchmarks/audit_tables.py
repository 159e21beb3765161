"""How often `make audit PAPER=...` is wrong, and what it finds: invented papers, clean and with one planted error of each kind.

`python -m benchmarks.audit_tables [--seeds 5] [FILE ...]` prints two tables: false alarms on twenty shapes of clean sources (five
shapes, four formats) and the share of planted errors found, by kind. FILEs are read as well, and their findings printed with their lines.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.invented import FORMATS, Paper, Spot, invented, saved
from harness.config import ROOT
from harness.drafts import checking, opening
from harness.drafts.found import Found

SHAPES = ("plain", "blocks", "spread", "shares", "grouped")
N = 84
CLEAN = ROOT / "tests" / "drafts" / "clean"


def findings(paper: Paper, suffix: str, folder: Path) -> list[Found]:
    path = saved(paper, suffix, folder)
    return checking.checked(opening.opened(path))[0]


@dataclass
class Rate:
    """Sources tried and those with a finding."""

    tried: int = 0
    hit: int = 0
    lines: list[str] = field(default_factory=list)


def clean(seeds: int, folder: Path) -> Rate:
    """Return how many clean sources raise anything."""
    rate = Rate()
    for shape in SHAPES:
        for suffix in FORMATS:
            for seed in range(seeds):
                found = findings(invented(shape, seed), suffix, folder)
                rate.tried += 1
                rate.hit += bool(found)
                rate.lines += [f"{shape}{suffix} seed {seed}: {one.family}: {one.statement}" for one in found]
    return rate


def forms() -> Rate:
    """Return how many of the clean tables kept with the tests raise anything."""
    rate = Rate()
    for path in sorted(CLEAN.iterdir()):
        found = checking.checked(opening.opened(path))[0]
        rate.tried, rate.hit = rate.tried + 1, rate.hit + bool(found)
        rate.lines += [f"{path.name}: {one.family}: {one.statement}" for one in found]
    return rate


def moved(number: str, by: float) -> str:
    decimals = len(number.partition(".")[2])
    return f"{float(number) + by:.{decimals}f}"


def mean(paper: Paper, draw: random.Random) -> Paper | None:
    return paper.with_cell(
        draw.randrange(len(paper.rows)), paper.column("Avg."), lambda cell: moved(cell, draw.choice([-1.3, -0.9, 0.7, 1.1]))
    )


def difference(paper: Paper, draw: random.Random) -> Paper | None:
    return paper.with_cell(
        draw.randrange(1, len(paper.rows)), paper.column("Δ"), lambda cell: f"{float(cell) + draw.choice([-1.4, 1.1, 0.9]):+.1f}"
    )


def percentage(paper: Paper, draw: random.Random) -> Paper | None:
    return paper.with_cell(
        draw.randrange(1, len(paper.rows)),
        paper.column("Gain (%)"),
        lambda cell: f"{float(cell) + draw.choice([-4.0, 3.0, 5.5]):+.1f}",
    )


def bold(paper: Paper, draw: random.Random) -> Paper | None:
    return paper.with_mark("bold", draw.choice([0, 1, 2]), draw)


def underline(paper: Paper, draw: random.Random) -> Paper | None:
    return paper.with_mark("underline", draw.choice([0, 1, 2]), draw)


def range_(paper: Paper, draw: random.Random) -> Paper | None:
    return paper.with_cell(draw.randrange(len(paper.rows)), draw.choice([0, 1, 2]), lambda cell: cell.replace(".", ""))


def copy(paper: Paper, draw: random.Random) -> Paper | None:
    one, other = draw.sample(range(len(paper.rows)), 2)
    return paper.with_row(one, other) if paper.shape != "blocks" else None


def grim(paper: Paper, draw: random.Random) -> Paper | None:
    if paper.shape != "shares":
        return None
    shares = {f"{100 * k / N:.1f}" for k in range(N + 1)}
    return paper.with_cell(
        draw.randrange(len(paper.rows)),
        draw.choice([0, 1, 2]),
        lambda cell: next(moved(cell, d) for d in (0.4, 0.5, 0.6) if moved(cell, d) not in shares),
    )


def beside(paper: Paper, draw: random.Random) -> Paper | None:
    """The sentence gives the best system another one's mean."""
    wrong = next((row for row in paper.rows if row[-1].text != paper.said[1] and row is not paper.rows[-1]), None)
    cell = paper.rows[0][paper.column("Avg.") or 0].text if wrong is not None and paper.column("Avg.") is not None else None
    return replace(paper, sentence=paper.sentence.replace(paper.said[1], cell)) if cell and cell != paper.said[1] else None


def abstract(paper: Paper, draw: random.Random) -> Paper | None:
    return (
        replace(paper, abstract=paper.abstract.replace(paper.said[1], moved(paper.said[1], 7.77)))
        if paper.said[1] in paper.abstract
        else None
    )


def second(paper: Paper, draw: random.Random) -> Paper | None:
    return replace(paper, second=Spot(draw.randrange(len(paper.rows)), draw.choice([0, 1, 2]), draw.choice([-2.2, 1.9, 3.1])))


# kind: the planter, the family that should speak, the formats that can hold the error
PLANTED = {
    "mean not that of its columns": (mean, "derived", FORMATS), "difference not that of its numbers": (difference, "derived", FORMATS),
    "change in per cent": (percentage, "derived", FORMATS), "bold not on the best": (bold, "marks", (".tex", ".html", ".md")),
    "underlining not on the second best": (underline, "marks", (".tex", ".html", ".md")), "lost decimal point": (range_, "ranges", FORMATS),
    "row copied": (copy, "copies", FORMATS), "no share of n (N in the caption)": (grim, "grim", (".tex", ".html", ".md")),
    "number beside the wrong system": (beside, "prose", (".tex", ".html", ".md")), "abstract against table": (abstract, "prose", (".tex", ".html", ".md")),
    "table against table": (second, "tables", (".tex", ".html", ".md")),
}  # fmt: skip


def planted(seeds: int, folder: Path) -> dict[str, Rate]:
    """Return, by kind of error, how many of the sources with one planted are found out by the family that should."""
    rates = {kind: Rate() for kind in PLANTED}
    for kind, (plant, family, formats) in PLANTED.items():
        for shape in SHAPES:
            for seed in range(seeds):
                draw = random.Random(seed)
                wrong = plant(invented(shape, seed), draw)
                if wrong is None:
                    continue
                for suffix in formats:
                    rates[kind].tried += 1
                    hit = any(one.family == family for one in findings(wrong, suffix, folder))
                    rates[kind].hit += hit
                    rates[kind].lines += [] if hit else [f"{kind}: missed in {shape}{suffix} seed {seed}"]
    return rates


def real(paths: list[Path]) -> None:
    for path in paths:
        started = time.perf_counter()
        source = opening.opened(path)
        found, _, grids = checking.checked(source)
        took = time.perf_counter() - started
        numbers = sum(len(grid.numbers) for grid in grids)
        print(f"| {path.name} | {len(source.tables)} | {numbers} | {len(source.unread)} | {len(found)} | {took:.1f} |")
        for one in found:
            print(f"    {one.place}: {one.family}: {one.statement}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--missed", action="store_true", help="name what was missed, and each false alarm")
    parser.add_argument("files", nargs="*", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        wrong = clean(arguments.seeds, Path(place))
        rates = planted(arguments.seeds, Path(place))
    print("| what is measured | sources | share |\n|---|---|---|")
    kept = forms()
    print(f"| clean table of a form that papers use: anything found | {kept.tried} | {kept.hit / kept.tried:.3f} |")
    wrong.lines += kept.lines
    print(f"| clean source: anything found | {wrong.tried} | {wrong.hit / wrong.tried:.3f} |")
    for kind, rate in rates.items():
        print(f"| planted, found: {kind} | {rate.tried} | {rate.hit / max(1, rate.tried):.3f} |")
    if arguments.missed:
        print("\n".join([*wrong.lines, *(line for rate in rates.values() for line in rate.lines)]))
    if arguments.files:
        print("\n| source | tables | numbers | not understood | findings | seconds |\n|---|---|---|---|---|---|")
        real(arguments.files)


if __name__ == "__main__":
    main()

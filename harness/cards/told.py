"""What `verify` prints: a paragraph and a table of printed against recomputed, and the readings that explain a gap."""

from __future__ import annotations

from dataclasses import dataclass

from harness.cards import axes
from harness.cards.explained import Explained, Explanation, Score
from harness.text import counted

HOLDS = ("exact", "equivalent")
SHOWN = 5


@dataclass(frozen=True)
class Line:
    """One printed score beside what came out; `ours` None where nothing was recomputed; `score`: the harness's metric, None where it has none."""

    metric: str
    printed: str
    ours: str | None
    verdict: str
    reason: str
    score: str | None = None

    @property
    def compared(self) -> bool:
        """Whether the printed number was held against a recomputed one: one that cannot be right was not."""
        return bool(self.ours and self.score) and self.verdict != "inconsistent as printed"


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a plain table, columns as wide as their longest cell."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in [head, *rows]]
    return "\n".join([lines[0], "-" * min(max(map(len, lines)), 120), *lines[1:]])


def verdicts(model: str, task: str, source: str, lines: list[Line]) -> str:
    """Say in a paragraph and a table how many of the printed scores of a model on a task come out."""
    held = [line for line in lines if line.verdict in HOLDS]
    run = [line for line in lines if line.ours is not None]
    said = f"{model} on {task}: {source} prints {counted(len(lines), 'score')}; {len(held)} of {len(run)} that were recomputed come out."
    if len(run) < len(lines):
        said += f" {counted(len(lines) - len(run), 'score')} could not be recomputed here."
    rows = [[line.metric, line.printed, line.ours or "-", line.verdict, line.reason] for line in lines]
    return f"{said}\n\n{table(['metric', 'printed', 'recomputed', 'verdict', 'why'], rows)}"


def explanation(found: Explained, scores: list[Score]) -> str:
    """Say which settings give the printed scores, fewest changes first, with the chance that luck does as well."""
    sure = [one for one in found.best if one.found]
    asked = f"{found.readings} readings of the settings were tried ({counted(found.distinct, 'distinct result')}, {counted(found.passes, 'pass', 'passes')} over the texts)"
    if sure:
        first = sure[0]
        said = f"{asked}. {_gives(first, len(scores))}: {axes.words(first.reading)}."
        if rest := [one for one in sure[1:] if sum(one.given) == sum(first.given) and len(one.reading) == len(first.reading)]:
            said += f" {counted(len(rest), 'other reading')} with as few changes {'does' if len(rest) == 1 else 'do'} so too."
    elif found.best and sum(found.best[0].given) == _as_saved(found):
        said = f"{asked}. None gives more of the printed scores than the model as saved."
    elif found.best:
        said = f"{asked}. Some give a printed score, but so would luck among so many: none is an explanation."
    else:
        said = f"{asked}. None gives a printed score."
    rows = [_row(one, len(scores)) for one in found.best[:SHOWN]] or [_row(one, len(scores)) for one in found.nearest[:SHOWN]]
    heading = ["what differs", "gives", "chance by luck", *(score.metric for score in scores)]
    return f"{said}\n\n{'' if found.best else 'The nearest:' + chr(10)}{table(heading, rows)}"


def _as_saved(found: Explained) -> int:
    """Return how many printed scores the standard gives."""
    return next((sum(one.given) for one in found.best if not one.reading), 0)


def _gives(one: Explanation, count: int) -> str:
    if count == 1:
        return "The printed score comes out with this change"
    return f"{sum(one.given)} of {count} printed scores come out with {'this change' if len(one.reading) == 1 else 'these changes'}"


def _row(one: Explanation, count: int) -> list[str]:
    values = ["-" if value is None else f"{value:.5f}" for value in one.values]
    return [axes.words(one.reading), f"{sum(one.given)} of {count}", f"{one.chance:.3f}" if one.reading and any(one.given) else "-", *values]

"""Tables of this study, with intervals by syllabus: `python -m replications.dual_loss.table --fidelity substitute`.

Accuracy by category, gains over the untuned base model on questions that were trained on and on unseen ones, role confusion,
calibration. They go to paper_tables/<fidelity>/dual_loss_details.md; the verdicts on the paper's claims stand elsewhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from harness import contrast
from harness.command import parse
from harness.config import Judgement
from harness.errors import stage
from harness.experiment import read
from harness.join import Key, Measured
from harness.resample import Floats, interval, stream
from harness.sections import contrast_cells
from harness.text import write_text

from . import calibration
from .scores import STUDY, Row, Table, institutions, load, of_rows

BASE = "minilm"
CHANCE = "What hangs on the chunks alone: accuracy by chance, and counts"
PARTS = {
    "Accuracy, questions that stand in the training pairs": ("accuracy_",),
    "Accuracy, questions that stand nowhere in the training pairs": ("unseen_",),
    "Extractive answers right, 'does not say' included": ("answered_",),
    "Answers of the endpoint supported": ("endpoint_",),
    "Role confusion on the first chunk": ("instructor_for", "ta_for"),
    "Role confusion on probes": ("confused_",),
    "Calibration on held-out pairs": ("cosine_", "auc", "calibration_"),
    CHANCE: ("chance_", "unanswerable", "split_answers"),
}


def markdown(table: Table, places: Mapping[str, str], rules: Judgement) -> str:
    """Return all tables as Markdown; `places` says of a query whose institution's syllabus it is about."""
    lines = []
    for title, prefixes in PARTS.items():
        keys = [key for key in table if key[3].startswith(prefixes) and (title != CHANCE or key[1] == BASE)]
        lines += _table(title, keys, lambda key: _cell(table, key, rules))
    return "\n".join([*lines, *_gains(table, rules), *_institutions(table, places)]) + "\n"


def _table(title: str, keys: list[Key], cell: Callable[[Key], str]) -> list[str]:
    if not keys:
        return []
    metrics = sorted({metric for *_, metric in keys})
    rows = sorted({key[:3] for key in keys}, key=lambda row: (row[2], row[1] != BASE, row[1]))
    cells = [[collection, variant, *(cell(key) if (key := (study, variant, collection, m)) in keys else "" for m in metrics)]
             for study, variant, collection in rows]  # fmt: skip
    return _lines(title, ["collection", "variant", *metrics], cells)


def _lines(title: str, head: list[str], rows: list[list[str]]) -> list[str]:
    written = ["| " + " | ".join(row) + " |" for row in (head, *rows)]
    return [f"## {title}", "", written[0], "|" + "---|" * len(head), *written[1:], ""]


def _cell(table: Table, key: Key, rules: Judgement) -> str:
    one, mean = table[key], f"{table[key].means.mean():.3f}"
    if key[3] in ("auc", "calibration_error"):
        low, high = interval(_of_pairs(table, key, rules), rules.confidence)
        return f"{mean} [{low:.3f}, {high:.3f}]"
    seeds = f"{len(one.seeds)} seeds" if len(one.seeds) > 1 else ""
    if one.by_query is None:
        return f"{mean} ({seeds})" if seeds else mean
    low, high = interval(one.drawn(rules)[0], rules.confidence)
    return f"{mean} [{low:.3f}, {high:.3f}] (" + ", ".join(filter(None, [f"n {len(one.queries)}", seeds])) + ")"


def _of_pairs(table: Table, key: Key, rules: Judgement) -> Floats:
    """Bootstrap a measure over the held-out pairs, positive and negative ones apart, and over seeds; (bootstrap,)."""
    bins = read(Path(__file__).with_name("experiment.yaml")).variants[BASE]["bins"]
    sides = [_by_query(table[(*key[:3], metric)]) for metric in ("cosine_positive", "cosine_negative")]
    labels = np.repeat([1.0, 0.0], [len(side) for side in sides])
    rng = stream(rules.seed, *key[2:])
    draws = []
    for _ in range(rules.bootstrap):
        seed = rng.integers(sides[0].shape[1])
        drawn = np.concatenate([side[rng.integers(len(side), size=len(side)), seed] for side in sides])
        found = {metric: value for metric, query, value in calibration.measure(drawn, labels, bins) if query is None}
        draws.append(found[key[3]])
    return np.array(draws)


def _by_query(one: Measured) -> Floats:
    assert one.by_query is not None
    return one.by_query


def _gains(table: Table, rules: Judgement) -> list[str]:
    """The leakage control of experiment.yaml, for whatever variants and collections there are."""
    path = Path(__file__).with_name("experiment.yaml")
    variants, places = (sorted({key[at] for key in table}) for at in (1, 2))
    lines = []
    for entry in read(path).contrasts.values():
        asked = entry.model_copy(update={"collections": places})
        others = [name for name in variants if name != BASE]
        told = contrast_cells({**entry.model_dump(), "rows": contrast.rows_of(table, STUDY, others, asked, rules, str(path))})
        head = ["collection", "variant", "gain", "of less", "difference", "interval", "p (Holm)", "outcome"]
        keys = ["collection", "variant", "gain", "gain_less", "difference", "interval", "p", "outcome"]
        rows = [[row[key] for key in keys] for row in told["rows"]]
        lines += _lines(f"{told['title']}: {told['told']}", head, rows) if rows else []
    return lines


def _institutions(table: Table, places: Mapping[str, str]) -> list[str]:
    """Accuracy by institution, all questions together, for variants of the fixed chunks."""
    sums: dict[tuple[str, str], list[float]] = defaultdict(list)
    for (_, variant, collection, metric), one in table.items():
        if collection in ("syllabi", "own") and metric.startswith(("accuracy_", "unseen_")) and one.queries:
            for query, by_seed in zip(one.queries, _by_query(one), strict=True):
                sums[places[query], variant].append(float(by_seed.mean()))
    if not sums:
        return []
    variants = sorted({variant for _, variant in sums}, key=lambda name: (name != BASE, name))
    rows = [
        [place, str(max(len(sums[place, v]) for v in variants)),
         *(f"{np.mean(sums[place, v]):.3f}" if (place, v) in sums else "" for v in variants)]
        for place in sorted({place for place, _ in sums})
    ]  # fmt: skip
    return _lines("Accuracy by institution, all questions", ["institution", "questions", *variants], rows)


def of_measures(rows: list[Row], labels: dict[str, dict[str, str]], rules: Judgement) -> str:
    """Return the tables of measures taken without seeds: (variant, collection, metric, query id or None, value)."""
    return markdown(of_rows(rows, labels["cluster"]), labels["institution"], rules)


def main() -> None:
    """Write the tables of one fidelity."""
    _, config = parse(main.__doc__ or "")
    text = markdown(load(config), institutions(config), config.judgement)
    head = f"<!-- Generated by `python -m replications.dual_loss.table`; do not edit. Fidelity: {config.fidelity}. -->\n\n"
    write_text(config.root / "paper_tables" / config.fidelity / "dual_loss_details.md", head + text)
    print(text)


if __name__ == "__main__":
    stage(main)

"""Tables of this study, with intervals by syllabus: `python -m replications.dual_loss.table --fidelity substitute`.

Accuracy by category, gains over the untuned base model on questions that were trained on and on unseen ones, role confusion,
calibration. They go to paper_tables/<fidelity>/dual_loss_details.md; the verdicts on the paper's claims stand elsewhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from harness.command import parse
from harness.config import Config, Judgement
from harness.errors import InputError, stage
from harness.resample import interval, nested, query_draws, stream
from harness.text import read_yaml, write_text

from . import calibration

Key = tuple[str, str, str]  # variant, collection, metric
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


class Scores:
    """Values by key: (queries, seeds) with the queries' names, or (1, seeds) of a whole-collection measure."""

    def __init__(self, rows: Iterable[tuple[str, str, int, str, str | None, float]], clusters: dict[str, str]) -> None:
        found: dict[Key, dict[int, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
        for variant, collection, seed, metric, query, value in rows:
            found[variant, collection, metric][seed][query or ""] = value
        self.clusters = clusters
        self.queries: dict[Key, list[str]] = {}
        self.values: dict[Key, Any] = {}
        for key, by_seed in found.items():
            queries = sorted({query for values in by_seed.values() for query in values if query}) or [""]
            self.queries[key] = queries
            self.values[key] = np.array([[by_seed[seed][query] for seed in sorted(by_seed)] for query in queries])

    def draws(self, key: Key, rules: Judgement) -> Any:
        """Bootstrap over clusters of queries, the same draws for every variant, nested over seeds; (bootstrap,)."""
        values = self.values[key]
        if self.queries[key] == [""]:
            return nested(np.broadcast_to(values, (rules.bootstrap, values.shape[1])), stream(rules.seed, *key))
        names = np.array([self.clusters.get(query, query) for query in self.queries[key]])
        groups = np.unique(names, return_inverse=True)[1]
        by_seed = query_draws(values, groups, rules.bootstrap, stream(rules.seed, *key[1:]))
        return nested(by_seed, stream(rules.seed, key[0], "seeds"))


def markdown(scores: Scores, rules: Judgement) -> str:
    """Return all tables as Markdown."""
    lines = []
    for title, prefixes in PARTS.items():
        keys = [key for key in scores.values if key[2].startswith(prefixes) and (title != CHANCE or key[0] == BASE)]
        lines += _table(title, keys, lambda key: _cell(scores, key, rules))
    return "\n".join([*lines, *_gains(scores, rules)]) + "\n"


def _table(title: str, keys: list[Key], cell: Any) -> list[str]:
    if not keys:
        return []
    metrics = sorted({key[2] for key in keys})
    rows = sorted({key[:2] for key in keys}, key=lambda row: (row[1], row[0] != BASE, row[0]))
    lines = [f"## {title}", "", "| collection | variant | " + " | ".join(metrics) + " |", "|" + "---|" * (len(metrics) + 2)]
    for variant, collection in rows:
        cells = [cell((variant, collection, metric)) if (variant, collection, metric) in keys else "" for metric in metrics]
        lines.append(f"| {collection} | {variant} | " + " | ".join(cells) + " |")
    return [*lines, ""]


def _cell(scores: Scores, key: Key, rules: Judgement) -> str:
    values = scores.values[key]
    size = f" (n {len(values)}, {values.shape[1]} seeds)" if values.shape[1] > 1 else f" (n {len(values)})"
    if key[2] in ("auc", "calibration_error"):
        low, high = interval(_of_pairs(scores, key, rules), rules.confidence)
        return f"{values.mean():.3f} [{low:.3f}, {high:.3f}]"
    if scores.queries[key] == [""]:
        return f"{values.mean():.3f}" + (f" ({values.shape[1]} seeds)" if values.shape[1] > 1 else "")
    low, high = interval(scores.draws(key, rules), rules.confidence)
    return f"{values.mean():.3f} [{low:.3f}, {high:.3f}]{size}"


def _of_pairs(scores: Scores, key: Key, rules: Judgement) -> Any:
    """Bootstrap a measure over the held-out pairs, positive and negative ones apart, and over seeds; (bootstrap,)."""
    bins = read_yaml(Path(__file__).with_name("experiment.yaml"))["variants"][BASE]["bins"]
    sides = [scores.values[(*key[:2], metric)] for metric in ("cosine_positive", "cosine_negative")]
    labels = np.repeat([1.0, 0.0], [len(side) for side in sides])
    rng = stream(rules.seed, *key[1:])
    draws = []
    for _ in range(rules.bootstrap):
        seed = rng.integers(sides[0].shape[1])
        drawn = np.concatenate([side[rng.integers(len(side), size=len(side)), seed] for side in sides])
        found = {metric: value for metric, query, value in calibration.measure(drawn, labels, bins) if query is None}
        draws.append(found[key[2]])
    return np.array(draws)


def _gains(scores: Scores, rules: Judgement) -> list[str]:
    """The leakage control: gain over the base on questions trained on, minus gain on unseen ones."""
    gains: dict[Key, str] = {}
    for variant, collection, metric in list(scores.values):
        kind, _, category = metric.partition("_")
        if kind != "accuracy" or variant == BASE or (BASE, collection, metric) not in scores.values:
            continue
        parts = {}
        for name in ("accuracy", "unseen"):
            ours, base = ((who, collection, f"{name}_{category}") for who in (variant, BASE))
            mean = float(scores.values[ours].mean() - scores.values[base].mean())
            parts[name] = mean, scores.draws(ours, rules) - scores.draws(base, rules)
        shown = {"seen": parts["accuracy"], "unseen": parts["unseen"]}
        shown["difference"] = tuple(a - b for a, b in zip(parts["accuracy"], parts["unseen"], strict=True))  # type: ignore[assignment]
        for name, (mean, draws) in shown.items():
            low, high = interval(draws, rules.confidence)
            gains[variant, collection, f"{category}, {name}"] = f"{mean:+.3f} [{low:+.3f}, {high:+.3f}]"
    return _table("Leakage control: gain over the base model on seen and on unseen questions", list(gains), gains.get)


def of_measures(rows: list[tuple[str, str, str, str | None, float]], clusters: dict[str, str], rules: Judgement) -> str:
    """Return the tables of measures taken without seeds: (variant, collection, metric, query id or None, value)."""
    return markdown(Scores(((v, c, 0, m, q, x) for v, c, m, q, x in rows), clusters), rules)


def load(config: Config) -> Scores:
    """Read the scores of the last run; raise InputError where there are none."""
    import pandas as pd

    paths = sorted((config.folder / "dual_loss").glob("*/*/scores.parquet"))
    if not paths:
        raise InputError(f"{config.folder / 'dual_loss'}: no scores; run `make tables STUDIES=dual_loss` first")
    frame = pd.concat([pd.read_parquet(path) for path in paths])
    parts = frame[frame["query_id"].notna()]
    clusters = dict(zip(parts["query_id"], parts["cluster"].where(parts["cluster"].notna(), parts["query_id"]), strict=True))
    by_query = set(zip(parts["variant"], parts["collection"], parts["metric"], strict=True))
    columns = ["variant", "collection", "seed", "metric", "query_id", "value"]
    rows = [
        (v, c, int(s), m, q if isinstance(q, str) else None, x)
        for v, c, s, m, q, x in frame[columns].itertuples(index=False, name=None)
        if isinstance(q, str) or (v, c, m) not in by_query
    ]
    return Scores(rows, clusters)


def main() -> None:
    """Write the tables of one fidelity."""
    _, config = parse(main.__doc__ or "")
    text = markdown(load(config), config.judgement)
    head = f"<!-- Generated by `python -m replications.dual_loss.table`; do not edit. Fidelity: {config.fidelity}. -->\n\n"
    write_text(config.root / "paper_tables" / config.fidelity / "dual_loss_details.md", head + text)
    print(text)


if __name__ == "__main__":
    stage(main)

"""Tables of this study, with intervals by syllabus: `python -m replications.dual_loss.table --fidelity substitute`.

Accuracy by category, gains over the untuned base model on questions that were trained on and on unseen ones, role confusion,
calibration. They go to paper_tables/<fidelity>/dual_loss_details.md; the verdicts on the paper's claims stand elsewhere.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from harness.command import parse
from harness.config import Judgement
from harness.errors import stage
from harness.resample import interval, stream
from harness.text import read_yaml, write_text

from . import calibration
from .scores import Key, Scores, load

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


def markdown(scores: Scores, rules: Judgement) -> str:
    """Return all tables as Markdown."""
    lines = []
    for title, prefixes in PARTS.items():
        keys = [key for key in scores.values if key[2].startswith(prefixes) and (title != CHANCE or key[0] == BASE)]
        lines += _table(title, keys, lambda key: _cell(scores, key, rules))
    return "\n".join([*lines, *_gains(scores, rules), *_institutions(scores)]) + "\n"


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


def _institutions(scores: Scores) -> list[str]:
    """Accuracy by institution, all questions together, for variants of the fixed chunks."""
    sums: dict[tuple[str, str], list[float]] = defaultdict(list)
    for (variant, collection, metric), values in scores.values.items():
        if collection in ("syllabi", "own") and metric.startswith(("accuracy_", "unseen_")):
            for query, by_seed in zip(scores.queries[variant, collection, metric], values, strict=True):
                sums[scores.institutions[query], variant].append(float(by_seed.mean()))
    variants = sorted({variant for _, variant in sums}, key=lambda name: (name != BASE, name))
    title = "Accuracy by institution, all questions"
    lines = [f"## {title}", "", "| institution | questions | " + " | ".join(variants) + " |", "|" + "---|" * (len(variants) + 2)]
    for place in sorted({place for place, _ in sums}):
        cells = [f"{np.mean(sums[place, variant]):.3f}" if (place, variant) in sums else "" for variant in variants]
        lines.append(f"| {place} | {max(len(sums[place, variant]) for variant in variants)} | " + " | ".join(cells) + " |")
    return [*lines, ""] if sums else []


def of_measures(rows: list[tuple[str, str, str, str | None, float]], labels: dict[str, dict[str, str]], rules: Judgement) -> str:
    """Return the tables of measures taken without seeds: (variant, collection, metric, query id or None, value)."""
    seedless = ((v, c, 0, m, q, x) for v, c, m, q, x in rows)
    return markdown(Scores(seedless, labels["cluster"], labels["institution"]), rules)


def main() -> None:
    """Write the tables of one fidelity."""
    _, config = parse(main.__doc__ or "")
    text = markdown(load(config), config.judgement)
    head = f"<!-- Generated by `python -m replications.dual_loss.table`; do not edit. Fidelity: {config.fidelity}. -->\n\n"
    write_text(config.root / "paper_tables" / config.fidelity / "dual_loss_details.md", head + text)
    print(text)


if __name__ == "__main__":
    stage(main)

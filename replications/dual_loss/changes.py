"""What one change of a recipe does: paired differences between two trained variants, with intervals by syllabus."""

from __future__ import annotations

import numpy as np

from harness.config import Judgement
from harness.join import Measured
from harness.resample import interval

from . import scores
from .scores import STUDY, Table

Written = tuple[str, list[str], list[list[str]]]  # title, head, rows

CHANGES = {  # (variant, against): what sets the first apart from the second
    ("dual", "mnrl"): "the printed recipes: cosine loss, rate, warm-up",
    ("dual_held", "mnrl_1e-5"): "cosine loss, both at 1e-5",
    ("dual_2e-5", "mnrl_held"): "cosine loss, both at 2e-5",
    ("mnrl_1e-5", "mnrl_held"): "MNRL at 1e-5 for 2e-5",
    ("dual_held", "dual_2e-5"): "dual at 1e-5 for 2e-5",
    ("cosine", "dual_held"): "cosine loss alone",
    ("dual_proportional", "dual_held"): "proportional for round-robin",
    ("mnrl_no_duplicates", "mnrl_held"): "no duplicates in a batch",
    ("mnrl_mined", "mnrl_held"): "mined negatives",
}
RETRIEVAL = {  # pooled over all that start so
    "accuracy, printed": "accuracy_",
    "accuracy, paraphrases": "unseen_",
    "instructor_for_no_ta": "instructor_for_no_ta",
    "instructor_for_ta": "instructor_for_ta",
    "ta_for_instructor": "ta_for_instructor",
    "same_chunks": "same_chunks",
}
CALIBRATION = ["auc", "calibration_error"]


def tables(table: Table, rules: Judgement) -> list[Written]:
    """Return the differences in retrieval, by chunking, and in calibration; a change whose variants were not run has no row."""
    run = {variant for _, variant, *_ in table}
    changes = {pair: words for pair, words in CHANGES.items() if run.issuperset(pair)}
    retrieval = [
        [collection, words, *pair, *(_retrieval(table, pair, collection, prefix, rules) for prefix in RETRIEVAL.values())]
        for collection in ("syllabi", "structured")
        for pair, words in changes.items()
    ]
    calibrated = [
        [words, *pair, *cells]
        for pair, words in changes.items()
        if any(cells := [_calibration(table, pair, metric, rules) for metric in CALIBRATION])
    ]
    return [
        one
        for one in (
            ("What one change does to retrieval: difference, all questions pooled", ["collection", "change", "variant", "against", *RETRIEVAL], retrieval),
            ("What one change does to calibration on held-out pairs: difference", ["change", "variant", "against", *CALIBRATION], calibrated),
        )
        if one[2]
    ]  # fmt: skip


def _retrieval(table: Table, pair: tuple[str, str], collection: str, prefix: str, rules: Judgement) -> str:
    one, other = (_pooled(table, variant, collection, prefix) for variant in pair)
    if one is None or other is None or one.queries != other.queries:
        return ""
    draws = one.drawn(rules)[0] - other.drawn(rules)[0]
    return _told(one, other, *interval(draws, rules.confidence))


def _pooled(table: Table, variant: str, collection: str, prefix: str) -> Measured | None:
    """Return all queries of the measures that start with `prefix` as one measure; None where there is none."""
    parts = [one for key, one in sorted(table.items()) if key[1:3] == (variant, collection) and key[3].startswith(prefix)]
    if not parts:
        return None
    values = np.concatenate([scores.by_query(one) for one in parts])
    groups = tuple(name for one in parts for name in one.groups)
    return Measured(
        key=(STUDY, variant, collection, prefix),
        seeds=parts[0].seeds,
        means=values.mean(axis=0),
        by_query=values,
        queries=tuple(query for one in parts for query in one.queries),
        clusters=np.unique(groups, return_inverse=True)[1],
        stochastic=parts[0].stochastic,
        data_fidelity=parts[0].data_fidelity,
        encoder_fidelity=parts[0].encoder_fidelity,
        groups=groups,
    )


def _calibration(table: Table, pair: tuple[str, str], metric: str, rules: Judgement) -> str:
    keys = [(STUDY, variant, "held_pairs", metric) for variant in pair]
    if any(key not in table for key in keys):
        return ""
    one, other = (table[key] for key in keys)
    draws = scores.of_pairs(table, keys[0], rules) - scores.of_pairs(table, keys[1], rules)
    difference = float(one.means.mean() - other.means.mean())
    return _told(one, other, *scores.pair_interval(metric, difference, draws, rules))


def _told(one: Measured, other: Measured, low: float, high: float) -> str:
    seeds = f" ({min(len(one.seeds), len(other.seeds))} seeds)" if len(one.seeds) > 1 and len(other.seeds) > 1 else ""
    return f"{one.means.mean() - other.means.mean():+.3f} [{low:+.3f}, {high:+.3f}]{seeds}"

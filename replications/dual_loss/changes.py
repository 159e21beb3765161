"""What one change of a recipe does: paired differences between two trained variants, with intervals by syllabus."""

from __future__ import annotations

from collections.abc import Mapping

from harness.config import Judgement
from harness.rankings.scores import Floats, Key, Measured
from harness.verdicts.resample import drawn, interval

from .scores import CALIBRATION, STUDY, Table, pair_interval, pooled

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


def tables(table: Table, pair_draws: Mapping[Key, Floats], rules: Judgement) -> list[Written]:
    """Return the differences in retrieval, by chunking, and in calibration; a change whose variants were not run has no row.

    `pair_draws` are those of `scores.of_pairs`.
    """
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
        if any(cells := [_calibration(table, pair_draws, pair, metric, rules) for metric in CALIBRATION])
    ]
    head = ["change", "variant", "against"]
    found = [
        ("What one change does to retrieval: difference, all questions pooled", ["collection", *head, *RETRIEVAL], retrieval),
        ("What one change does to calibration on held-out pairs: difference", [*head, *CALIBRATION], calibrated),
    ]
    return [one for one in found if one[2]]


def _retrieval(table: Table, pair: tuple[str, str], collection: str, prefix: str, rules: Judgement) -> str:
    one, other = (
        pooled([one for key, one in sorted(table.items()) if key[1:3] == (name, collection) and key[3].startswith(prefix)])
        for name in pair
    )
    if one is None or other is None or one.queries != other.queries:
        return ""
    draws = drawn(one, rules)[0] - drawn(other, rules)[0]
    return _told(one, other, *interval(draws, rules.confidence))


def _calibration(table: Table, pair_draws: Mapping[Key, Floats], pair: tuple[str, str], metric: str, rules: Judgement) -> str:
    keys = [(STUDY, variant, "held_pairs", metric) for variant in pair]
    if any(key not in table for key in keys):
        return ""
    one, other = (table[key] for key in keys)
    difference = float(one.means.mean() - other.means.mean())
    draws = pair_draws[keys[0]] - pair_draws[keys[1]]
    return _told(one, other, *pair_interval(metric, difference, draws, rules))


def _told(one: Measured, other: Measured, low: float, high: float) -> str:
    seeds = f" ({min(len(one.seeds), len(other.seeds))} seeds)" if len(one.seeds) > 1 and len(other.seeds) > 1 else ""
    return f"{one.means.mean() - other.means.mean():+.3f} [{low:+.3f}, {high:+.3f}]{seeds}"

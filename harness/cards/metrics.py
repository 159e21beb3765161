"""The measures that cards and result files print, by the names of the harness where both mean the same."""

from __future__ import annotations

import re

from harness.rankings.metrics import MEASURES

# mteb's names; `accuracy` at a cut-off is the share of queries with a relevant document within it.
_AT = re.compile(r"(?:(cosine|cos_sim|dot|dot_score)[_-])?(ndcg|mrr|map|recall|precision|hit_rate|accuracy)(?:_at_|@)([1-9]\d{0,3})", re.IGNORECASE)
SAME = {"accuracy": "hit_rate"}
DEEPEST = 1000  # the cut-off up to which a ledger's metric is declared
MAIN = "main_score"
MAIN_SCORE = "ndcg_at_10"  # of MTEB's retrieval tasks, unless their results say otherwise
# sentence-transformers' InformationRetrievalEvaluator divides by min(k, relevant), trec_eval and the harness by all relevant.
_MAP = "sentence-transformers divides average precision at k by the smaller of k and the relevant documents; nothing here computes that"
_OTHER = "nothing here computes it from a ranking"


def score(metric: str) -> tuple[str | None, str]:
    """Return the harness's metric that a printed name means, and '' ; or None and the reason."""
    match = _AT.fullmatch(metric)
    if match is None or int(match[3]) > DEEPEST:
        return None, _OTHER
    measure = match[2].lower()
    if measure == "map" and match[1]:
        return None, _MAP
    return f"{SAME.get(measure, measure)}@{match[3]}", ""


def similarity(metric: str) -> str | None:
    """Return the similarity that sentence-transformers puts in front of a metric's name, cosine or dot; None where there is none."""
    match = _AT.fullmatch(metric)
    return None if match is None or not match[1] else "dot" if match[1].lower().startswith("dot") else "cosine"


def is_retrieval(names: object) -> bool:
    """Say whether values with these names are of a ranking: some ndcg at a cut-off is among them."""
    return isinstance(names, list | dict | set | tuple) and any(isinstance(name, str) and re.search(r"(?i)ndcg(_at_|@)\d", name) for name in names)


def declared(score: str) -> dict[str, object]:
    """Return the declaration of a metric for a ledger."""
    measure, _, cutoff = score.partition("@")
    return {
        "definition": f"{MEASURES[measure]}; cut-off {cutoff}",
        "quantity": measure,
        "score": score,
        "orientation": "higher",
        "range": [0, 1],
        "cutoff": int(cutoff),
    }

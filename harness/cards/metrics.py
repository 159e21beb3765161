"""The measures that cards and result files print, by the names of the harness where both mean the same."""

from __future__ import annotations

import re

from harness.rankings.metrics import MEASURES

# mteb's names; `accuracy` at a cut-off is the share of queries with a relevant document within it.
_AT = re.compile(r"(?:(?:cosine|cos_sim|dot|dot_score)[_-])?(ndcg|mrr|map|recall|precision|hit_rate|accuracy)(?:_at_|@)([1-9]\d{0,3})")
_PREFIXED = re.compile(r"(?:cosine|cos_sim|dot|dot_score)[_-]")
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
    if match is None or int(match[2]) > DEEPEST:
        return None, _OTHER
    if match[1] == "map" and _PREFIXED.match(metric):
        return None, _MAP
    measure = SAME.get(match[1], match[1])
    return f"{measure}@{match[2]}", ""


def is_retrieval(names: object) -> bool:
    """Say whether values with these names are of a ranking: some ndcg at a cut-off is among them."""
    return isinstance(names, list | dict | set | tuple) and any(isinstance(name, str) and re.search(r"ndcg(_at_|@)\d", name) for name in names)


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

"""The words of headings: which metric a number is, whether more is better, and what is derived from other numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Direction = Literal["higher", "lower", ""]
Kind = Literal["mean", "difference", "share", "total", "aside", ""]


@dataclass(frozen=True)
class Measure:
    """A metric known by name. `low`, `high`: its range as a fraction, None where it has none. `counts`: a share of n units."""

    name: str
    quantity: str
    direction: Direction
    low: float | None = None
    high: float | None = None
    counts: bool = False


_CUT = r"\s*(?:@|_|\()?\s*(?:k|\d+)?\)?"
_MEASURES: list[tuple[str, Measure]] = [
    (r"α?-?n-?dcg|normali[sz]ed discounted", Measure("ndcg", "ndcg", "higher", 0, 1)),
    (r"m-?rr|mean reciprocal rank|reciprocal rank", Measure("mrr", "mrr", "higher", 0, 1)),
    (r"m-?ap|mean average precision", Measure("map", "map", "higher", 0, 1)),
    (r"hit(?:s|[ -]?rate| ratio)?\s*@?|hr@|success(?: rate)?|pass@", Measure("hit_rate", "hit_rate", "higher", 0, 1, True)),
    (r"exact match|em(?: score)?(?![a-z])", Measure("exact_match", "accuracy", "higher", 0, 1, True)),
    (r"(?:(?:macro|micro|weighted|token)[ -]?)?f-?1(?:[ -]?score|[ -]?macro|[ -]?micro)?|f-?measure|f-?score", Measure("f1", "f1", "higher", 0, 1)),
    (r"(?:top-?\s?\d+\s*)?(?:acc|accuracy|accuracies)", Measure("accuracy", "accuracy", "higher", 0, 1, True)),
    (r"(?:macro |micro )?recall|r@|sensitivity|tpr", Measure("recall", "recall", "higher", 0, 1)),
    (r"(?:macro |micro |average |context )?precision|p@", Measure("precision", "precision", "higher", 0, 1)),
    (r"(?:roc[ -]?|pr[ -]?)?au-?r?o?c(?:[ -]?roc|[ -]?pr)?|auprc", Measure("auc", "auc", "higher", 0, 1)),
    (r"v-?measure|nmi|purity|jaccard|iou|miou|dice", Measure("overlap", "other", "higher", 0, 1)),
    (r"spearman|pearson|kendall|spearmanr|rho|corr(?:elation)?", Measure("correlation", "correlation", "higher", -1, 1)),
    (r"cos(?:ine)?(?:[ -]?sim(?:ilarity)?)?", Measure("cosine", "cosine", "", -1, 1)),
    (r"isoscore|isotropy", Measure("isotropy", "isotropy", "", 0, 1)),
    (r"bleu(?:-?\d)?|rouge(?:-?[12ls])?|meteor|chrf|bertscore|bleurt", Measure("text_overlap", "other", "higher", None, None)),
    (r"perplexity|ppl|loss|rmse|mae|mse|wer|cer|ece|brier|fid|eer|fpr|fnr|error(?: rate)?|err|mean rank|med(?:ian)?\s?r(?:ank)?", Measure("error", "loss", "lower")),
]  # fmt: skip
MEASURES = [
    (re.compile(rf"(?<![A-Za-z])(?:{pattern}){_CUT}(?![A-Za-z])", re.IGNORECASE), measure) for pattern, measure in _MEASURES
]
# Short names that are words of other things too; they count only as the whole heading.
_ALONE = [(re.compile(r"^[RP]\s*[@-]\s*\d+$|^R\d+$"), Measure("recall", "recall", "higher", 0, 1)), (re.compile(r"^H(?:R|it)?s?\s*@\s*\d+$"), Measure("hit_rate", "hit_rate", "higher", 0, 1, True))]  # fmt: skip
_ASIDE = re.compile(
    r"\b(?:times?|latency|ms|sec(?:onds?)?|hours?|mins?|params?|parameters|size|dim(?:s|ension(?:s|ality)?)?|memory|mem|gb|mb|flops|speed(?:up)?|qps|throughput|count|num(?:ber)?|queries|query len|docs?"
    r"|documents|passages|corpus|pairs|tokens?|length|len|epochs?|lr|learning rate|batch|layers?|seeds?|std|stdev|sd|var(?:iance)?|p-?values?|rank|year|cost|price|steps?|samples?|support|ci|95%"
    r"|kappa|df|t-?stat|chi|weight|temperature|threshold|alpha|beta|lambda|gamma|tau|ratio|factor|index|id|bits?|bytes|storage|hops?|words?|sum|rsum|degree|budget)\b|[#№]|^[nNkKpt]$|\$|σ|^\s*[αβλγτμ]\b",
    re.IGNORECASE,
)
_MEAN = re.compile(r"(?<![a-z])(?:avg|average|averaged|mean|ave)(?![a-z])")
_NO_MEAN = re.compile(
    r"precision|reciprocal|rank|len|time|token|word|latency|[#№]|num|squared|absolute|pool|cosine|std|per |±|speed|size|vector|embedding|\bof\b.*runs|seeds|field|baseline|teacher|flow|shift"
)
_DIFFERENCE = re.compile(
    r"[Δδ▲]|(?<![a-z])(?:delta|diff(?:erence)?|gain|improvements?|improv|impr|imp|rel(?:ative)?|change|gap|drop|lift|increase|boost|degradation|reduction|abs(?:olute)?)(?![a-z])"
)
_SHARE = re.compile(
    r"^\(?(?:%|pct|percent(?:age)?|share|proportion|% of (?:total|all)|(?:share|percent(?:age)?) of (?:total|all))\)?$"
)
_TOTAL = re.compile(r"^(?:total|sum|all|overall|combined|grand total)$")
_ROUND = re.compile(r"[↑↓⇑⇓*†‡§¶]|\(\s*[↑↓%]?\s*\)")
REFERENCE = re.compile(
    r"\b(?:oracle|human|upper[ -]?bound|lower[ -]?bound|skyline|topline|ceiling|ideal|gold|ground[ -]?truth|supervised|full[ -]data|fully|teacher|reference|random|chance|majority|previous sota|state of the art|sota|in-domain)\b", re.IGNORECASE
)  # fmt: skip


def bare(heading: str) -> str:
    """Return a heading in small letters without arrows, footnote signs and the like."""
    return re.sub(r"\s+", " ", _ROUND.sub(" ", heading.replace("_", " "))).strip().lower().rstrip(".:").strip()


def arrow(heading: str) -> Direction:
    """Return what an arrow in a heading says of the better direction."""
    up, down = "↑" in heading, "↓" in heading
    return "" if up == down else "higher" if up else "lower"


@lru_cache(maxsize=4096)
def kind(heading: str) -> Kind:
    """Return how a heading says that its numbers come about: derived from others, about something else, or '' for results."""
    words = bare(heading)
    if _DIFFERENCE.search(words) and not re.search(r"loss|error|absolute error|temporal", words):
        return "difference"
    if _SHARE.match(words):
        return "share"
    if _TOTAL.match(words):
        return "total"
    if _MEAN.search(words) and not _NO_MEAN.search(words):
        return "mean"
    return "aside" if _ASIDE.search(words) and measure(heading) is None else ""


@lru_cache(maxsize=4096)
def measure(heading: str) -> Measure | None:
    """Return the metric that a heading names, None for none or one that is not known."""
    words = re.sub(r"\s+", " ", _ROUND.sub(" ", heading.replace("_", " "))).strip()
    for pattern, found in _ALONE:
        if pattern.match(words):
            return found
    hits = [(hit.start(), found) for pattern, found in MEASURES if (hit := pattern.search(words))]
    if not hits or (
        re.search(r"\b(?:r-?sum|sum|speed|time|latency|weight|coefficient|threshold|loss|count|num|rank)\b|[#Δ]", words.lower())
        and hits[0][1].quantity != "loss"
        and "reciprocal" not in words.lower()
    ):
        return next((found for _, found in hits if found.quantity == "loss"), None)
    return min(hits, key=lambda hit: hit[0])[1]

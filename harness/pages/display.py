"""From a judged claim to the strings of its table row: all rounding and marking is done here, none in the templates."""

from __future__ import annotations

from dataclasses import asdict

from harness.ledger.claims import Claim
from harness.ledger.printed import parse
from harness.verdicts.judging import Judged
from harness.verdicts.ordering import Ordering
from harness.verdicts.words import UNJUDGED

COLUMNS = (
    "claim", "document", "place", "kind", "status", "source", "metric", "score", "collection", "variant", "unit", "printed",
    "verdict", "tone", "shown", "interval", "recomputed", "low", "high", "queries", "seeds", "spread_query", "spread_seed",
    "mde", "p", "margin", "evaluation", "encoder", "training", "testable", "findings", "reason", "would_change",
    "bayes_factor", "effect_ratio", "delta_ri",
)  # fmt: skip


def row(judged: Judged, confidence: float) -> dict[str, str]:
    """Return the strings of one row of verdicts.csv, a key for each of COLUMNS."""
    claim, verdict = judged.claim, judged.verdict
    measured = {} if verdict.word == "prediction" and not claim.beside else _measured(judged, confidence)
    margin = number(claim.margin.value if claim.margin else None)
    kept = ("document", "place", "kind", "status", "source", "metric", "collection", "variant", "unit", "printed")
    filled = {key: str(getattr(claim, key) or "") for key in kept} | {
        "claim": claim.key, "score": judged.score or "", "verdict": verdict.word, "tone": tone(verdict.word),
        "mde": number(verdict.mde), "p": number(judged.p), "margin": margin, "testable": "no" if claim.unrun else "yes",
        "findings": "; ".join(dict.fromkeys(f"{finding.audit} ({finding.outcome})" for finding in judged.findings)),
        "reason": verdict.reason, "would_change": verdict.would_change,
        "bayes_factor": "" if judged.bayes is None else f"{judged.bayes:.3g}",
        "effect_ratio": "" if judged.effect.ratio is None else f"{judged.effect.ratio:.2f}",
        "delta_ri": "" if judged.effect.delta_ri is None else f"{judged.effect.delta_ri:+.3f}",
    }  # fmt: skip
    return {column: (filled | measured).get(column, "") for column in COLUMNS}


def tone(word: str) -> str:
    """Return how a recomputed value is set: plain where it was judged, grey and in brackets where it was not."""
    return "grey" if word in UNJUDGED else "strong" if word == "contradicted" else "plain"


STABLE = 6  # decimals: beyond, floating-point sums differ between processors


def number(value: float | None) -> str:
    """Six decimals, an empty string for None; zero has no sign."""
    return "" if value is None else f"{value if round(value, 6) else 0.0:.6f}"


def _measured(judged: Judged, confidence: float) -> dict[str, str]:
    evidence, decimals = judged.evidence, _decimals(judged.claim)
    if evidence is None:
        return {} if judged.fact is None else _of_fact(judged.fact)
    if isinstance(evidence, Ordering):
        weakest = evidence.weakest
        value, known, spread_seed = weakest.gap, weakest.apart.interval(confidence), None
        queries, seeds, spread_query = len(weakest.upper.queries) or None, min(_seeds(evidence)), None
        shown = f"{value:+.{decimals}f}"
    else:
        value, queries, seeds, spread_query = evidence.value, evidence.queries, evidence.seeds, evidence.query_error
        known, spread_seed = evidence.estimate.interval(confidence), evidence.seed_sd
        shown = f"{value:.{decimals}f}"
    low, high = known or (value, value)
    spread = high > low
    cells = {
        "shown": f"({shown})" if judged.verdict.word in UNJUDGED else shown,
        "interval": f"[{low:.{decimals}f}, {high:.{decimals}f}]" if spread else "",
        "recomputed": number(value), "low": number(low if spread else None), "high": number(high if spread else None),
        "queries": str(queries or ""), "seeds": str(seeds), "spread_query": number(spread_query),
        "spread_seed": number(spread_seed),
        **asdict(evidence.fidelity),
    }  # fmt: skip
    return cells


def _of_fact(value: str) -> dict[str, str]:
    """Return the cells of what a public file says in the claim's place."""
    read = parse(value)
    return {"shown": value, "recomputed": number(read.value if read else None)}


def _seeds(ordering: Ordering) -> list[int]:
    return [len(leaf.seeds) for leaf in ordering.leaves if leaf.stochastic] or [1]


def _decimals(claim: Claim) -> int:
    """As many decimals as were printed, but no more than are stable; three where the claim prints no number of its own."""
    printed = claim.value if claim.order is None else None
    return min(printed.decimals, STABLE) if printed else 3

"""A study's own scores for the pages: one row a score for the page of all, one row a variant for LaTeX."""

from __future__ import annotations

from dataclasses import asdict
from fnmatch import fnmatchcase
from typing import Any

from harness.config import Config, Judgement
from harness.rankings.metrics import MISSING, OWN
from harness.rankings.scores import Measured
from harness.studies.study import Study
from harness.verdicts import estimate, join
from harness.verdicts.pooling import Pool

WIDE = 5  # metrics beside one another that an upright page holds
NARROW = "\u202f"  # a blank where no line ends
Row = dict[str, str]
# Of a measure that float32 rounding of the vectors alone would move: no number is shown.
ILL_POSED = {"mean": "ill-posed", "sd": "", "interval": "", "evaluation": "", "encoder": "", "training": "", "seeds": "", "queries": ""}


def rows(chosen: Study, config: Config, scores: join.Scores | None = None) -> list[Row]:
    """Return the study's scores, by collection, variant and metric, as experiment.yaml has them; `scores`: if they are read already.

    Each with its mean and sd over seeds, and its interval: what other queries (clusters, where they share one) and seeds would give.
    """
    if chosen.experiment is None:
        return []
    scores = scores or join.load([chosen.name], config)
    table = scores.table
    variants, metrics = uncompared(chosen), [*chosen.experiment.metrics, MISSING, OWN]
    keys = [(v, c, m) for c in chosen.experiment.collections for v in variants for m in metrics]
    pool, found = Pool(table, config.judgement.pooled_from), []
    for key in keys:
        one = table.get((chosen.name, *key))
        if (chosen.name, *key) in scores.ill_posed:
            found.append(dict(zip(("variant", "collection", "metric"), key, strict=True)) | ILL_POSED)
        elif one and (one.key[3] != MISSING or one.means.any()):
            found.append(_row(one, config.judgement, pool))
    return found


def _row(one: Measured, rules: Judgement, pool: Pool) -> Row:
    _, variant, collection, metric = one.key
    several, counted = len(one.seeds) > 1, len(one.queries)
    known = estimate.of_score(one, pool).interval(rules.confidence) if counted else None
    return {
        "variant": variant, "collection": collection, "metric": metric, "mean": number(float(one.means.mean())),
        "sd": f"{one.means.std(ddof=1):.4f}" if several else "", "interval": "" if known is None else f"[{known[0]:.2f}, {known[1]:.2f}]",
        **asdict(one.fidelity), "seeds": str(len(one.seeds)), "queries": str(counted or ""),
    }  # fmt: skip


def number(value: float) -> str:
    """Write a score to four decimals, and a count as one."""
    return f"{value:.0f}" if value >= 2 and value == int(value) else f"{value:.4f}"


def uncompared(chosen: Study) -> list[str]:
    """Return all variants but the cells of compared grids: those are shown whole, not one by one."""
    assert chosen.experiment
    patterns = [p for c in chosen.experiment.compare.values() for p in c.variants]
    cells = {v.name for v in chosen.variants} - chosen.experiment.variants.keys()
    return [v.name for v in chosen.variants if not (v.name in cells and any(fnmatchcase(v.name, p) for p in patterns))]


def tables(chosen: Study, scores: list[Row]) -> list[dict[str, Any]]:
    """Return the tables for LaTeX: a collection and up to `WIDE` of the metrics that the study shows, a row a variant."""
    assert chosen.experiment
    shown = [*(chosen.experiment.shown or chosen.experiment.metrics), MISSING, OWN]
    found = []
    for collection in dict.fromkeys(row["collection"] for row in scores):
        here = {(row["variant"], row["metric"]): row for row in scores if row["collection"] == collection}
        metrics = [metric for metric in shown if any(metric == m for _, m in here)]
        found += [_table(collection, metrics[start : start + WIDE], here) for start in range(0, len(metrics), WIDE)]
    return found


def _table(collection: str, metrics: list[str], here: dict[tuple[str, str], Row]) -> dict[str, Any]:
    by_variant: dict[str, dict[str, Row]] = {}
    for (variant, metric), row in here.items():
        if metric in metrics:
            by_variant.setdefault(variant, {})[metric] = row
    counts = [{cells[m]["queries"] for cells in by_variant.values() if m in cells and cells[m]["seeds"]} for m in metrics]
    heads = [(metric, f"(n={n.pop()})" if len(n) == 1 and n != {""} else "") for metric, n in zip(metrics, counts, strict=True)]
    lines = []
    for variant, cells in by_variant.items():
        any_cell = next((cell for cell in cells.values() if cell["seeds"]), next(iter(cells.values())))
        values = [
            f"{cells[m]['mean']} {cells[m]['interval'].replace(' ', NARROW)}".strip() if m in cells else "" for m in metrics
        ]
        trained = f", trained on {any_cell['training']}" if any_cell["training"] not in ("", "none") else ""
        lines.append({"variant": variant, "seeds": any_cell["seeds"], "encoder": any_cell["encoder"] + trained, "values": values})
    data = ", ".join(sorted({row["evaluation"] for cells in by_variant.values() for row in cells.values() if row["evaluation"]}))
    return {"collection": collection, "data": data, "heads": heads, "rows": lines}

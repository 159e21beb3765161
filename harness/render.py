"""The render stage: verdicts and findings as LaTeX tables and one self-contained page. Compute here; templates only loop."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from harness import audit, escape, join, study
from harness.command import parse
from harness.config import Config
from harness.errors import stage
from harness.finding import Finding
from harness.ledger import Claim
from harness.score import MISSING
from harness.study import Study
from harness.text import write_text
from harness.verdicts import UNJUDGED, WORDS

UNSEEN = ("not run", "prediction")  # left out of the LaTeX table unless something was recomputed; all are on the page
TEMPLATES = Path(__file__).parent / "templates"


def row(claim: Claim, verdict: dict[str, str]) -> dict[str, str]:
    """Return the cells of one claim; values that were not judged come in parentheses from the judge."""
    unjudged = verdict["verdict"] in UNJUDGED and verdict["interval"]
    return {
        "name": claim.id,
        "where": f"{claim.document}, {claim.place}",
        "printed": claim.printed if len(claim.printed) <= 30 else claim.printed[:29] + "\u2026",
        "recomputed": verdict["shown"],
        "interval": f"({verdict['interval']})" if unjudged else verdict["interval"],
        "verdict": verdict["verdict"],
        "why": f"{verdict['reason']}. Would change with: {verdict['would_change']}.",
        "mde": f"{float(verdict['mde']):.2g}" if verdict["mde"] else "",
        "data": verdict["data_fidelity"],
        "encoder": verdict["encoder_fidelity"],
    }


def means(chosen: Study, config: Config) -> list[dict[str, str]]:
    """Return the study's own scores, mean over seeds, in the order of experiment.yaml."""
    if chosen.experiment is None:
        return []
    names, order = [variant.name for variant in chosen.variants], chosen.experiment.metrics
    rows = []
    for (_, variant, collection, metric), scores in join.load([chosen.name], config).table.items():
        none_missing = metric == MISSING and not scores.means.any()
        if variant in names and not none_missing:  # an earlier run's folder may lie about
            cells = {"variant": variant, "collection": collection, "metric": metric, "mean": f"{scores.means.mean():.4f}"}
            fidelity = {"data": scores.data_fidelity, "encoder": scores.encoder_fidelity}
            rows.append({**cells, "seeds": str(len(scores.seeds)), **fidelity})
    place = {metric: i for i, metric in enumerate(order)}
    return sorted(
        rows, key=lambda r: (r["collection"], names.index(r["variant"]), place.get(r["metric"], len(order)), r["metric"])
    )


def read_verdicts(path: Path) -> list[dict[str, str]]:
    """Read the rows of verdicts.csv as text."""
    with path.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def study_page(chosen: Study, config: Config) -> dict[str, Any]:
    """Return everything the templates show of one study."""
    verdicts = {v["claim"]: v for v in read_verdicts(config.folder / chosen.name / "verdicts.csv")}
    rows = [row(claim, verdicts[claim.key]) for claim in chosen.ledger.claims]
    counted = Counter(r["verdict"] for r in rows)
    shown = [r for r in rows if r["verdict"] not in UNSEEN or r["recomputed"]]
    return {
        "name": chosen.name,
        "title": chosen.ledger.title,
        "rows": shown,
        "all": rows,
        "total": len(rows),
        "by_word": dict(counted),
        "counts": [(word, counted[word]) for word in WORDS if counted[word]],
        "scores": means(chosen, config),
    }


def finding_row(finding: Finding) -> dict[str, str]:
    """Return the cells of one finding."""
    alarm = finding.false_alarm
    told = "" if alarm is None else "none" if alarm == 0 else f"{alarm:.1g}"
    cells = {"audit": finding.audit, "outcome": finding.outcome, "study": finding.study}
    return {**cells, "statement": finding.statement, "arithmetic": finding.arithmetic, "false_alarm": told}


def render(chosen: list[Study], findings: list[Finding], config: Config) -> None:
    """Write `paper_tables/<fidelity>/*.tex` and `<results>/<fidelity>/report.html`."""
    pages = [study_page(one, config) for one in chosen]
    counts = Counter(f.outcome for f in findings)
    summary = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
    weighty = [
        finding_row(f)
        for f in findings
        if f.outcome in ("inconsistent", "not run") or f.audit in ("leakage", "anchoring", "granularity")
    ]
    tex = _latex()
    folder = config.root / "paper_tables" / config.fidelity
    for page in pages:
        write_text(folder / f"{page['name']}.tex", tex.get_template("study.tex.j2").render(study=page))
    write_text(
        folder / "audit.tex", tex.get_template("audit.tex.j2").render(rows=weighty, counts=f"{len(findings)} findings: {summary}")
    )
    write_text(folder / "report.tex", tex.get_template("report.tex.j2").render(studies=[page["name"] for page in pages]))
    html = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    rows = [finding_row(f) for f in findings]
    words = [word for word in WORDS if any(page["by_word"].get(word) for page in pages)]
    content = html.get_template("report.html.j2").render(
        fidelity=config.fidelity, studies=pages, words=words, findings=rows, counts=f"{len(findings)} findings: {summary}",
        total=sum(page["total"] for page in pages),
    )  # fmt: skip
    write_text(config.folder / "report.html", content)


def _latex() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=False, trim_blocks=True,  # noqa: S701 - escaped by filter
        block_start_string="<%", block_end_string="%>", variable_start_string="<<", variable_end_string=">>",
    )  # fmt: skip
    environment.filters |= {"latex": escape.latex, "breakable": escape.breakable}
    return environment


def main() -> None:
    """`python -m harness.render`: render the selected studies at this fidelity."""
    _, config = parse(main.__doc__ or "")
    render(study.select(config), audit.load(config.folder / "findings.csv"), config)


if __name__ == "__main__":
    stage(main)

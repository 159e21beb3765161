"""The render stage: verdicts, scores and findings as LaTeX tables and one page; computed here, templates only loop."""

from __future__ import annotations

import base64
import json
import shutil
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from harness import places
from harness.audits.finding import Finding
from harness.audits.finding import load as load_findings
from harness.config import Config
from harness.errors import stage
from harness.pages import escape, rates, scoreboard, verdict_rows
from harness.pages.sections import agreement_cells, comparison_cells, contrast_cells, engines_told, forensic_cells
from harness.pages.verdict_rows import Row
from harness.studies import study
from harness.studies.command import parse
from harness.studies.study import Study
from harness.text import read_json, read_sealed, write_text
from harness.verdicts.words import WORDS

TEMPLATES = Path(__file__).parent / "pages" / "templates"
LONGEST = 40  # characters of a printed string that the LaTeX table shows; the page shows all


def in_table(row: Row) -> bool:
    """Say whether the LaTeX table lists a claim: those that were judged or that a run could judge."""
    return row["verdict"] not in ("prediction", "not run") or (row["verdict"] == "not run" and row["testable"] == "yes")


def groups(rows: list[Row], titles: dict[str, str]) -> list[tuple[str, list[Row]]]:
    """Group rows of one document and table, in the ledger's order, under a heading that names both."""
    keyed = groupby(rows, key=lambda row: (row["document"], row["place"].split(", row ")[0]))
    return [(f"{titles[document]}: {place}", list(members)) for (document, place), members in keyed]


def cells(row: Row) -> Row:
    """Add what the pages show of one claim."""
    printed = row["printed"]
    name = row["claim"].split(":", 1)[1]
    why = f"{row['reason']}. Would change it: {row['would_change']}."
    short = printed if len(printed) <= LONGEST else printed[: LONGEST - 1] + "\u2026"
    return {**row, "name": name, "short": short, "why": why[0].upper() + why[1:]}


def has_comparisons(chosen: Study) -> bool:
    """Say whether the study compares variants."""
    return bool(chosen.experiment and (chosen.experiment.compare or chosen.experiment.contrasts))


def pictures(chosen: Study, config: Config) -> list[Row]:
    """Return name, caption and SVG of what the draw stage drew; raise InputError if it did not run."""
    if not (chosen.experiment and chosen.experiment.pictures):
        return []
    path = config.folder / chosen.name / "pictures.json"
    folder = places.tables(chosen.folder, config) / chosen.name
    found: list[Row] = read_json(path, "draw")
    coded = {one["name"]: base64.b64encode((folder / f"{one['name']}.svg").read_bytes()).decode() for one in found}
    return [{**one, "svg": f"data:image/svg+xml;base64,{coded[one['name']]}"} for one in found]


def study_page(chosen: Study, config: Config, agreed: list[dict[str, Any]]) -> dict[str, Any]:
    """Return everything that the templates show of one study."""
    rows = [cells(row) for row in verdict_rows.read(config.folder / chosen.name / "verdicts.csv")]
    titles = {name: document.title for name, document in chosen.ledger.documents.items()}
    compared = read_json(config.folder / chosen.name / "comparisons.json", "compare") if has_comparisons(chosen) else []
    contrasted = read_json(config.folder / chosen.name / "contrasts.json", "compare") if has_comparisons(chosen) else []
    wanted = chosen.experiment and chosen.experiment.forensics
    investigated = read_json(config.folder / chosen.name / "forensics.json", "forensics") if wanted else []
    listed = [row for row in rows if in_table(row)]
    rest = [row for row in rows if not in_table(row)]
    found = dict(verdict_rows.counts(rows))
    scores = scoreboard.rows(chosen, config)
    return {
        "name": chosen.name, "title": chosen.ledger.title, "total": len(rows), "counts": verdict_rows.counts(rows), "rest": verdict_rows.counts(rest),
        "by_word": found, "groups": groups(listed, titles), "all": groups(rows, titles), "scores": scores,
        "tables": scoreboard.tables(chosen, scores) if scores else [],
        "pictures": pictures(chosen, config),
        "comparisons": [comparison_cells(one) for one in compared], "forensics": [forensic_cells(one) for one in investigated],
        "contrasts": [contrast_cells(one) for one in contrasted], "engines": engines_told(agreed),
        "agreement": [agreement_cells(one) for one in agreed if one["between"] != "engines"],
        "effects": [row for row in rows if row["effect_ratio"]],
    }  # fmt: skip


def finding_cells(finding: Finding) -> Row:
    """Return the cells of one finding."""
    chance = finding.false_alarm
    told = "" if chance is None else "none" if chance == 0 else f"{chance:.1g}"
    plain = {key: str(getattr(finding, key)) for key in ("audit", "outcome", "study", "statement", "arithmetic")}
    return {**plain, "claims": " ".join(finding.claims), "against": " ".join(finding.against), "chance": told}


def audit_page(findings: list[Finding]) -> dict[str, Any]:
    """Return what the templates show of the audit: a count for each audit and outcome, and what is not consistent."""
    outcomes = ["inconsistent", "caution", "consistent", "not run"]
    counted = Counter((f.audit, str(f.outcome)) for f in findings)
    table = [(audit, [counted[audit, o] or "" for o in outcomes]) for audit in sorted({f.audit for f in findings})]
    ranked = sorted(findings, key=lambda f: outcomes.index(f.outcome))
    return {
        "outcomes": outcomes, "counts": table, "total": len(findings), "all": [finding_cells(f) for f in ranked],
        "rows": [finding_cells(f) for f in ranked if f.outcome != "consistent"],
    }  # fmt: skip


def render(chosen: list[Study], findings: list[Finding], config: Config) -> None:
    """Write each study's table where `places.tables` says, and what is told of all of them where `places.summary` does."""
    agreed = json.loads(read_sealed(config.folder / "agreement.json", "agree"))
    pages = [study_page(one, config, [row for row in agreed if row["study"] == one.name]) for one in chosen]
    told = audit_page(findings)
    words = [word for word in WORDS if any(word in page["by_word"] for page in pages)]
    given = {
        "fidelity": config.fidelity,
        "studies": pages,
        "audit": told,
        "words": words,
        "total": sum(p["total"] for p in pages),
        "rates": rates.shown(config.root),
    }
    tex, top = _latex(), places.summary(config)
    folder = config.root / "paper_tables" / config.fidelity if places.whole(config) else top
    for one, page in zip(chosen, pages, strict=True):
        home, text = places.tables(one.folder, config), tex.get_template("study.tex.j2").render(given, study=page)
        write_text(home / f"{one.name}.tex", text)
        if folder != home:  # report.tex reads it from beside itself
            write_text(folder / f"{one.name}.tex", text)
            _beside(home / one.name, folder / one.name)
    for name in ("audit", "report"):
        write_text(folder / f"{name}.tex", tex.get_template(f"{name}.tex.j2").render(given))
    html = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    write_text(top / "report.html", html.get_template("report.html.j2").render(given))


def _beside(source: Path, target: Path) -> None:
    """Copy a study's pictures to where the tables of several studies are compiled."""
    shutil.rmtree(target, ignore_errors=True)
    if source.is_dir():
        shutil.copytree(source, target)


def _latex() -> Environment:
    """Delimiters that LaTeX leaves alone; every value passes the filter, for autoescape knows HTML only."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=False, trim_blocks=True,  # noqa: S701
        block_start_string="<%", block_end_string="%>", variable_start_string="<<", variable_end_string=">>",
        comment_start_string="<#", comment_end_string="#>", finalize=_refuse_raw,
    )  # fmt: skip
    environment.filters |= {"latex": escape.latex, "breakable": escape.breakable, "path": escape.Escaped}
    return environment


def _refuse_raw(value: object) -> object:
    """Let through only what a filter has escaped, so that a forgotten filter fails instead of breaking a page."""
    if not isinstance(value, escape.Escaped):
        raise TypeError(f"a template prints {value!r} without the latex filter")
    return value


def main() -> None:
    """`python -m harness.render`: render the selected studies at this fidelity."""
    _, config = parse(main.__doc__ or "")
    render(study.select(config), load_findings(config.folder / "findings.csv"), config)


if __name__ == "__main__":
    stage(main)

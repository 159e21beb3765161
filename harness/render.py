"""The render stage: what is told of all studies, as one page and LaTeX; computed here, templates only loop."""

from __future__ import annotations

import shutil
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from harness import places
from harness.audits.finding import Finding
from harness.audits.finding import load as load_findings
from harness.config import Config
from harness.errors import stage
from harness.pages import findings, latex, paper_tables, rates, report_page, study_page, told
from harness.studies import study
from harness.studies.command import parse
from harness.studies.study import Study
from harness.text import read_text, write_text
from harness.verdicts.words import WORDS


def render(chosen: list[Study], found: list[Finding], config: Config) -> None:
    """Write what is told of all studies where `places.summary` says; their tables are there (`harness.table`)."""
    ordered = sorted(chosen, key=lambda one: one.folder.parent.name == "baselines")  # papers first, then yardsticks
    pages = [study_page.read(one, config, found) for one in ordered]
    words = [word for word in WORDS if any(word in page["by_word"] for page in pages)]
    given = {
        "fidelity": config.fidelity, "studies": pages, "audit": findings.page(found), "words": words,
        "total": sum(page["total"] for page in pages), "rates": rates.shown(config.root),
        "openings": [page["opening"] for page in pages if page["opening"]["told"]], "summary": told.summary(pages),
        "marks": paper_tables.MARKS, "meaning": paper_tables.MEANING, "strong": latex.STRONG,
    }  # fmt: skip
    tex, top = latex.environment(), places.summary(config)
    folder = config.root / "paper_tables" / config.fidelity if places.whole(config) else top
    for one in ordered:
        home = places.tables(one.folder, config)
        if folder != home:  # report.tex reads it from beside itself
            write_text(folder / f"{one.name}.tex", read_text(home / f"{one.name}.tex"))
            _beside(home / one.name, folder / one.name)
    for name in ("audit", "report"):
        write_text(folder / f"{name}.tex", tex.get_template(f"{name}.tex.j2").render(given))
    html = Environment(loader=FileSystemLoader(latex.TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    html.globals |= report_page.inlined()
    write_text(top / "report.html", html.get_template("report.html.j2").render(report_page.given(given, found, config)))


def _beside(source: Path, target: Path) -> None:
    """Copy a study's pictures to where the tables of several studies are compiled."""
    shutil.rmtree(target, ignore_errors=True)
    if source.is_dir():
        shutil.copytree(source, target)


def main() -> None:
    """`python -m harness.render`: render the selected studies at this fidelity."""
    _, config = parse(main.__doc__ or "")
    render(study.select(config), load_findings(config.folder / "findings.csv"), config)


if __name__ == "__main__":
    stage(main)

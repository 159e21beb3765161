"""The render stage: verdicts, scores and findings as LaTeX tables and one page; computed here, templates only loop."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from harness import places
from harness.audits.finding import Finding
from harness.audits.finding import load as load_findings
from harness.config import Config
from harness.errors import stage
from harness.pages import escape, findings, paper_tables, rates, report_page, study_page, told
from harness.studies import study
from harness.studies.command import parse
from harness.studies.study import Study
from harness.text import read_sealed, write_text
from harness.verdicts.words import WORDS

TEMPLATES = Path(__file__).parent / "pages" / "templates"
LONGEST = 120  # characters of a printed sentence that the LaTeX table shows; the page shows all
STRONG = ("contradicted", "inconsistent as printed")  # set bold: they say that something printed is wrong


def render(chosen: list[Study], found: list[Finding], config: Config) -> None:
    """Write each study's table where `places.tables` says, and what is told of all of them where `places.summary` does."""
    agreed = json.loads(read_sealed(config.folder / "agreement.json", "agree"))
    ordered = sorted(chosen, key=lambda one: one.folder.parent.name == "baselines")  # papers first, then yardsticks
    pages = [study_page.page(one, config, *_own(one.name, agreed, found)) for one in ordered]
    words = [word for word in WORDS if any(word in page["by_word"] for page in pages)]
    given = {
        "fidelity": config.fidelity, "studies": pages, "audit": findings.page(found), "words": words,
        "total": sum(page["total"] for page in pages), "rates": rates.shown(config.root),
        "openings": [page["opening"] for page in pages if page["opening"]["told"]], "summary": told.summary(pages),
        "marks": paper_tables.MARKS, "meaning": paper_tables.MEANING, "strong": STRONG,
    }  # fmt: skip
    tex, top = _latex(), places.summary(config)
    folder = config.root / "paper_tables" / config.fidelity if places.whole(config) else top
    for one, page in zip(ordered, pages, strict=True):
        home, text = places.tables(one.folder, config), tex.get_template("study.tex.j2").render(given, study=page)
        write_text(home / f"{one.name}.tex", text)
        if folder != home:  # report.tex reads it from beside itself
            write_text(folder / f"{one.name}.tex", text)
            _beside(home / one.name, folder / one.name)
    for name in ("audit", "report"):
        write_text(folder / f"{name}.tex", tex.get_template(f"{name}.tex.j2").render(given))
    html = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    html.globals |= report_page.inlined()
    write_text(top / "report.html", html.get_template("report.html.j2").render(report_page.given(given, found, config)))


def _beside(source: Path, target: Path) -> None:
    """Copy a study's pictures to where the tables of several studies are compiled."""
    shutil.rmtree(target, ignore_errors=True)
    if source.is_dir():
        shutil.copytree(source, target)


def _own(name: str, agreed: list[dict[str, Any]], found: list[Finding]) -> tuple[list[dict[str, Any]], list[Finding]]:
    return [row for row in agreed if row["study"] == name], [one for one in found if one.study == name]


def short(text: str) -> str:
    """Cut a printed sentence after LONGEST characters."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "\u2026"


def _latex() -> Environment:
    """Delimiters that LaTeX leaves alone; every value passes the filter, for autoescape knows HTML only."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=False, trim_blocks=True,  # noqa: S701
        block_start_string="<%", block_end_string="%>", variable_start_string="<<", variable_end_string=">>",
        comment_start_string="<#", comment_end_string="#>", finalize=_refuse_raw,
    )  # fmt: skip
    filters: dict[str, Callable[..., Any]] = {
        "latex": escape.latex, "breakable": escape.breakable, "path": escape.Escaped, "shortened": paper_tables.shortened, "short": short,
    }  # fmt: skip
    environment.filters |= filters
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

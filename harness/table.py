"""The table stage: one study's verdicts, scores and findings as LaTeX tables; like the judge it audits its study itself."""

from __future__ import annotations

from harness import places
from harness.audits.finding import Finding
from harness.config import Config
from harness.errors import stage
from harness.pages import latex, paper_tables, study_page
from harness.studies import audited, study
from harness.studies.command import parse
from harness.studies.study import Study
from harness.text import write_text


def write(chosen: Study, found: list[Finding], config: Config) -> None:
    """Write the study's table where `places.tables` says."""
    given = {"fidelity": config.fidelity, "marks": paper_tables.MARKS, "meaning": paper_tables.MEANING, "strong": latex.STRONG}
    text = latex.environment().get_template("study.tex.j2").render(given, study=study_page.read(chosen, config, found))
    write_text(places.tables(chosen.folder, config) / f"{chosen.name}.tex", text)


def main() -> None:
    """`python -m harness.table --study S`: write one study's tables at this fidelity."""
    arguments, config = parse(main.__doc__ or "", "study")
    chosen = study.one(config, arguments.study)
    found = audited.of_study(chosen.name, audited.read_all({chosen.name: chosen}, config), audited.read_data(config))
    write(chosen, found, config)


if __name__ == "__main__":
    stage(main)

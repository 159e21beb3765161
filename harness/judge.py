"""The judge stage: every claim of one study, joined to its scores and findings, becomes a row of verdicts.csv."""

from __future__ import annotations

from harness.audits.finding import load as load_findings
from harness.errors import stage
from harness.pages import verdict_rows
from harness.studies import study
from harness.studies.command import parse
from harness.verdicts import join
from harness.verdicts.judging import judge, sources


def main() -> None:
    """`python -m harness.judge --study S`: judge the claims of one study at this fidelity."""
    arguments, config = parse(main.__doc__ or "", "study")
    chosen = study.select(config.model_copy(update={"studies": arguments.study}))[0]
    judged = judge(chosen, join.load(sources(chosen), config), load_findings(config.folder / "findings.csv"), config.judgement)
    verdict_rows.write(config.folder / chosen.name / "verdicts.csv", judged, config)


if __name__ == "__main__":
    stage(main)

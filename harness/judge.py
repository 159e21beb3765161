"""The judge stage: every claim of one study, joined to its scores and findings, becomes a row of verdicts.csv.

It audits its study itself, and does not wait for the audit of all: an edit of one ledger judges no other study again.
"""

from __future__ import annotations

from harness.errors import stage
from harness.pages import verdict_rows
from harness.studies import audited, study
from harness.studies.command import parse
from harness.studies.reads import sources
from harness.verdicts import join
from harness.verdicts.judging import judge


def main() -> None:
    """`python -m harness.judge --study S`: judge the claims of one study at this fidelity."""
    arguments, config = parse(main.__doc__ or "", "study")
    chosen = study.one(config, arguments.study)
    found = audited.of_study(chosen.name, audited.read_all({chosen.name: chosen}, config), audited.read_data(config))
    judged = judge(chosen, join.load(sources(chosen), config), found, config.judgement)
    verdict_rows.write(config.folder / chosen.name / "verdicts.csv", judged, config)


if __name__ == "__main__":
    stage(main)

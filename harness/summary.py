"""The summary stage: the few lines that end a run."""

from __future__ import annotations

from collections import Counter

from harness.audits import finding
from harness.errors import stage
from harness.pages.verdict_rows import counts
from harness.pages.verdict_rows import read as read_verdicts
from harness.studies import study
from harness.studies.command import parse


def told(rows: dict[str, list[dict[str, str]]], outcomes: Counter[str]) -> list[str]:
    """Return the lines: all claims by verdict, then each study that has claims, then the audit."""
    everything = [row for each in rows.values() for row in each]
    width = max((len(name) for name in rows), default=0)
    lines = [f"{len(everything)} claims of {sum(map(bool, rows.values()))} studies: {_listed(counts(everything))}"]
    lines += [f"  {name:<{width}}  {_listed(counts(each))}" for name, each in rows.items() if each]
    order = ("inconsistent", "caution", "consistent", "not run")
    return [*lines, f"audit: {_listed([(o, outcomes[o]) for o in order if outcomes[o]])}"]


def _listed(counted: list[tuple[str, int]]) -> str:
    return ", ".join(f"{count} {word}" for word, count in counted) or "nothing"


def main() -> None:
    """`python -m harness.summary`: say how many claims got which verdict, and where the tables are."""
    _, config = parse(main.__doc__ or "")
    rows = {one.name: read_verdicts(config.folder / one.name / "verdicts.csv") for one in study.select(config)}
    outcomes = Counter(str(finding.outcome) for finding in finding.load(config.folder / "findings.csv"))
    print(f"fidelity {config.fidelity}")
    print("\n".join(told(rows, outcomes)))
    print(f"tables: paper_tables/{config.fidelity}/*.tex    page: {config.results}/{config.fidelity}/report.html")


if __name__ == "__main__":
    stage(main)

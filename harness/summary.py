"""The summary stage: the few lines that end a run."""

from __future__ import annotations

from collections import Counter

from harness import audit, study
from harness.command import parse
from harness.errors import stage
from harness.render import read_verdicts
from harness.verdicts import WORDS


def main() -> None:
    """`python -m harness.summary`: say how many claims got which verdict, and where the tables are."""
    _, config = parse(main.__doc__ or "")
    chosen = study.select(config)
    counts = Counter(row["verdict"] for one in chosen for row in read_verdicts(config.folder / one.name / "verdicts.csv"))
    findings = Counter(f.outcome for f in audit.load(config.folder / "findings.csv"))
    print(f"{sum(counts.values())} claims of {len(chosen)} studies at fidelity {config.fidelity}:")
    print("  " + ", ".join(f"{counts[word]} {word}" for word in WORDS if counts[word]))
    print("audit: " + ", ".join(f"{count} {outcome}" for outcome, count in sorted(findings.items())))
    print(f"tables: paper_tables/{config.fidelity}/   page: {config.results}/{config.fidelity}/report.html")


if __name__ == "__main__":
    stage(main)

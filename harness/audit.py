"""The audit stage: what the printed numbers and the data show, with no model."""

from __future__ import annotations

from collections import Counter

from harness.audits import coverage, finding
from harness.audits.finding import Finding
from harness.errors import stage
from harness.ledger import unfinished
from harness.ledger.claims import Ledger
from harness.studies import study
from harness.studies.audited import audit, read_all, read_data
from harness.studies.command import parse


def told(findings: list[Finding], ledgers: list[Ledger], covered: list[coverage.Coverage]) -> str:
    """Return the terminal summary: each inconsistency in a line, then the counts, and what each audit could look at."""
    lines = [f"{f.study}: {f.statement}\n    {f.arithmetic}" for f in findings if f.outcome == "inconsistent"]
    lines += [
        f"{f.study}: {f.statement}\n    {f.arithmetic}"
        for f in findings
        if f.outcome == "caution" and (f.audit in ("leakage", "anchoring") or f.statement.endswith("?"))
    ]
    needs = {"leakage": " (needs fidelity substitute and the data)"}
    lines += [line for ledger in ledgers for line in unfinished.told(ledger.study, ledger.todo)]
    lines += [f"not run: {f.statement}{needs.get(f.audit, '')}" for f in findings if f.outcome == "not run"]
    counts = Counter((f.audit, f.outcome) for f in findings)
    lines += [f"{audit:>12}  {outcome:<13}{count:>4}" for (audit, outcome), count in sorted(counts.items())]
    claims = sum(len(ledger.claims) for ledger in ledgers)
    lines += ["", "what each audit could look at:", *coverage.told(covered), ""]
    return "\n".join([*lines, f"{claims} claims of {len(ledgers)} studies audited, {len(findings)} findings"])


def main(argv: list[str] | None = None) -> None:
    """`python -m harness.audit`: audit the selected studies against all ledgers."""
    arguments, config = parse(main.__doc__ or "", optional=("output",), argv=argv)
    selected = {s.name: s for s in study.select(config)}
    chosen, ledgers = selected.keys(), read_all(selected, config)
    findings = [one for one in audit(ledgers, read_data(config)) if one.study in chosen]
    # By hand it writes a file of its own: the workflow's findings.csv must not change behind its back.
    path = config.root / arguments.output if arguments.output else config.folder / "audit.csv"
    finding.save(findings, path)
    covered = [one for one in coverage.counted(ledgers) if one.study in chosen]
    coverage.save(covered, coverage.beside(path))
    print(told(findings, [book for book in ledgers if book.study in chosen], covered))
    print(f"written: {path.relative_to(config.root) if path.is_relative_to(config.root) else path}")


if __name__ == "__main__":
    stage(main)

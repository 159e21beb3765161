"""The audit stage: what the printed numbers and the data show, with no model."""

from __future__ import annotations

import sys
from collections import Counter

from harness.audits import FROM_LEDGERS, coverage, finding, leakage
from harness.audits.finding import Finding
from harness.config import Config
from harness.data import asset
from harness.errors import InputError, Problems, stage
from harness.ledger import unfinished
from harness.ledger.claims import Ledger
from harness.studies import study
from harness.studies.command import parse


def audit(ledgers: list[Ledger], read: leakage.Read) -> list[Finding]:
    """Run every audit over the ledgers together (a baseline's record may stand in another study)."""
    findings = [one for family in FROM_LEDGERS for one in family.find(ledgers)]
    return findings + leakage.find(ledgers, read)


def read_data(config: Config) -> leakage.Read:
    """Return a reader of data files; at fidelity embedded no outside data is looked at."""
    return lambda folder, name: None if config.fidelity == "embedded" else asset.file_bytes(folder, name, config)


def read_all(selected: dict[str, study.Study], config: Config) -> list[Ledger]:
    """Read every ledger, for a record may stand in another study; one that is broken, and was not asked for, is left out with a word.

    Raise one InputError with all that is wrong with those that were asked for.
    """
    problems, found = Problems(), []
    for name, folder in study.folders(config).items():
        if name in selected:
            with problems.each():
                found.append(selected[name].ledger)
            continue
        try:
            found.append(study.ledger_at(folder))
        except InputError as error:
            first = str(error).splitlines()[0]
            print(f"caution: left out, and nothing is held against it: {first}", file=sys.stderr)
    problems.raise_all()
    return found


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

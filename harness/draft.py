"""The draft stage: the source of a paper becomes a ledger to complete, or, with `--audit`, findings at once."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from harness.config import ROOT
from harness.drafts import checking, ledger_text, opening, told
from harness.drafts.shape import Source
from harness.errors import InputError, refuse_name, stage
from harness.text import counted, write_text


def write(source: Source, given: Path, name: str, root: Path) -> Path:
    """Write `replications/<name>/claims.yaml`; raise InputError for a name that is taken or cannot be one."""
    refuse_name(name, "--name", "a study")
    for folder in (root / "replications" / name, root / "baselines" / name):
        if folder.exists():
            raise InputError(
                f"--name {name}: {folder.relative_to(root)} is there already; choose another name, or delete the folder first"
            )
    if not source.tables and not source.sentences:
        raise InputError(f"{given}: no table and no sentence with a number was found in it{_why(source)}")
    path = root / "replications" / name / "claims.yaml"
    write_text(path, ledger_text.written(source, name))
    return path


def audit(given: Path, n: int | None) -> str:
    """Return what the checks that need nothing but the source find in it."""
    source = opening.opened(given)
    findings, coverage, grids = checking.checked(source, n)
    if not grids:
        raise InputError(f"{given}: no table with numbers was found in it{_why(source)}")
    return told.told(source, findings, coverage, grids)


def _why(source: Source) -> str:
    reasons = "; ".join(f"{one.place}: {one.what}" for one in source.unread[:3])
    return f" ({reasons})" if reasons else "; give the file that holds the tables"


def whole(word: str) -> int:
    """Return the N of the command line; raise InputError for what is no number above 0."""
    if not (word.isascii() and word.isdigit() and int(word[:12]) > 0 and len(word) < 10):
        raise InputError(f"N={word[:80]}: write the number of questions (or other units) behind each share, such as N=84")
    return int(word)


def main() -> None:
    """`python -m harness.draft SOURCE --name NAME` writes a ledger to complete; `--audit` prints findings and writes nothing."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("source", type=Path, help="a .tex, .html, .md, .csv or .tsv file, or a folder with one main .tex file")
    parser.add_argument("--name", help="the study: replications/NAME/claims.yaml is written")
    parser.add_argument("--audit", action="store_true", help="print what the source itself contradicts; write nothing")
    parser.add_argument(
        "--n", default="", help="how many questions (or other units) each share is of, where the source does not say"
    )
    parser.add_argument("--root", type=Path, default=ROOT, help="the folder with replications/")
    arguments = parser.parse_args()
    if bool(arguments.name) == arguments.audit:
        raise InputError("give either --name NAME (write a ledger to complete) or --audit (print findings)")
    given = Path(os.path.expanduser(arguments.source))  # noqa: PTH111 - make leaves the tilde as it is
    if arguments.audit:
        print(audit(given, whole(arguments.n) if arguments.n else None))
        return
    source = opening.opened(given)
    path = write(source, given, arguments.name, arguments.root)
    print(
        f"written: {path.relative_to(arguments.root)}: {counted(len(source.tables), 'table')}, {counted(len(source.sentences), 'sentence')}"
    )
    print("Complete every TODO; `make audit` lists those that are left.")


if __name__ == "__main__":
    stage(main)

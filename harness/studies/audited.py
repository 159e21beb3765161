"""The audits of several studies, or of one: which ledgers and data they look at."""

from __future__ import annotations

import sys

from harness.audits import FROM_LEDGERS, anchoring, leakage
from harness.audits.finding import Finding
from harness.config import Config
from harness.data import asset
from harness.errors import InputError, Problems
from harness.ledger.claims import Ledger
from harness.studies import study


def audit(ledgers: list[Ledger], read: leakage.Read) -> list[Finding]:
    """Run every audit over the ledgers together (a baseline's record may stand in another study)."""
    findings = [one for family in FROM_LEDGERS for one in family.find(ledgers)]
    return findings + leakage.find(ledgers, read)


def of_study(name: str, ledgers: list[Ledger], read: leakage.Read) -> list[Finding]:
    """Return what the audits find of one study, given all ledgers."""
    (own,) = (ledger for ledger in ledgers if ledger.study == name)
    against = anchoring.held(own, ledgers)
    found = audit([ledger for ledger in ledgers if ledger is own or ledger.study in against], read)
    return [one for one in found if one.study == name]


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

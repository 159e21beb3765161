"""The summary stage: the few lines that end a run."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from harness import places
from harness.audits import finding
from harness.config import FIDELITIES, Config
from harness.errors import InputError, stage
from harness.pages.verdict_rows import counts
from harness.pages.verdict_rows import read as read_verdicts
from harness.studies import computed, study
from harness.studies.command import parse
from harness.studies.fidelity import Parts
from harness.text import counted, read_text
from harness.verdicts import words

DECIDED = frozenset({"exact", "equivalent", "direction only", "contradicted", "inconsistent as printed"})


def sentence(rows: list[dict[str, str]], needed: dict[str, str], config: Config) -> str:
    """Say how many claims within reach are decided, why the others are not, and what to run to decide more.

    `needed`: the fidelity that decides each claim. Within reach is what is neither a prediction nor out of reach.
    """
    here = FIDELITIES.index(config.fidelity)
    reach = within_reach(rows)
    rest = [row for row in reach if row["verdict"] not in DECIDED]
    why = Counter(_why(row, needed, here) for row in rest)
    parts = []
    for fidelity in FIDELITIES[here + 1 :]:
        if count := why.pop(fidelity, 0):
            parts.append(f"{count} {_need(count)} {fidelity} materials ({command(fidelity, config)})")
    parts += [f"{count} {word}" for word, count in why.most_common()]
    decided = len(reach) - len(rest)
    start = f"Of {counted(len(reach), 'claim')} within reach {decided} {_are(decided)} decided at fidelity {config.fidelity}"
    return f"{start}; of the others: {', '.join(parts)}." if parts else f"{start}."


def within_reach(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return the claims that public materials, a setting or arithmetic can decide: no prediction, and nothing out of reach."""
    return [row for row in rows if row["verdict"] not in ("prediction", "out of reach")]


def _why(row: dict[str, str], needed: dict[str, str], here: int) -> str:
    """Return the fidelity that would decide an undecided claim, or in words why none would."""
    asked = needed.get(row["claim"], FIDELITIES[here])
    if row["verdict"] == "not decidable here" or (row["verdict"] == "not run" and row["testable"] == "yes"):
        if FIDELITIES.index(asked) > here:
            return asked
        if row["verdict"] == "not run":
            return "without scores here"
    return "computed by no study" if row["verdict"] == "not run" else row["verdict"]


def highest(parts: Parts) -> str:
    """Return the highest fidelity that any part asks for."""
    return max((parts.evaluation, parts.encoder, parts.training), key=FIDELITIES.index)


def command(fidelity: str, config: Config) -> str:
    """Return what to call for a run at another fidelity."""
    chosen = "" if config.studies == "all" else f" STUDIES={config.studies}"
    return f"make tables FIDELITY={fidelity} MIRROR={config.mirror or '/path/to/mirror'}{chosen}"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _need(count: int) -> str:
    return "needs" if count == 1 else "need"


def told(rows: dict[str, list[dict[str, str]]], outcomes: Counter[str]) -> list[str]:
    """Return the lines: all claims by verdict, then each study that has claims, then the audit."""
    everything = [row for each in rows.values() for row in each]
    width = max((len(name) for name in rows), default=0)
    silent = sum(not each for each in rows.values())
    aside = f" ({silent} without claims)" if silent else ""
    of = f"{counted(len(everything), 'claim')} of {counted(len(rows), 'study', 'studies')}{aside}"
    lines = [f"{of}: {_listed(counts(everything))}"]
    lines += [f"  {name:<{width}}  {_listed(counts(each))}" for name, each in rows.items() if each]
    order = ("inconsistent", "caution", "consistent", "not run")
    return [*lines, f"audit: {_listed([(o, outcomes[o]) for o in order if outcomes[o]])}"]


def _listed(counted: list[tuple[str, int]]) -> str:
    return ", ".join(f"{count} {word}" for word, count in counted) or "nothing"


def cautions(path: Path) -> list[str]:
    """Return what the fetch stage said about collections that it let pass; nothing where it has not run."""
    try:
        found = json.loads(read_text(path)) if path.is_file() else {}
        return [f"caution: {line}" for one in found.values() for line in one.get("cautions", [])]
    except (ValueError, AttributeError, TypeError):
        raise InputError(f"{path}: damaged; `make tables` writes it anew") from None


def of_run(chosen: list[study.Study], config: Config) -> str:
    """Say how many claims got which verdict, what was let pass, and where the tables are."""
    rows = {one.name: read_verdicts(config.folder / one.name / "verdicts.csv") for one in chosen}
    needed = {claim.key: highest(words.needed(claim)) for one in chosen for claim in one.ledger.claims}
    outcomes = Counter(str(finding.outcome) for finding in finding.load(config.folder / "findings.csv"))
    where = dict.fromkeys(places.shown(places.tables(one.folder, config), config.root) for one in chosen)
    page = places.shown(places.summary(config), config.root)
    lines = [f"fidelity {config.fidelity}", *told(rows, outcomes), sentence([row for each in rows.values() for row in each], needed, config)]
    lines += [computed.told(config), *cautions(config.folder / "assets.json")]
    return "\n".join([*lines, f"tables: {', '.join(f'{place}/*.tex' for place in where)}    page: {page}/report.html"])


def main() -> None:
    """`python -m harness.summary`: say what a run has found; the workflow says it at its end."""
    _, config = parse(main.__doc__ or "")
    print(of_run(study.select(config), config))


if __name__ == "__main__":
    stage(main)

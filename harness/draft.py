"""The draft stage: a paper becomes a ledger to complete, or, with `--audit`, findings at once; a model card a study that runs."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from harness import config as settings
from harness.cards import opening as cards
from harness.cards import study as card_study
from harness.cards import tasks
from harness.config import ROOT
from harness.data import hub
from harness.drafts import checking, ledger_text, opening, told
from harness.drafts.shape import Source
from harness.errors import InputError, refuse_name, stage
from harness.places import is_outside
from harness.studies import placing
from harness.text import counted, write_text

HELP = (
    "a paper: a .tex, .html, .md, .csv or .tsv file, or a folder with one main .tex file; or a model card (README.md or .yaml with model-index), "
    "a model's folder, its .eval_results, or MTEB's result JSON, a file or a folder of one model's results"
)


def write(source: Source, given: Path, name: str, root: Path) -> Path:
    """Write `replications/<name>/claims.yaml` of a paper; raise InputError for a name that is taken or cannot be one."""
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


def write_card(given: Path, arguments: argparse.Namespace) -> str:
    """Write the study of a model card or of result files, and return what is told of it; raise InputError."""
    overrides = {"mirror": arguments.mirror} if arguments.mirror else {}
    config = settings.load(arguments.root, overrides)
    folder = placing.folder_for(arguments.name, arguments.into, config)
    card = cards.read(given, tasks.known(config).names)
    model = arguments.model or cards.model_beside(given)
    wanted = dict(_pair(word) for word in arguments.task)
    left = card_study.write(card, arguments.name, folder, config=config, model=model, tasks=wanted, endpoint=arguments.endpoint)
    chosen = str(folder) if is_outside(folder, config.root) else arguments.name
    told = [f"written: {folder}: {counted(len(card.records), 'record')} of {card.model or 'a model'} ({card.form})"]
    told += [f"not run: {one}" for one in left] + [f"left out: {one}" for one in card.left_out]
    told += [f"  make audit STUDIES={chosen}"]
    if (folder / "experiment.yaml").is_file():
        told += [f"  make tables STUDIES={chosen} FIDELITY=original"]
    return "\n".join(told)


def _pair(word: str) -> tuple[str, str]:
    name, sign, place = word.partition("=")
    if not (name and sign and place):
        raise InputError(f"--task {word}: write TASK=COLLECTION or TASK=FOLDER, as in SciFact=/data/scifact")
    return name, place


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


def _refuse_misplaced(arguments: argparse.Namespace, is_card: bool) -> None:
    """Raise InputError for an option that means nothing for such a source."""
    if is_card and arguments.audit:
        raise InputError(f"{arguments.source}: a model card is not audited as a paper is: write its study with --name NAME, then make audit STUDIES=NAME")
    for key in ("into", "model", "task"):
        if getattr(arguments, key) and not is_card:
            raise InputError(f"--{key}: for a model card or result files alone; {arguments.source} is neither")


def main() -> None:
    """`python -m harness.draft SOURCE --name NAME` writes a ledger to complete; `--audit` prints findings and writes nothing."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("source", type=Path, help=HELP)
    parser.add_argument("--name", help="the study: replications/NAME is written")
    parser.add_argument("--into", help="of a model card: the folder that the study is written into, in place of replications/")
    parser.add_argument("--model", help="of a model card: a model that is defined here, org/name of the Hub, or a folder; else the card's own")
    parser.add_argument("--task", action="append", default=[], help="of a model card: TASK=COLLECTION, or TASK=FOLDER in BEIR's layout")
    parser.add_argument("--endpoint", default=hub.HUB, help="of a model card: the Hub's address")
    parser.add_argument("--mirror", help="a folder that holds the data files; else as in config.yaml")
    parser.add_argument("--audit", action="store_true", help="print what the source itself contradicts; write nothing")
    parser.add_argument(
        "--n", default="", help="how many questions (or other units) each share is of, where the source does not say"
    )
    parser.add_argument("--root", type=Path, default=ROOT, help="the folder with replications/")
    arguments = parser.parse_args()
    if bool(arguments.name) == arguments.audit:
        raise InputError("give either --name NAME (write a ledger to complete) or --audit (print findings)")
    given = Path(os.path.expanduser(arguments.source))  # noqa: PTH111 - make leaves the tilde as it is
    is_card = cards.recognised(given) is not None
    _refuse_misplaced(arguments, is_card)
    if is_card:
        print(write_card(given, arguments))
        return
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

"""`workbench COMMAND`: the commands of the Makefile, for who installed the project with pip. Each hands its words to a stage."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.config import FIDELITIES, ROOT, is_place
from harness.config import words as listed
from harness.errors import InputError, stage
from harness.studies.command import workflow

SETTINGS = {
    "fidelity": "embedded, substitute or original: whose data and models",
    "mirror": "a folder that holds the data files",
    "studies": "names or folders, separated by commas",
    "fallback": "substitute: takes the place of what is missing at original",
}
NEEDS = "the project's folder (Snakefile, studies, collections, models), which an install by pip alone does not bring: clone it, and call this inside it"


@dataclass(frozen=True)
class Command:
    """One command: what it is for, examples that can be copied, and the options that it takes besides the settings of a run."""

    about: str
    examples: tuple[str, ...]
    options: dict[str, str] = field(default_factory=dict)
    positional: str = ""
    settings: bool = True
    anywhere: bool = False  # works without the project's folder


COMMANDS = {
    "audit": Command(
        "Check printed numbers against one another: of a paper's own source, or, without one, of the project's ledgers.",
        ("workbench audit paper.tex", "workbench audit paper.tex --n 84", "workbench audit --studies dual_loss"),
        {"n": "how many questions (or other units) each share is of"},
        "paper",
        anywhere=True,
    ),
    "draft": Command(
        "Write the tables of a paper, or what a model card prints, down as the claims of a new study.",
        ("workbench draft paper.tex --name my_paper", "workbench draft path/to/README.md --name my_model"),
        {"name": "the study that is written", "into": "the folder that it is written into", "model": "of a card: the model", "task": "of a card: TASK=COLLECTION or TASK=FOLDER"},
        "source",
        settings=False,
        anywhere=True,
    ),
    "verify": Command(
        "Run a model on a task and say whether the scores of its card come out, and if not, which setting explains it.",
        ("workbench verify --model path/to/model --task SciFact --mirror path/to/data",),
        {"model": "a folder, or org/name of the Hub", "task": "a task's name, or a folder in BEIR's layout", "card": "the file that prints the scores", "cores": "processor cores, or all"},
    ),
    "tables": Command(
        "Run the studies, judge the claims, write the LaTeX tables and the page.",
        ("workbench tables", "workbench tables --fidelity substitute --mirror path/to/data --studies minilm,bm25"),
        {"cores": "processor cores, or all"},
    ),
    "check": Command(
        "Compare the last run with the accepted scores; exit code 1 on any difference.",
        ("workbench check", "workbench check --junit check.xml"),
        {"junit": "write the outcome to this file as JUnit XML"},
    ),
    "report": Command("Say where the page of the last run is, and open it.", ("workbench report", "workbench report --fidelity substitute")),
    "doctor": Command("Name what would stop a run here, or make it wrong, and what to do about it.", ("workbench doctor",)),
}  # fmt: skip


def absolute(word: str) -> str:
    """Return a folder as it is seen from anywhere: a run works in the project's folder, and the user may stand elsewhere."""
    return str(Path(word).expanduser().resolve())


def studies(value: str) -> str:
    """Return a list of studies, those that are folders as they are seen from anywhere."""
    return ",".join(absolute(word) if is_place(word) else word for word in listed(value))


def cores(value: str) -> str:
    """Return a number of cores, or all; Snakemake waits for ever with none."""
    if value != "all" and not (value.isascii() and value.isdigit() and int(value) > 0):
        raise argparse.ArgumentTypeError(f"'{value}': write a number above 0, or all")
    return value


READ = {"mirror": absolute, "studies": studies, "cores": cores}


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; `argcomplete` reads it for completion."""
    whole = argparse.ArgumentParser(
        "workbench",
        description="Do the printed numbers hold? For each number that a paper prints about text embeddings, this says so.",
        epilog="Completion in bash and zsh: eval \"$(register-python-argcomplete workbench)\"",
    )  # fmt: skip
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, one in COMMANDS.items():
        examples = "examples:\n" + "".join(f"  {line}\n" for line in one.examples)
        sub = commands.add_parser(
            name, help=one.about, description=one.about, epilog=examples, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        if one.positional:
            sub.add_argument(one.positional, nargs="?" if one.positional == "paper" else None)
        for option, said in one.options.items():
            sub.add_argument(f"--{option}", help=said, type=READ.get(option, str))
        for setting, said in SETTINGS.items() if one.settings else ():
            sub.add_argument(f"--{setting}", help=said, type=READ.get(setting, str), choices=FIDELITIES if setting == "fidelity" else None)
    return whole


def words(given: argparse.Namespace) -> tuple[str, list[str]]:
    """Return the stage that a command calls, and the words that it is called with."""
    options = {
        key: value for key, value in vars(given).items() if key not in ("command", "paper", "source") and value is not None
    }
    said = [word for key, value in options.items() for word in (f"--{key}", value)]
    if given.command == "audit" and given.paper:
        if misplaced := [key for key in options if key != "n"]:
            raise InputError(f"--{misplaced[0]}: for the project's own ledgers; a paper's source is audited by itself")
        return "draft", ["--audit", *said, "--", given.paper]
    if given.command == "audit" and "n" in options:
        raise InputError("--n: give a paper's source with it, as in: workbench audit paper.tex --n 84")
    return given.command, [*said, *([given.source] if given.command == "draft" else [])]


def become(command: Sequence[str], environment: dict[str, str]) -> None:
    """Become a command; its exit code is ours."""
    sys.stdout.flush()
    os.execve(command[0], list(command), {**os.environ, **environment})  # noqa: S606 - a list, never a shell's line


def report(fidelity: str | None, studies: str | None) -> None:
    """Print where the page of the last run is, and open it where a browser can be reached; raise InputError where there is none."""
    import webbrowser

    from harness import config, places

    page = places.summary(config.load(ROOT, {"fidelity": fidelity, "studies": studies})) / "report.html"
    if not page.is_file():
        raise InputError(f"{page}: nothing was run yet; first: workbench tables")
    print(page)
    webbrowser.open(page.as_uri())


def main(argv: list[str] | None = None) -> None:
    """Do what the command line asks."""
    whole = parser()
    if "_ARGCOMPLETE" in os.environ:
        import argcomplete

        argcomplete.autocomplete(whole)
    given = whole.parse_args(argv)
    whole_project = (ROOT / "Snakefile").is_file()
    alone = COMMANDS[given.command].anywhere and (given.command != "audit" or given.paper)
    if not (whole_project or alone):
        raise InputError(f"workbench {given.command} needs {NEEDS}")
    if given.command == "report":
        report(given.fidelity, given.studies)
    elif given.command == "tables":
        settings = [f"{key}={getattr(given, key)}" for key in SETTINGS if getattr(given, key)]
        os.chdir(ROOT)
        become(*workflow(Path("results/.lock"), given.cores or "all", settings))
    else:
        name, said = words(given)
        # Inside the project its own code is called, whatever version pip installed.
        home = ROOT if whole_project else Path(__file__).resolve().parent.parent
        become([sys.executable, "-m", f"harness.{name}", *said], {"PYTHONPATH": str(home)})


def entry() -> None:
    """The console script: what a user can mend is one message."""
    stage(main)


if __name__ == "__main__":
    entry()

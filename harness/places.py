"""Where studies lie: in the project's own folders, and wherever the setting `studies` points outside of them."""

from __future__ import annotations

from pathlib import Path

from harness.config import Config, words
from harness.errors import InputError, brief

HOMES = ("baselines", "replications")
LEDGER = "claims.yaml"


def within(root: Path) -> list[Path]:
    """Return the study folders of the project itself."""
    return sorted(path.parent for home in HOMES for path in root.glob(f"{home}/*/{LEDGER}"))


def at(word: str, root: Path) -> list[Path]:
    """Return the study folders that a folder is, or holds; raise InputError where it is no folder, or none is in it."""
    try:
        place = (root / Path(word).expanduser()).resolve()
        if not place.is_dir():
            raise InputError(f"studies: there is no folder '{word}' (looked for {place})")
        found = [place] if (place / LEDGER).is_file() else sorted(path.parent for path in place.glob(f"*/{LEDGER}"))
        if set(str(place)) & set("{}") or not str(place).isprintable():
            raise InputError(f"studies: the folder {brief(str(place))} has braces or unprintable letters in its name; rename it")
    except (OSError, RuntimeError, ValueError) as error:  # too long a name, a home that nobody has, no permission
        raise InputError(f"studies: the folder {brief(word)} cannot be read: {error}") from None
    if not found:
        raise InputError(
            f"studies: '{word}' holds no study: no {LEDGER} in it, and in no folder of it; "
            "`python -m harness.new NAME --into FOLDER` writes one"
        )
    return found


def outside(config: Config) -> list[Path]:
    """Return the study folders that the run knows beside the project's own."""
    own = {path.resolve() for path in within(config.root)}
    found = [path for word in config.places for path in at(word, config.root)]
    return [path for path in dict.fromkeys(found) if path not in own]


def of(project: Path | Config) -> list[Path]:
    """Return all study folders: of a project's folder its own, of settings also those outside."""
    return within(project) if isinstance(project, Path) else [*within(project.root), *outside(project)]


def is_outside(folder: Path, root: Path) -> bool:
    """Say whether a study lies outside the project's own folders."""
    return not any(folder.resolve().is_relative_to((root / home).resolve()) for home in HOMES)


def tables(folder: Path, config: Config) -> Path:
    """Return where a study's own tables and pictures are written: the project's folder for its own, beside it for any other."""
    return (folder if is_outside(folder, config.root) else config.root) / "paper_tables" / config.fidelity


def whole(config: Config) -> bool:
    """Say whether a run is of all the project's studies, and of no other: it alone writes what is told of all of them."""
    return words(config.studies) == ["all"]


def summary(config: Config) -> Path:
    """Return where the page and the tables over several studies are written: those of some studies never replace those of all."""
    return config.folder if whole(config) else config.folder / "subset"


def shown(path: Path, root: Path) -> str:
    """Return a path as it is named in the workflow: below the project's folder without it, else whole."""
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)

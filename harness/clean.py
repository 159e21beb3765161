"""The clean stage: delete what a run has made, or what is kept between runs, and say how much that freed."""

from __future__ import annotations

import shutil
from pathlib import Path

from harness.config import Config
from harness.errors import InputError, stage
from harness.studies.command import parse
from harness.text import counted

# What a checkout holds beside the folders that a run makes.
OWN = ("harness", "baselines", "replications", "collections", "models", "tests", "paper_tables", ".git", ".venv")


def size(place: Path) -> tuple[int, int]:
    """Return the number of files below a folder and their bytes; what it links to elsewhere does not count."""
    files = [path for path in place.rglob("*") if path.is_file() and not path.is_symlink()]
    return len(files), sum(path.stat().st_size for path in files)


def place_of(config: Config, cache: bool) -> Path:
    """Return the folder to delete; raise InputError where it holds the project or the user's home, or lies in the project's own."""
    place = (config.root / config.cache if cache else config.folder).resolve()
    own = [config.root / name for name in OWN]
    for kept in (path.resolve() for path in (config.root, Path.home(), *own)):
        if kept.is_relative_to(place) or (kept.name in OWN and place.is_relative_to(kept)):
            raise InputError(f"config.yaml: {'cache' if cache else 'results'}: {place} holds {kept}, or lies in it; it is not deleted")
    return place


def main() -> None:
    """`python -m harness.clean [--cache]`: delete the results of this fidelity, or with --cache all that is kept between runs."""
    arguments, config = parse(main.__doc__ or "", flags=("cache",))
    place = place_of(config, arguments.cache)
    if not place.is_dir():
        print(f"{place}: nothing to delete")
        return
    files, held = size(place)
    shutil.rmtree(place)
    print(f"{place}: {counted(files, 'file')} deleted, {held / 1e6:,.0f} MB freed")


if __name__ == "__main__":
    stage(main)

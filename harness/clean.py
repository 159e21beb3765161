"""The clean stage: delete what a run has made, or what is kept between runs, and say how much that freed."""

from __future__ import annotations

import shutil
from pathlib import Path

from harness.config import Config
from harness.errors import InputError, stage
from harness.studies.command import parse
from harness.text import counted


def size(place: Path) -> tuple[int, int]:
    """Return the number of files below a folder and their bytes; what it links to elsewhere does not count."""
    files = [path for path in place.rglob("*") if path.is_file() and not path.is_symlink()]
    return len(files), sum(path.stat().st_size for path in files)


def place_of(config: Config, cache: bool) -> Path:
    """Return the folder to delete; raise InputError where config.yaml names one that holds the project or the user's home."""
    place = (config.root / config.cache if cache else config.folder).resolve()
    for kept in (config.root.resolve(), Path.home().resolve()):
        if kept.is_relative_to(place):
            raise InputError(f"config.yaml: {'cache' if cache else 'results'}: {place} holds {kept}; it is not deleted")
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

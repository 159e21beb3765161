"""The clean stage: delete what a run has made, or what is kept between runs, and say how much that freed."""

from __future__ import annotations

import shutil
from collections import Counter
from contextlib import nullcontext
from pathlib import Path

from harness.config import Config
from harness.errors import InputError, stage
from harness.studies import held
from harness.studies.command import parse
from harness.text import counted

# What a checkout holds beside the folders that a run makes.
OWN = ("harness", "baselines", "replications", "collections", "models", "tests", "paper_tables", ".git", ".venv")


# Kinds of results, by the last part of a path that is one of these; all else is pages and verdicts.
RESULTS = {"fit": "what training left", "rank": "rankings", "scores.parquet": "scores", "logs": "logs"}


def by_kind(place: Path, cache: bool) -> tuple[int, dict[str, int]]:
    """Return the number of files below a folder and their bytes by kind, the largest first."""
    files, found = 0, Counter[str]()
    for parts, size in held.sizes(place):
        own = [RESULTS[part] for part in parts if part in RESULTS]
        found[held.kind_of(parts[0]) if cache else own[0] if own else "pages and verdicts"] += size
        files += 1
    return files, dict(found.most_common())


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
    files, kinds = by_kind(place, arguments.cache)
    try:
        with (held.hold(config, alone=True) if arguments.cache else None) or nullcontext():
            shutil.rmtree(place)
    except BlockingIOError:
        raise InputError(f"{config.root / config.cache}: a run is using it, here or in another checkout; nothing is deleted") from None
    print(f"{place}: {counted(files, 'file')} deleted, {held.told(sum(kinds.values()))} freed")
    for kind, size in kinds.items():
        print(f"{held.told(size):>10}  {kind}")


if __name__ == "__main__":
    stage(main)

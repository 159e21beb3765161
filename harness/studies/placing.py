"""Where a new study goes: a folder of the project's own, or one that the user names; nothing that is there is overwritten."""

from __future__ import annotations

from pathlib import Path

from harness import places
from harness.config import Config
from harness.errors import InputError, refuse_name
from harness.studies import study


def folder_for(name: str, into: str | None, config: Config) -> Path:
    """Return the folder of a new study; raise InputError for a name that is taken or cannot be one, and for no folder to put it in.

    A folder that holds a ledger alone, such as a drafted one, is completed.
    """
    home = (config.root / Path(into).expanduser()).resolve() if into else config.root / places.HOMES[-1]
    refuse_name(name, home, "a study's folder")
    if name in study.RESERVED:
        raise InputError(f"NAME: no study can be named '{name}': a run's own results have that name; take another")
    if into and not home.is_dir():
        raise InputError(f"--into: there is no folder '{into}' (looked for {home}); make it first: mkdir -p '{home}'")
    folder = home / name
    taken = study.folders(config).get(name)
    if taken and taken.resolve() != folder.resolve():
        raise InputError(f"NAME: '{name}' is taken by {taken}; take another")
    there = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    if folder.exists() and there not in ([], [places.LEDGER]):
        raise InputError(f"NAME: '{name}' is taken: {folder} is there, and nothing in it is overwritten; take another")
    return folder

"""The model that a file of the Hub's local cache belongs to: its folders say it, models--org--name/snapshots/<commit>/."""

from __future__ import annotations

import re
from pathlib import Path

COMMIT = r"[0-9a-f]{40}"


def named(path: Path) -> tuple[str | None, str | None]:
    """Return org/name and the commit of a file or folder below a snapshot of the Hub's cache; None for any other place."""
    parts = path.absolute().parts
    for at, part in enumerate(parts[:-2]):
        if part.startswith("models--") and parts[at + 1] == "snapshots" and re.fullmatch(COMMIT, parts[at + 2]):
            return part.removeprefix("models--").replace("--", "/", 1), parts[at + 2]
    return None, None

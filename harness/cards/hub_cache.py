"""Which model of the Hub, at which commit: as the folders of its local cache say it, and as a definition that is pinned does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

COMMIT = r"[0-9a-f]{40}"


def named(path: Path) -> tuple[str | None, str | None]:
    """Return org/name and the commit of a file or folder below a snapshot of the Hub's cache; None for any other place."""
    parts = path.absolute().parts
    for at, part in enumerate(parts[:-2]):
        if part.startswith("models--") and parts[at + 1] == "snapshots" and re.fullmatch(COMMIT, parts[at + 2]):
            return part.removeprefix("models--").replace("--", "/", 1), parts[at + 2]
    return None, None


def commit(definition: Mapping[str, Any]) -> str | None:
    """Return the commit that a model's definition is pinned to, by its address or its origin; None where it shows none."""
    sources = definition.get("sources")
    address = sources.get("download") if isinstance(sources, Mapping) else None
    found = re.search(rf"\b{COMMIT}\b", f"{address or ''} {definition.get('origin') or ''}")
    return found[0] if found else None

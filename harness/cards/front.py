"""The YAML in front of a model card, every scalar as the letters that were written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from harness import safe_yaml
from harness.errors import InputError
from harness.text import read_text

_FRONT = re.compile(r"\A\s*---[ \t]*\r?\n(.*?\r?\n)---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
NOTHING = ("", "~", "null", "Null", "NULL", "None")  # Python's None is what careless writers leave


def written(path: Path) -> Any:
    """Return the YAML of a card (.md: what stands between its two lines of ---; else the whole file), {} where a .md has none.

    Numbers stay words, letter by letter; nothing becomes None. Raise InputError for malformed YAML.
    """
    text, before = read_text(path), 0
    if path.suffix.lower() in (".md", ".markdown"):
        match = _FRONT.match(text)
        if match is None:
            return {}
        before, text = text[: match.start(1)].count("\n"), match[1]
    try:
        return _plain(safe_yaml.parse(text, words=True))
    except safe_yaml.Malformed as error:
        lines = [f"{path}{f':{line + before}' if line else ''}: malformed YAML: {problem}" for line, problem in error.problems]
        raise InputError("\n".join(lines)) from None


def _plain(found: Any) -> Any:
    """Return a value with what means nothing as None."""
    if isinstance(found, dict):
        return {key: _plain(value) for key, value in found.items()}
    if isinstance(found, list):
        return [_plain(value) for value in found]
    return None if found in NOTHING else found


def licence(path: Path) -> str | None:
    """Return the licence that a card names; None where there is no card, or it names none or cannot be read."""
    try:
        found = written(path) if path.is_file() else {}
    except InputError:  # the card is not what is asked for here
        return None
    said = found.get("license") if isinstance(found, dict) else None
    return ", ".join(map(str, said)) if isinstance(said, list) else said if isinstance(said, str) else None

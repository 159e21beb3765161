"""Reading YAML safely and writing files so that a kill leaves either the old file or the new one."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness import safe_yaml
from harness.errors import InputError
from harness.safe_yaml import LARGEST


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return a number and its noun, as in '1 study' and '8 studies'; without `many` an s is added."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def read_json(path: Path, stage: str) -> list[Any]:
    """Return the list that a stage wrote for a study, `<study>/<name>.json`; raise InputError if the stage has not run."""
    if not path.is_file():
        raise InputError(f"{path}: missing; run `python -m harness.{stage} --study {path.parent.name}` first")
    found: list[Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def read_text(path: Path) -> str:
    """Return the text of a file, without a byte order mark; raise InputError for what is no file or no UTF-8 text."""
    try:
        if path.exists() and not path.is_file():
            raise InputError(f"{path}: not a file")  # a folder, or a pipe that nobody may ever write to
        if (size := path.stat().st_size) > LARGEST:
            raise InputError(f"{path}: {size} bytes; at most {LARGEST} are read")
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"{path}: the file is missing") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    if "\0" in text:
        raise InputError(f"{path}:{text[: text.index(chr(0))].count(chr(10)) + 1}: a NUL character; this is no text file")
    return text


def read_yaml(path: Path) -> Any:
    """Return the content of a YAML file; raise InputError with file, line and cause if it is malformed."""
    try:
        return safe_yaml.parse(read_text(path))
    except safe_yaml.Malformed as error:
        lines = [f"{path}{f':{line}' if line else ''}: malformed YAML: {problem}" for line, problem in error.problems]
        raise InputError("\n".join(lines)) from None


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path` that takes its name on success and vanishes on failure."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{uuid.uuid4().hex[:8]}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with Unix line ends, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")

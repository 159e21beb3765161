"""Reading YAML safely and writing files so that a kill leaves either the old file or the new one."""

from __future__ import annotations

import hashlib
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
    found: list[Any] = json.loads(read_sealed(path, f"{stage} --study {path.parent.name}"))
    return found


def write_sealed(path: Path, text: str) -> None:
    """Write a stage's result and, beside it, its digest as `sha256sum` writes it, so that what was cut or edited is told."""
    write_text(path, text)
    write_text(seal_of(path), f"{hashlib.sha256(text.encode()).hexdigest()}  {path.name}\n")


def read_sealed(path: Path, stage: str) -> str:
    """Return what `write_sealed` wrote; raise InputError that names the stage to run where it is missing or was changed."""
    if not path.is_file():
        raise InputError(f"{path}: missing; run `python -m harness.{stage}` first")
    text, seal = read_text(path), seal_of(path)
    digest = hashlib.sha256(text.encode()).hexdigest()
    if not seal.is_file() or read_text(seal).split("  ")[0] != digest:
        raise InputError(f"{path}: not as its stage wrote it (cut short or edited); run `python -m harness.{stage}` again")
    return text


def seal_of(path: Path) -> Path:
    """Return where the digest of a stage's result is kept."""
    return path.with_name(f"{path.name}.sha256")


def read_text(path: Path) -> str:
    """Return the text of a file, without a byte order mark; raise InputError for what is no file or no UTF-8 text."""
    try:
        if path.exists() and not path.is_file():
            raise InputError(f"{path}: not a file")  # a folder, or a pipe that nobody may ever write to
        if (size := path.stat().st_size) > LARGEST:
            raise InputError(f"{path}: {size} bytes; at most {LARGEST} are read")
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"{path}: the file is missing") from None
    except OSError as error:  # a link to itself, no permission
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None
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
    """Give a temporary path beside `path` that takes its name on success and vanishes on failure.

    The file may be read by whom the user's umask lets: safetensors writes for its owner alone, and a cache may have two users.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{uuid.uuid4().hex[:8]}")
    try:
        temporary.touch()
        mode = temporary.stat().st_mode
        yield temporary
        if temporary.stat().st_mode != mode:
            temporary.chmod(mode)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with Unix line ends, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")

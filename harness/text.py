"""Reading YAML safely and writing files so that a kill leaves either the old file or the new one."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from harness.errors import InputError


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Safe YAML that refuses a key given twice, because the second would silently win."""

    def __init__(self, stream: Any) -> None:
        super().__init__(stream)
        self._checked: list[yaml.MappingNode] = []

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        # A mapping that others merge is flattened more than once, and then holds what it merged beside its own keys.
        if not any(node is one for one in self._checked):
            self._checked.append(node)
            self._refuse_twice(node)
        super().flatten_mapping(node)

    def _refuse_twice(self, node: yaml.MappingNode) -> None:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key '{key}' is given twice", key_node.start_mark)
            seen.add(key)


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return a number and its noun, as in '1 study' and '8 studies'; without `many` an s is added."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def read_json(path: Path, stage: str) -> list[Any]:
    """Return the list that a stage wrote for a study, `<study>/<name>.json`; raise InputError if the stage has not run."""
    if not path.is_file():
        raise InputError(f"{path}: missing; run `python -m harness.{stage} --study {path.parent.name}` first")
    found: list[Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def read_yaml(path: Path) -> Any:
    """Return the content of a YAML file; raise InputError with file, line and cause if it is malformed."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader subclass
    except FileNotFoundError:
        raise InputError(f"{path}: the file is missing") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise InputError(f"{path}{line}: malformed YAML: {getattr(error, 'problem', None) or error}") from None


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

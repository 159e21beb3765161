"""Pinning: a model's definition for the commit at which a branch of a Hub repository stands; what a collection holds."""

from __future__ import annotations

import re
from argparse import Namespace
from pathlib import Path

from harness.config import Config
from harness.data import hub, pinning
from harness.data.asset import definitions, read_asset
from harness.errors import InputError, closest, stage
from harness.places import outside
from harness.studies.command import parse
from harness.text import counted, write_text

FORMS = {"repo": r"\w[\w.-]*/\w[\w.-]*", "name": r"\w[\w.-]*", "revision": r"\w[\w./+-]*", "endpoint": r"https?://[^\s?#@]+"}


def place(config: Config, name: str, study: str | None, force: bool) -> Path:
    """Return where the definition is written; raise InputError for an unknown study and for a name that is taken."""
    studies = {path.name: path for path in [*(config.root / "replications").glob("*/"), *outside(config)]}
    if study is not None and study not in studies:
        raise InputError(f"--study: no {study!r} in {config.root / 'replications'}{closest(study, studies)}")
    path = (studies[study] if study else config.root) / "models" / f"{name}.yaml"
    taken = definitions(config, "models").get(name)
    if taken and (taken != path or not force):
        raise InputError(
            f"--name: '{name}' is defined in {taken}; {'--force overwrites it' if taken == path else 'take another'}"
        )
    return path


def refuse_both(given: Namespace) -> None:
    """Raise InputError where options of a model stand beside --collection."""
    if extra := [key for key in ("repo", "name", "study", "revision", "endpoint") if getattr(given, key) is not None]:
        raise InputError(f"--collection: it goes without --{extra[0]}, which is for models")


def pin_collection(name: str, config: Config, force: bool) -> None:
    """Pin a collection's files, counts and digest, and say what they are."""
    path, found = pinning.pin(name, config, force)
    told = ", ".join(f"{count} {kind}" for kind, count in found["counts"].items())
    print(f"pin {name}: {path}: {counted(len(found.get('files', {})), 'file')}, {told}, digest {found['digest'][:12]}...")


def main(argv: list[str] | None = None) -> None:
    """`python -m harness.pin --repo ORG/NAME --name NAME`: write the definition of a Hub model, pinned to a commit.

    `python -m harness.pin --collection NAME`: fill in what the files of a collection are and what they hold.
    """
    optional = ("repo", "name", "study", "revision", "endpoint", "collection")
    given, config = parse(main.__doc__ or "", optional=optional, flags=("force",), argv=argv)
    if given.collection is not None:
        refuse_both(given)
        return pin_collection(given.collection, config, given.force)
    if given.repo is None or given.name is None:
        raise InputError("pin: write --repo ORG/NAME --name NAME for a model of the Hub, or --collection NAME")
    words = {"revision": "main", "endpoint": hub.HUB} | {
        key: word for key, word in vars(given).items() if key in FORMS and word is not None
    }
    for option, word in words.items():
        if not re.fullmatch(FORMS[option], word, re.ASCII):
            raise InputError(f"--{option}: {word!r} does not have the form {FORMS[option]}")
    path = place(config, given.name, given.study, given.force)
    definition = hub.define(words["repo"], words["revision"], words["endpoint"])
    read_asset(path, definition)
    write_text(path, hub.written(definition))
    print(f"pin {given.name}: {path}: {definition['origin']}, {len(definition['files'])} files")


if __name__ == "__main__":
    stage(main)

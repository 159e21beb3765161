"""Do the ids of one file meet those of another? Where they do not, it is told with a share and an id of either side."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from harness.data.readers.content import Qrels
from harness.errors import InputError


def refuse_strangers(start: Callable[[str], str], kind: str, named: Iterable[str], known: Iterable[str], place: object) -> None:
    """Raise InputError, begun by `start` of the first, where ids that one file names are not in `place`, which has those `known`.

    It says how many are not there, and shows an id of either side: a wrong file, or ids written by another program.
    """
    named, known = list(dict.fromkeys(named)), dict.fromkeys(known)
    strange = [name for name in named if name not in known]
    if not strange:
        return
    asked, plain = set(named), {_plain(name) for name in known}
    other = next((name for name in known if name not in asked), next(iter(known), None))
    there = "it has none" if other is None else f"it has ids such as '{other[:80]}'"
    share = f"{len(strange)} of {len(named)} {kind} ids ({len(strange) / len(named):.1%}) are not in {place}, {there}"
    alike = sum(_plain(name) in plain for name in strange) > len(strange) / 2
    hint = "; they differ in case, blanks, quotes, leading zeros or '.0' alone: write both alike" if alike else ""
    raise InputError(f"{start(strange[0])}: {share}{hint}")


def refuse_unasked(path: Path, qrels: Qrels, known: Iterable[str], place: object) -> None:
    """Raise InputError where a judged query is not among the `known` ones of another file."""
    refuse_strangers(lambda name: f"{path}: the qrels name the query '{name}', which is not there", "query", qrels, known, place)


def refuse_unheld(path: Path, qrels: Qrels, known: Collection[str], place: object, outside: bool) -> None:
    """Raise InputError where a judged document is not among the `known` ones of another file; if `outside`, where none is."""
    by = {document: query for query, judged in qrels.items() for document in judged}
    if not (outside and any(document in known for document in by)):
        start = "query '{}' judges '{}', which is no document"
        refuse_strangers(lambda name: f"{path}: {start.format(by[name], name)}", "document", by, known, place)


def _plain(name: str) -> str:
    """Return an id without what programs add to it or take from it."""
    return name.strip().strip("\"'").casefold().removesuffix(".0").lstrip("0")

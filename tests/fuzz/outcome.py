"""What came of a malformed input, and whether that may be."""

import dataclasses
import signal
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel

from harness.errors import InputError
from harness.text import write_sealed
from tests.fuzz import kinds, mutators
from tests.fuzz.kinds import Kind
from tests.fuzz.mutators import AS_WRITTEN, EITHER, MASKED, REFUSED, SAME, Case

LONGEST = 2000  # characters of a message
PATIENCE = 20  # seconds for one input


# Faults that are known and not mended yet: each is to leave this list when it is.
KNOWN: set[tuple[str, str]] = set()  # (kind, case) of faults that are known and not mended yet


class Hang(BaseException):
    """An input took longer than anyone waits."""


@contextmanager
def patience(seconds: int) -> Iterator[None]:
    """Raise Hang in what takes too long."""

    def stop(*_: object) -> None:
        raise Hang

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@dataclass(frozen=True)
class Outcome:
    """What came of one case; `wrong` says why that may not be, '' where it may."""

    kind: str
    case: Case
    word: str
    detail: str
    wrong: str

    @property
    def name(self) -> str:
        return f"{self.kind} | {self.case.group} | {self.case.name}"


def plain(value: Any) -> Any:
    """Return a value as lists, mappings and scalars that can be compared."""
    if isinstance(value, BaseModel):
        return {name: plain(getattr(value, name)) for name in type(value).model_fields}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, dict):
        return {str(key): plain(inside) for key, inside in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inside) for inside in value]
    if isinstance(value, (set, frozenset)):
        return sorted(map(str, value))
    return value


def leaves(value: Any) -> Iterator[str]:
    """Yield every scalar of a plain value, and every key, as text."""
    if isinstance(value, dict):
        for key, inside in value.items():
            yield str(key)
            yield from leaves(inside)
    elif isinstance(value, list):
        for inside in value:
            yield from leaves(inside)
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e300:
        yield str(float(value))
    else:
        yield str(value)


def unreadable(message: str, names: tuple[str, ...]) -> str:
    """Say what is wrong with a message, '' if nothing is: it names the file, is short, of printable letters, and no trace."""
    if not message.strip():
        return "says nothing"
    if len(message) >= LONGEST:
        return f"has {len(message)} characters"
    if "Traceback" in message or "object at 0x" in message or "<class '" in message:
        return "is for programmers"
    if not all(line.isprintable() for line in message.split("\n")):
        return "holds signs that no terminal should be sent"
    return "" if any(name in message for name in names) else f"does not name {names[0]}"


def judged(case: Case, value: Any, valid: Any) -> tuple[str, str]:
    """Return the word for a value that was accepted, and why it may not have been."""
    same = value == valid
    if case.expect in (SAME, EITHER) and not same:
        return "accepted, wrongly", "another value than the valid file's"
    if case.expect == REFUSED:
        return "accepted, wrongly", "the valid file's value" if same else "another value"
    if case.expect == AS_WRITTEN and not set(leaves(plain(case.wrote))) <= set(leaves(value)):
        return "accepted, wrongly", "the words that were written are not in the value"
    return ("accepted, harmless" if same else "accepted, as written"), ""


def outcome(kind: Kind, case: Case, root: Path, names: tuple[str, ...], valid: Any) -> Outcome:
    """Read one malformed input, which lies in its place already."""
    try:
        with patience(PATIENCE):
            value = plain(kind.read(root))
    except InputError as error:
        wrong = unreadable(str(error), names)
        if not wrong and case.expect in (SAME, AS_WRITTEN, MASKED):
            return Outcome(kind.name, case, "refused, wrongly", str(error), "harmless, and refused")
        return Outcome(
            kind.name, case, "unclear message" if wrong else "clear error", str(error), wrong and f"the message {wrong}"
        )
    except Hang:
        return Outcome(kind.name, case, "hang", "", f"over {PATIENCE} s")
    except Exception as error:
        if (kind.name, case.name) in KNOWN:
            return Outcome(kind.name, case, "known fault", f"{type(error).__name__}: {str(error)[:200]}", "")
        return Outcome(
            kind.name, case, "traceback", f"{type(error).__name__}: {str(error)[:200]}", "an exception that is no InputError"
        )
    word, wrong = judged(case, value, valid)
    if wrong and (kind.name, case.name) in KNOWN:
        return Outcome(kind.name, case, "known fault", wrong, "")
    return Outcome(kind.name, case, word, "", wrong)


@contextmanager
def in_place(kind: Kind, case: Case, path: Path, content: bytes) -> Iterator[None]:
    """Put a malformed input where the valid file was, and the valid one back afterwards."""
    _remove(path)
    case.put(path)
    if kind.sealed and path.is_file():
        with suppress(UnicodeDecodeError):
            write_sealed(path, path.read_bytes().decode())
    try:
        yield
    finally:
        _remove(path)
        _remove(path.with_name(".elsewhere"))
        path.write_bytes(content)
        if kind.sealed:
            write_sealed(path, content.decode())


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    else:
        path.unlink(missing_ok=True)


def all_of(kind: Kind, root: Path, share: float = 1.0) -> Iterator[Outcome]:
    """Try the cases of one kind, or a fixed share of them, in a workspace that `kinds.make` made."""
    path = root / (kinds.shard_path(root) if kind.path.startswith("*") else kind.path)
    content = path.read_bytes()
    valid = plain(kind.read(root))
    for case in [*mutators.places(content, kind.missing), *kind.cases(content)]:
        if zlib.crc32(f"{case.group}{case.name}".encode()) % 1000 < share * 1000:
            with in_place(kind, case, path, content):
                yield outcome(kind, case, root, (path.name, *kind.named), valid)
    assert plain(kind.read(root)) == valid, f"{kind.name}: the valid file is no longer read as before"


def table(found: list[Outcome]) -> str:
    """Return counts by kind and outcome, and then every outcome that may not be."""
    words = sorted({one.word for one in found})
    counts = Counter((one.kind, one.word) for one in found)
    lines = [f"{'':28}" + "".join(f"{word:>22}" for word in words) + f"{'all':>8}"]
    for kind in [*dict.fromkeys(one.kind for one in found), None]:
        cells = [sum(n for (k, w), n in counts.items() if w == word and kind in (k, None)) for word in words]
        lines.append(f"{kind or 'all':28}" + "".join(f"{cell or '':>22}" for cell in cells) + f"{sum(cells):>8}")
    bad = [f"{one.word}: {one.name}: {one.wrong} {one.detail[:300]!r}" for one in found if one.wrong]
    return "\n".join([*lines, f"{len(bad)} of {len(found)} outcomes may not be", *bad])

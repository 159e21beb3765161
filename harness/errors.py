"""The one error that a user's input can cause: it names the file and the key and says what to do."""

from __future__ import annotations

import difflib
import errno
import re
import reprlib
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError


MANY = 1000  # known words, beyond which only those that begin alike are compared
SHOWN = 20  # problems, or known words, that one message lists
LONGEST = 1500  # characters of a line of a message
WORD = 400  # characters without a blank


class InputError(Exception):
    """A mistake in a file, key or name that the user can mend; its message is the whole explanation.

    What it quotes of a file may be anything: signs that would steer a terminal are shown as codes, and what is endless is cut.
    """

    def __str__(self) -> str:
        return "\n".join(_readable(line) for line in super().__str__().split("\n"))


class Absent(InputError):
    """A material that no source holds: a substitute may take its place, which it never may of one that is there and wrong."""


def _readable(line: str) -> str:
    """Return a line in printable letters, long words and long lines cut."""
    shown = "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in line[: 4 * LONGEST])
    shown = re.sub(rf"\S{{{WORD},}}", lambda found: f"{found[0][: WORD // 2]}...{found[0][-WORD // 4 :]}", shown)
    return shown if len(shown) <= LONGEST and len(line) <= 4 * LONGEST else f"{shown[: LONGEST - 3]}..."


def closest(word: str, known: Iterable[str]) -> str:
    """Return ' (did you mean ...?)' for the known word most like `word`, else the list of known words; never `word` itself."""
    known, word = sorted({str(one) for one in known} - {str(word)}), str(word)[:80]
    if len(known) > MANY:  # all of a large ledger's ids would take a second each time
        known = [one for one in known if one[:3] == word[:3]]
    near = difflib.get_close_matches(str(word), known, n=1)
    return (
        f" (did you mean '{near[0]}'?)"
        if near
        else f" (known: {', '.join(known[:SHOWN]) or 'none'}{', ...' if len(known) > SHOWN else ''})"
    )


def brief(value: object) -> str:
    """Return the user's words, cut short: a file can hold far more than a message should."""
    short = reprlib.Repr()
    short.maxlevel, short.maxdict, short.maxlist, short.maxstring, short.maxother = 2, 3, 4, 60, 60
    return short.repr(value)


def explained(error: ValidationError, known: Iterable[str], prefix: str = "") -> list[str]:
    """Return each problem that pydantic found: the key under `prefix`, what is wrong, and the user's words."""
    found = []
    for problem in error.errors(include_url=False):
        key = ".".join(map(str, ([prefix] if prefix else []) + list(problem["loc"])))
        if problem["type"] == "extra_forbidden":
            inner = len(problem["loc"]) > 1  # the keys of an entry are not those of what stands in it
            found.append(f"unknown key '{key}'{'' if inner else closest(str(problem['loc'][-1]), known)}")
        elif problem["type"] == "missing":
            found.append(f"the key '{key}' is missing")
        else:
            whole = isinstance(problem["input"], dict) and not problem["loc"]  # of the entry as such, not of a key's value
            wrote = "" if whole else f" (you wrote: {brief(problem['input'])})"
            wrote += "; write it in quotes" if problem["type"] == "string_type" and isinstance(problem["input"], int | float) else ""
            found.append(f"{key + ': ' if key else ''}{problem['msg'].removeprefix('Value error, ')}{wrote}")
    return found


class Problems:
    """All that is wrong with a file, gathered and raised together."""

    def __init__(self) -> None:
        self.found: list[str] = []

    @contextmanager
    def each(self) -> Iterator[None]:
        """Go on after an InputError, and remember it."""
        try:
            yield
        except InputError as error:
            self.found.append(str(error))

    def raise_all(self) -> None:
        """Raise one InputError, a line each, if anything was wrong."""
        found = list(dict.fromkeys(self.found))
        if found:
            more = [f"and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
            raise InputError("\n".join([*found[:SHOWN], *more]))


def fitting(patterns: Collection[str], names: Iterable[str], where: str, kind: str) -> list[str]:
    """Return the names that fit any pattern, in their order; raise InputError for a pattern that fits none."""
    names = list(names)
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            raise InputError(f"{where}: '{pattern}' fits no {kind}{closest(pattern, names)}")
    return [name for name in names if any(fnmatchcase(name, pattern) for pattern in patterns)]


LONGEST_NAME = 150  # of the 255 bytes that a file's name may have
NAME = r"^[A-Za-z0-9][A-Za-z0-9_.+-]*$"  # names become file names, wildcards and words of a command


def refuse_name(name: object, where: object, kind: str) -> None:
    """Raise InputError for a name that could leave its folder, end a word of a command, or mean something to LaTeX."""
    if not (isinstance(name, str) and re.fullmatch(NAME[1:-1], name) and len(name) <= LONGEST_NAME):
        raise InputError(
            f"{where}: {kind} cannot be named {str(name)[:80]!r}; use letters, digits, . _ + - and begin with a letter or digit"
        )


def stage(main: Callable[[], int | None]) -> None:
    """Run a stage's main function: what a user can mend becomes one message on stderr and exit code 2."""
    try:
        sys.exit(main() or 0)
    except InputError as error:
        said = str(error)
    except MemoryError as error:
        said = f"out of memory{f' ({error})' if str(error) else ''}; run fewer jobs at once, as in `make tables CORES=1`, or on a larger machine"
    except OSError as error:  # read-only folder, no such device: the system's words and the path are the help
        said = f"{error.filename or 'a file'}: {error.strerror or error}{_room(error)}"
    print(f"error: {said}", file=sys.stderr)
    sys.exit(2)


def _room(error: OSError) -> str:
    """Say what to do where the disk is full; the system names no file then."""
    if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return ""
    return "; make room where `results` and `cache` of config.yaml lie, then run the same command again: what is finished is kept"

"""The one error that a user's input can cause: it names the file and the key and says what to do."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Callable, Collection, Iterable
from fnmatch import fnmatchcase


class InputError(Exception):
    """A mistake in a file, key or name that the user can mend; its message is the whole explanation."""


def closest(word: str, known: Iterable[str]) -> str:
    """Return ' (did you mean ...?)' for the known word most like `word`, else the list of known words."""
    known = sorted(map(str, known))
    near = difflib.get_close_matches(str(word), known, n=1)
    return f" (did you mean '{near[0]}'?)" if near else f" (known: {', '.join(known) or 'none'})"


def fitting(patterns: Collection[str], names: Iterable[str], where: str, kind: str) -> list[str]:
    """Return the names that fit any pattern, in their order; raise InputError for a pattern that fits none."""
    names = list(names)
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            raise InputError(f"{where}: '{pattern}' fits no {kind}{closest(pattern, names)}")
    return [name for name in names if any(fnmatchcase(name, pattern) for pattern in patterns)]


NAME = r"^[A-Za-z0-9][A-Za-z0-9_.+-]*$"  # names become file names, wildcards and words of a command


def refuse_name(name: object, where: object, kind: str) -> None:
    """Raise InputError for a name that could leave its folder, end a word of a command, or mean something to LaTeX."""
    if not (isinstance(name, str) and re.fullmatch(NAME[1:-1], name)):
        raise InputError(
            f"{where}: {kind} cannot be named {str(name)[:80]!r}; use letters, digits, . _ + - and begin with a letter or digit"
        )


def stage(main: Callable[[], int | None]) -> None:
    """Run a stage's main function: an InputError becomes one message on stderr and exit code 2."""
    try:
        sys.exit(main() or 0)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except OSError as error:  # no space left, read-only folder: the system's words and the path are the help
        print(f"error: {error.filename or 'a file'}: {error.strerror or error}", file=sys.stderr)
        sys.exit(2)

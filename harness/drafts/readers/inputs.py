"""A LaTeX document in one text: comments out, `\\input` files in, from inside its folder only."""

from __future__ import annotations

import re
from pathlib import Path

from harness.drafts.readers import files
from harness.drafts.readers.traced import Traced
from harness.drafts.shape import Place, Unread
from harness.errors import InputError
from harness.safe_yaml import LARGEST

DEEPEST = 30
_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*")
_HIDDEN = re.compile(
    r"\\begin\s*\{(?P<name>verbatim\*?|lstlisting|minted|comment|filecontents\*?)\}.*?\\end\s*\{(?P=name)\}|\\iffalse(?![A-Za-z]).*?\\fi(?![A-Za-z])",
    re.DOTALL,
)
_INPUT = re.compile(
    r"\\(?P<macro>input|include|subfile|subfileinclude|import|subimport)(?![A-Za-z])\s*(?:\{(?P<one>[^{}\n]*)\}(?:\s*\{(?P<two>[^{}\n]*)\})?|(?P<bare>[\w./-]+))"
)


def gathered(main: Path, root: Path) -> tuple[Traced, list[Unread]]:
    """Return the text of `main` with all that it reads in, and what could not be read; raise InputError for `main` itself."""
    text = Traced()
    unread: list[Unread] = []
    _append(main, root.resolve(), text, unread, ())
    return text, unread


def plain(text: str) -> str:
    """Return LaTeX without comments, code listings and what is switched off; every line keeps its number."""
    text = _COMMENT.sub(lambda found: found[1], text)
    end = text.find(r"\end{document}")
    text = text if end < 0 else text[:end]
    return _HIDDEN.sub(lambda found: "\n" * found[0].count("\n"), text)


def _append(path: Path, root: Path, out: Traced, unread: list[Unread], above: tuple[Path, ...]) -> None:
    name = _shown(path, root)
    written, note = files.read(path, name)
    if note:
        unread.append(Unread(Place(name, 1), note))
    text, done, line = plain(written), 0, 1
    for found in _INPUT.finditer(text):
        out.add(text[done : found.start()], Place(name, line))
        line += text.count("\n", done, found.end())
        done = found.end()
        here = Place(name, line)
        try:
            target = _target(found, path, root)
            _append(target, root, out, unread, _deeper(target, (*above, path.resolve())))
        except InputError as error:
            unread.append(Unread(here, f"{found[0].strip()} is not read: {error}"))
        if out.length > LARGEST:
            raise InputError(
                f"{name}: more than {LARGEST} characters with all that it reads in; give the part that holds the tables"
            )
    out.add(text[done:], Place(name, line))


def _deeper(target: Path, above: tuple[Path, ...]) -> tuple[Path, ...]:
    if target in above or len(above) >= DEEPEST:
        raise InputError("the files read one another in a circle")
    return above


def _target(found: re.Match[str], path: Path, root: Path) -> Path:
    """Return the file that a macro names; raise InputError for one outside the folder or none."""
    word = (found["one"] if found["one"] is not None else found["bare"] or "").strip().strip('"')
    if found["macro"] in ("import", "subimport") and found["two"] is not None:
        word = f"{word}/{found['two'].strip()}"
    if not word or "\\" in word or "#" in word:
        raise InputError("its name is not written out")
    for folder in (root, path.parent):
        for name in (f"{word}.tex", word):
            target = (folder / name).resolve()
            if not target.is_relative_to(root):
                raise InputError("it lies outside the folder of the source; copy it into the folder")
            if target.is_file():
                return target
    raise InputError("there is no such file in the folder of the source")


def _shown(path: Path, root: Path) -> str:
    resolved = path.resolve()
    return str(resolved.relative_to(root)) if resolved.is_relative_to(root) else path.name

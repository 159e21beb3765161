"""Opening a source: a file of a known kind, or a folder with one main file."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from harness.drafts.readers import delimited, files, html, latex, markdown
from harness.drafts.shape import Source
from harness.errors import InputError

Reader = Callable[[Path, Path], Source]
READERS: dict[str, Reader] = {
    ".tex": latex.read, ".ltx": latex.read, ".latex": latex.read, ".html": html.read, ".htm": html.read, ".xhtml": html.read, ".md": markdown.read,
    ".markdown": markdown.read, ".csv": delimited.read, ".tsv": delimited.read,
}  # fmt: skip
KINDS = ".tex, .html, .md, .csv or .tsv"
_BEGUN = re.compile(r"^[^%\n]*\\begin\s*\{document\}", re.MULTILINE)


def opened(given: Path) -> Source:
    """Return what a source holds; raise InputError, in one line, for what cannot be read and what to give instead."""
    main = _main(given) if given.is_dir() else given
    reader = READERS.get(main.suffix.lower())
    if reader is None:
        files.read(main)  # a PDF, a picture or a missing file says more than its name
        raise InputError(f"{main}: of no known kind; give a {KINDS} file, or a folder with one main .tex file")
    source = reader(main, given if given.is_dir() else main.parent)
    source.root = given if given.is_dir() and main.suffix in (".tex", ".ltx", ".latex") else main.parent
    return source


def _main(folder: Path) -> Path:
    """Return the one main file of a folder: the LaTeX file that begins a document, else the only file of a known kind."""
    tex = sorted(
        path
        for path in folder.rglob("*.tex")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    begun = [path for path in tex[:1000] if _BEGUN.search(_text(path))]
    found = begun or tex or sorted(path for path in folder.iterdir() if path.suffix.lower() in READERS)
    if len(found) == 1:
        return found[0]
    if not found:
        raise InputError(f"{folder}: no {KINDS} file in this folder; give the file that holds the tables")
    names = ", ".join(str(path.relative_to(folder)) for path in found[:10])
    what = "begin a document" if begun else "could be meant"
    raise InputError(
        f"{folder}: {len(found)} files {what} ({names}{', ...' if len(found) > 10 else ''}); give one of them as PAPER"
    )


def _text(path: Path) -> str:
    try:
        return files.read(path)[0]
    except InputError:
        return ""

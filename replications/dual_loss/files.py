"""A user's own syllabi: files and their labels, read or refused one by one."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from harness.data.collection import Collection
from harness.errors import InputError

from .answers import CATEGORIES, label
from .names import NONE

LARGEST = 20_000_000  # bytes: a syllabus is text, and what is larger is something else
ENDINGS = (".md", ".txt", ".pdf")


def read(path: Path) -> str:
    """Return a syllabus's text; raise InputError that says why there is none."""
    try:
        return _text(path)
    except OSError as error:  # no right to read it, a disk that fails: one file's fault, and the others are read
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from None


def _text(path: Path) -> str:
    if not path.is_file():
        raise InputError(f"{path}: {'a folder' if path.is_dir() else 'a broken link or a device'}, not a file")
    size = path.stat().st_size
    if size == 0:
        raise InputError(f"{path}: 0 bytes")
    if size > LARGEST:
        raise InputError(f"{path}: {size / 1e6:.0f} MB, more than the {LARGEST / 1e6:.0f} MB that a syllabus may have")
    try:
        text = _pdf(path) if path.suffix.lower() == ".pdf" else path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    if not text.strip():
        raise InputError(f"{path}: no text in it" + (" (a scan?)" if path.suffix.lower() == ".pdf" else ""))
    return text


def _pdf(path: Path) -> str:
    from pypdf import PdfReader

    try:
        return "\n\n".join(page.extract_text() or "" for page in PdfReader(path).pages)
    except Exception as error:  # a damaged file shows in many ways, not all of them pypdf's own
        raise InputError(f"{path}: no readable PDF ({type(error).__name__}: {error})") from None


def labels(path: Path) -> dict[str, dict[str, str]]:
    """Return the CSV's rows by file name, their labels as they are compared; raise InputError for a fault, with its line."""
    found: dict[str, dict[str, str]] = {}
    for where, cells in _rows(path):
        for column in ("file", *CATEGORIES.values()):
            if not cells.get(column):
                raise InputError(f"{where}: the column '{column}' is missing or empty; write {NONE} where there is no answer")
        cells["file"] = _composed(cells["file"])
        if cells["file"] in found:
            raise InputError(f"{where}: '{cells['file']}' has a row already")
        for category, column in CATEGORIES.items():
            try:
                cells[column] = label(category, cells[column])
            except InputError as error:
                raise InputError(f"{where}: {column}: {error}") from None
        found[cells["file"]] = cells
    return found


def _composed(name: str) -> str:
    """Return a file's name with composed letters: 'ü' may be one character in the labels and two on the disk."""
    return unicodedata.normalize("NFC", name)


def _rows(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Give each row as `path:line`, the line on which it ends, and its cells by column; white space around them is no part."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as opened:
            lines = csv.reader(opened)
            try:
                columns = [cell.strip() for cell in next(lines, [])]
                for row in lines:
                    cells, where = [cell.strip() for cell in row], f"{path}:{lines.line_num}"
                    if any(cells[len(columns) :]):
                        raise InputError(f"{where}: more cells than columns; put a cell that holds a comma in double quotes")
                    if any(cells):
                        yield where, dict(zip(columns, cells, strict=False))
            except csv.Error as error:
                raise InputError(f"{path}:{lines.line_num}: cannot be read ({error})") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({error})") from None


def _unread(name: str, folder: Path, here: set[str]) -> str:
    """Say why a labelled file is not among those that are read."""
    if "/" in name or "\\" in name:
        return f"{name}: labelled, but outside {folder} or in a subfolder; give the name of a file that lies in it"
    if name not in here:
        return f"{name}: labelled, but not in {folder}"
    return f"{name}: labelled, but its ending is not one that is read ({', '.join(ENDINGS)})"


def gathered(folder: Path, labelled: dict[str, dict[str, str]], skipped: list[str]) -> Collection:
    """Return the usable syllabi as a collection; what is not usable is appended to `skipped`, each with its reason."""
    texts: dict[str, str] = {}
    here = [(_composed(path.name), path) for path in sorted(folder.iterdir())]
    paths = [(name, path) for name, path in here if path.suffix.lower() in ENDINGS]
    names, readable = {name for name, _ in here}, {name for name, _ in paths}
    skipped += [_unread(name, folder, names) for name in labelled if name not in readable]
    for name, path in paths:
        try:
            if name not in labelled:
                raise InputError(f"{path}: no row in the labels")
            if name in texts:
                raise InputError(f"{path}: another file has this name, its letters composed otherwise")
            texts[name] = read(path)
        except InputError as error:
            skipped.append(str(error))
    if not texts:
        raise InputError(f"{folder}: no usable syllabus:\n" + "\n".join(f"  - {line}" for line in skipped))
    named = {column: {name: labelled[name][column] for name in texts} for column in CATEGORIES.values()}
    named["institution"] = {name: labelled[name].get("institution") or "not given" for name in texts}
    ids = list(texts)
    empty: dict[str, object] = {"query_ids": [], "queries": [], "qrels": {}, "candidates": None, "made": False}
    return Collection(
        name="own", split="test", document_ids=ids, titles=[""] * len(ids), texts=list(texts.values()), labels=named, **empty
    )  # type: ignore[arg-type]

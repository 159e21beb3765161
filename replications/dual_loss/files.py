"""A user's own syllabi: files and their labels, read or refused one by one."""

from __future__ import annotations

import csv
from pathlib import Path

from harness.collection import Collection
from harness.errors import InputError

from .answers import CATEGORIES, NONE, states

LARGEST = 20_000_000  # bytes: a syllabus is text, and what is larger is something else
ENDINGS = (".md", ".txt", ".pdf")


def read(path: Path) -> str:
    """Return a syllabus's text; raise InputError that says why there is none."""
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
    from pypdf.errors import PyPdfError

    try:
        return "\n\n".join(page.extract_text() or "" for page in PdfReader(path).pages)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError) as error:  # a damaged file shows in many ways
        raise InputError(f"{path}: no readable PDF ({type(error).__name__}: {error})") from None


def labels(path: Path) -> dict[str, dict[str, str]]:
    """Return the CSV's rows by file name; raise InputError for a missing column, or a file that has two rows."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as opened:
            rows = list(csv.DictReader(opened))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({error})") from None
    found: dict[str, dict[str, str]] = {}
    for number, row in enumerate(rows, start=2):
        for column in ("file", *CATEGORIES.values()):
            if not (row.get(column) or "").strip():
                raise InputError(
                    f"{path}:{number}: the column '{column}' is missing or empty; write {NONE} where there is no answer"
                )
        if row["file"] in found:
            raise InputError(f"{path}:{number}: '{row['file']}' has a row already")
        found[row["file"]] = row
    return found


def gathered(folder: Path, labelled: dict[str, dict[str, str]], skipped: list[str]) -> Collection:
    """Return the usable syllabi as a collection; what is not usable is appended to `skipped`, each with its reason."""
    texts: dict[str, str] = {}
    skipped += [f"{name}: labelled, but not in {folder}" for name in labelled if not (folder / name).is_file()]
    for path in sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS):
        try:
            if path.name not in labelled:
                raise InputError(f"{path}: no row in the labels")
            text = read(path)
            for category, column in CATEGORIES.items():
                answer = labelled[path.name][column]
                if answer != NONE and not states(text, category, answer):
                    raise InputError(f"{path}: {column}: '{answer}' is nowhere in the text")
            texts[path.name] = text
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

"""The bytes of a source file as text: what is no text is refused in one line that says what to give instead."""

from __future__ import annotations

from pathlib import Path

from harness.errors import InputError
from harness.safe_yaml import LARGEST

PDF = "a PDF holds no tables, only where letters stand; give its LaTeX (arXiv: 'Other formats', then 'TeX Source') or its HTML (arXiv: 'HTML (experimental)'), saved to disk"
KNOWN = {
    b"%PDF": PDF,
    b"PK\x03\x04": "a zip archive or an office document; unpack it, or save the document as HTML",
    b"\x1f\x8b": "a packed file; unpack it first (`tar xzf FILE` for a source from arXiv) and give the folder",
    b"\x89PNG": "a picture; numbers in pictures cannot be read, give the LaTeX, HTML, Markdown or CSV",
    b"\xff\xd8\xff": "a picture; numbers in pictures cannot be read, give the LaTeX, HTML, Markdown or CSV",
    b"{\\rtf": "a rich-text document; save it as HTML",
}


def read(path: Path, shown: str | None = None) -> tuple[str, str]:
    """Return the text of a file with Unix line ends, and a note on its encoding ('' for UTF-8); raise InputError that says what to do."""
    name = shown or str(path)
    data = _bytes(path, name)
    for start, what in KNOWN.items():
        if data.lstrip()[: len(start)] == start:
            raise InputError(f"{name}: {what}")
    if not data.strip():
        raise InputError(f"{name}: the file is empty; is this the right one?")
    text, note = _decoded(data, name)
    return text.replace("\r\n", "\n").replace("\r", "\n"), note


def _bytes(path: Path, name: str) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise InputError(f"{name}: not a file")
        if (size := path.stat().st_size) > LARGEST:
            raise InputError(f"{name}: {size} bytes; at most {LARGEST} are read, so give the part that holds the tables")
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{name}: the file is missing; give the path of a .tex, .html, .md, .csv or .tsv file") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{name}: cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _decoded(data: bytes, name: str) -> tuple[str, str]:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return data.decode("utf-16"), "read as UTF-16"
        except UnicodeDecodeError:
            raise InputError(f"{name}: neither UTF-8 nor UTF-16; save it as UTF-8") from None
    if b"\0" in data:
        raise InputError(f"{name}: a binary file, no text; give the LaTeX, HTML, Markdown or CSV")
    try:
        return data.decode("utf-8-sig"), ""
    except UnicodeDecodeError as error:
        if sum(byte < 32 and byte not in (9, 10, 12, 13) for byte in data) > len(data) / 1000:
            raise InputError(f"{name}: a binary file, no text; give the LaTeX, HTML, Markdown or CSV") from None
        return data.decode("cp1252", "replace"), f"not UTF-8 at byte {error.start}; read as Latin-1"

"""CSV and TSV: one table a block of lines; Python's csv module parses it."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from harness.drafts.readers import files, latex_cell
from harness.drafts.readers.spans import Spanning, Written, laid_out
from harness.drafts.shape import Cell, Place, Source, Table, Unread
from harness.errors import InputError

_BOLD = re.compile(r"^\s*(?:\*\*(.+)\*\*|__(.+)__|<b>(.+)</b>)\s*$")
_UNDER = re.compile(r"^\s*<u>(.+)</u>\s*$")


def read(path: Path, root: Path) -> Source:
    """Return the tables of a CSV or TSV file; blank lines part tables; raise InputError where it cannot be read."""
    text, note = files.read(path)
    source = of_text(text, path.name)
    if note:
        source.unread.append(Unread(Place(path.name, 1), note))
    return source


def of_text(text: str, file: str) -> Source:
    """Return the tables of delimited text; lines that begin with # before a table are its caption."""
    source = Source(Path(file).stem)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text, file), strict=True)
    written: list[Written] = []
    caption: list[str] = []
    try:
        for row in reader:
            line = reader.line_num
            if not any(cell.strip() for cell in row):
                _finish(source, written, caption, file)
                written, caption = [], []
            elif row[0].lstrip().startswith("# ") and not written:
                caption.append(" ".join(row).strip("# "))
            else:
                cells = [Spanning(_cell(text)) for text in row]
                written.append(Written(cells, Place(file, line), len(written) == 1, ", ".join(row)))
    except csv.Error as error:
        raise InputError(
            f"{file}:{reader.line_num}: no table of comma- or tab-separated values ({error}); save it as CSV again"
        ) from None
    _finish(source, written, caption, file)
    return source


def _finish(source: Source, written: list[Written], caption: list[str], file: str) -> None:
    if len(written) > 1:
        source.tables.append(
            Table(laid_out(written, pushing=False), written[0].place, " ".join(caption), str(len(source.tables) + 1))
        )
    elif written:
        source.unread.append(Unread(written[0].place, "a line by itself, no table"))


def _delimiter(text: str, file: str) -> str:
    """Return the sign that parts most lines into the same number of cells."""
    if file.lower().endswith(".tsv"):
        return "\t"
    lines = [line for line in text.split("\n")[:50] if line.strip()]
    counts = {sign: sorted(line.count(sign) for line in lines) for sign in ("\t", ";", ",")}
    return max(counts, key=lambda sign: (counts[sign][0] > 0, counts[sign][len(lines) // 2]))


def _cell(text: str) -> Cell:
    bold, under = _BOLD.match(text), _UNDER.match(text)
    inner = next((part for part in (bold.groups() if bold else under.groups() if under else ()) if part), text)
    cell = latex_cell.read(inner) if "\\" in inner or "$" in inner else Cell(re.sub(r"\s+", " ", inner).strip())
    marks = "".join(re.findall(r"[*†‡§¶]", cell.text)) if re.search(r"\d", cell.text) else ""
    return Cell(cell.text, bool(bold) or cell.bold, bool(under) or cell.underline, cell.marks or marks)

"""What every reader gives back: tables of cells as printed, sentences with numbers, and what was not understood."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, order=True)
class Place:
    """A line of a source file; lines count from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Cell:
    """One cell as printed. `bold`, `underline`: of its number, else of its words. `marks`: footnote signs.

    `aside`: small print beside the number that is no part of it. `faint`: grey or struck out. `copied`: the cell spans
    several rows or columns, and this is not the first. `picture`: it holds an image.
    """

    text: str
    bold: bool = False
    underline: bool = False
    marks: str = ""
    aside: str = ""
    faint: bool = False
    heading: bool = False
    copied: bool = False
    picture: bool = False


EMPTY = Cell("")


@dataclass(frozen=True)
class Row:
    """The cells of a row, all columns filled, with its line; `ruled`: a line is drawn across the whole table above it."""

    cells: tuple[Cell, ...]
    place: Place
    ruled: bool = False
    quoted: str = ""


@dataclass(frozen=True)
class Table:
    """A table: its rows (headings among them), its caption and where it begins. `headed`: the rows that are headings, if known."""

    rows: tuple[Row, ...]
    place: Place
    caption: str = ""
    number: str = ""
    label: str = ""
    headed: int | None = None


@dataclass(frozen=True)
class Sentence:
    """A sentence that holds a number; `part` is 'abstract' or 'text'; `tables` are the labels or numbers of tables it points to."""

    text: str
    place: Place
    part: str = "text"
    tables: tuple[str, ...] = ()
    quoted: str = ""


@dataclass(frozen=True)
class Unread:
    """What was not understood, and where; the rest was read."""

    place: Place
    what: str


@dataclass
class Source:
    """All that was read of a paper."""

    title: str
    root: Path | None = None  # the folder that places name files in
    tables: list[Table] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)

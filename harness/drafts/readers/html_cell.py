"""The words and marks of an HTML element."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from harness.drafts.readers import latex_cell
from harness.drafts.readers.runs import Run, Style
from harness.drafts.shape import Cell

DEEPEST = 200  # elements inside one another in a cell
BOLD = re.compile(r"(?:^|[\s;])font-weight\s*:\s*(?:bold|[6-9]00)|ltx_font_bold|ltx_markedasmath_bold")
_UNDER = re.compile(r"text-decoration[a-z-]*\s*:[^;]*underline|ltx_framed_underline|ltx_ulem_uline|ltx_ulem_underline")
_FAINT = re.compile(r"line-through|color\s*:\s*(?:gr[ae]y|#([89a-d])\1{2}\b|#([89A-Da-d][0-9A-Fa-f])\2{2}\b)", re.IGNORECASE)


class Reader:
    """Walks an element and gathers runs."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.picture = False

    def inside(self, element: Any, style: Style, depth: int) -> None:
        """Read what stands in an element."""
        if element.text:
            self.runs.append(Run(element.text, style))
        for child in element:
            self._child(child, style, depth)
            if child.tail:
                self.runs.append(Run(child.tail, style))

    def _child(self, child: Any, style: Style, depth: int) -> None:
        tag, words = child.tag, f"{child.get('class', '')} {child.get('style', '')}"
        if (
            not isinstance(tag, str)
            or tag in ("script", "style", "table")
            or depth > DEEPEST
            or "ltx_note_outer" in words
            or ("ltx_tabular" in words and _many(child))
        ):
            return
        if tag == "math":
            self._formula(child, style)
            return
        self.picture = self.picture or tag in ("img", "svg", "picture")
        if tag == "br":
            self.runs.append(Run(" ", style))
        bold = style.bold or tag in ("b", "strong") or bool(BOLD.search(words))
        under = style.underline or tag in ("u", "ins") or bool(_UNDER.search(words))
        faint = style.faint or tag in ("s", "del", "strike") or bool(_FAINT.search(words))
        level = {"sup": 1, "sub": -1}.get(tag, style.level)
        self.inside(child, replace(style, bold=bold, underline=under, faint=faint, level=level), depth + 1)
        if tag in ("p", "div", "li", "span") and ("ltx_tr" in words or tag != "span"):
            self.runs.append(Run(" ", style))

    def _formula(self, child: Any, style: Style) -> None:
        tex = child.get("alttext") or next(
            (a.text or "" for a in child.iter("annotation") if "tex" in a.get("encoding", "tex")), ""
        )
        cell = latex_cell.read(f"${tex}$") if tex else Cell(flat(child))
        style = replace(style, bold=style.bold or cell.bold, underline=style.underline or cell.underline)
        if cell.text:
            self.runs.append(Run(cell.text, style))
        for small in (cell.marks, cell.aside):
            if small and small not in cell.text:
                self.runs.append(Run(small, replace(style, level=1)))


def rows(table: Any) -> Iterator[Any]:
    """Yield the rows of a table, those of tables inside it too."""
    return iter(table.xpath(".//tr | .//*[not(self::tr)][contains(concat(' ', normalize-space(@class), ' '), ' ltx_tr ')]"))


def cells(row: Any) -> list[Any]:
    """Return the cells of a row."""
    return list(row.xpath("./td | ./th")) or list(
        row.xpath("./*[contains(concat(' ', normalize-space(@class), ' '), ' ltx_td ')]")
    )


def _many(element: Any) -> bool:
    return any(len(cells(row)) > 1 for row in rows(element))


def flat(element: Any) -> str:
    """Return the words of an element on one line."""
    return re.sub(r"\s+", " ", element.text_content()).strip()


def words(element: Any) -> str:
    """Return the words of an element, formulas read."""
    reader = Reader()
    reader.inside(element, Style(), 0)
    return re.sub(r"\s+", " ", "".join(run.text for run in reader.runs)).strip()

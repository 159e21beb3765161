"""LaTeX: tables with their captions, and the sentences around them."""

from __future__ import annotations

import re
from pathlib import Path

from harness.drafts.readers import environments, inputs, latex_cell, macros, prose, tabular
from harness.drafts.readers.braces import argument, closing, option
from harness.drafts.readers.environments import Environment
from harness.drafts.readers.spans import laid_out
from harness.drafts.readers.traced import Traced
from harness.drafts.shape import Place, Source, Table, Unread

# The arguments that stand before the body.
TABULARS = {
    "tabular": 1, "tabular*": 2, "tabularx": 2, "tabulary": 2, "longtable": 1, "longtabu": 1, "tabu": 1, "tblr": 1, "longtblr": 1, "talltblr": 1, "array": 1,
    "NiceTabular": 1, "NiceTabular*": 2, "NiceTabularX": 2, "supertabular": 1, "xtabular": 1, "mpsupertabular": 1, "tabularew": 1, "xltabular": 2, "deluxetable": 1,
}  # fmt: skip
_CAPTION = re.compile(
    r"\\(?:caption|captionof\s*\{\s*table\s*\}|tabcaption|captionsetup\*?|tablecaption|tbl|topcaption|bottomcaption)\*?(?=\s*[\[{])"
)
_LABEL = re.compile(r"\\label\s*\{([^{}]*)\}")
_TITLE = re.compile(r"\\(?:title|icmltitle|icmltitlerunning)\s*(?:\[[^\]]*\])?\s*(?=\{)")
_TABLE_FLOATS = (
    "table",
    "table*",
    "longtable",
    "sidewaystable",
    "sidewaystable*",
    "wraptable",
    "longtblr",
    "supertabular",
    "xltabular",
    "threeparttable",
)


def read(main: Path, root: Path) -> Source:
    """Return the tables and sentences of a LaTeX document; raise InputError where the file itself cannot be read."""
    gathered, unread = inputs.gathered(main, root)
    return of_text(gathered, unread, main.stem)


def of_text(gathered: Traced, unread: list[Unread], name: str) -> Source:
    """Return the tables and sentences of a gathered text."""
    traced, given_up = macros.expanded(gathered)
    text = traced.text
    found, loose = environments.found(text)
    source = Source(_title(text) or name, unread=[*unread, *given_up])
    tables = [at for at, one in enumerate(found) if one.name in TABULARS]
    held = _inside(found, set(tables))
    captions = _Captions(text, found)
    for at in tables:
        if at in held and "&" not in text[found[at].inner : found[at].outer]:
            continue  # lines inside a cell
        inner = [found[one] for one in tables if held.get(one) == at and "&" in text[found[one].inner : found[one].outer]]
        if found[at].name == "array" and not _numbers(text[found[at].inner : found[at].outer]):
            continue
        _table(source, traced, found, at, inner, captions)
    listed = {"table", "table*", *TABULARS}
    source.unread += [
        Unread(traced.place(at), f"{what}; what stands there may be missed") for at, what in loose if _named(what) in listed
    ]
    if not balanced_enough(text):
        source.unread.append(Unread(traced.place(0), "the braces of the document do not balance; tables are read one by one"))
    prose.of_latex(source, traced, found)
    return source


def balanced_enough(text: str) -> bool:
    """Say whether as many braces open as close."""
    return len(re.findall(r"(?<!\\)\{", text)) == len(re.findall(r"(?<!\\)\}", text))


def _named(what: str) -> str:
    found = re.search(r"\{(.*?)\}", what)
    return found[1] if found else ""


def _numbers(text: str) -> bool:
    return len(re.findall(r"\d\.\d|\d\d", text)) >= 4


def _inside(found: list[Environment], tables: set[int]) -> dict[int, int]:
    """Return, for each table that stands in another one, the nearest one around it."""
    held = {}
    for at in tables:
        above = found[at].parent
        while above is not None and above not in tables:
            above = found[above].parent
        if above is not None:
            held[at] = above
    return held


def _table(
    source: Source, traced: Traced, found: list[Environment], at: int, inner: list[Environment], captions: _Captions
) -> None:
    one, text = found[at], traced.text
    start = _body(text, one)
    if start is None:
        source.unread.append(
            Unread(traced.place(one.start), f"the columns of \\begin{{{one.name}}} are not given; the table is not read")
        )
        return
    body = text[start : one.outer]
    for nested in inner:
        body = (
            body[: nested.start - start]
            + re.sub(r"[^\n]", " ", body[nested.start - start : nested.end - start])
            + body[nested.end - start :]
        )
        source.unread.append(Unread(traced.place(nested.start), "a table inside a table; it is read as a table of its own"))
    written, unread = tabular.rows(body, lambda offset: traced.place(start + offset))
    source.unread += unread
    rows = laid_out(written, pushing=False)
    caption, number, label = captions.of(at)
    place = traced.place(one.start)
    if any(cell.picture for row in rows for cell in row.cells) and not _numbers(
        " ".join(c.text for row in rows for c in row.cells)
    ):
        source.unread.append(Unread(place, "a table of pictures; its numbers cannot be read, write them into a CSV"))
    elif rows:
        source.tables.append(Table(rows, place, caption, number, label))


def _body(text: str, one: Environment) -> int | None:
    """Return where the rows begin, behind the column specification."""
    at, needed = one.inner, TABULARS[one.name]
    while skipped := option(text, at):
        at = skipped[1]
    if one.name in ("tabu", "longtabu") and (spread := re.compile(r"\s*(?:to|spread)\s*[^{]*").match(text, at)):
        at = spread.end()
    for _ in range(needed):
        if (given := argument(text, at)) is None:
            return None
        at = given[1]
        while skipped := option(text, at):
            at = skipped[1]
    return at if at <= one.outer else None


def _title(text: str) -> str:
    if (found := _TITLE.search(text)) and (given := argument(text, found.end())):
        return latex_cell.read(given[0][:1000]).text[:200]
    return ""


class _Captions:
    """The caption, number and label of each table: those of the nearest environment around it that has a caption."""

    def __init__(self, text: str, found: list[Environment]) -> None:
        self.text, self.found = text, found
        self.captions = [hit.start() for hit in _CAPTION.finditer(text) if not hit[0].startswith("\\captionsetup")]
        self.numbers: dict[int, str] = {}
        count = 0
        for at, one in enumerate(found):
            if one.name in _TABLE_FLOATS and self._inside(one) and not self._counted(at):
                count += 1
                self.numbers[at] = str(count)

    def of(self, at: int) -> tuple[str, str, str]:
        """Return caption, number and label of the table that is environment `at`; '' where there is none."""
        here: int | None = at
        one = self.found[at]
        while here is not None:
            inside = self._inside(self.found[here])
            if inside:
                nearest = min(inside, key=lambda offset: min(abs(offset - one.end), abs(offset - one.start)))
                return self._words(nearest), self._number(here), self._label(self.found[here], nearest)
            here = self.found[here].parent
        return "", "", ""

    def _inside(self, one: Environment) -> list[int]:
        from bisect import bisect_left

        return (
            []
            if one.name == "document"
            else self.captions[bisect_left(self.captions, one.start) : bisect_left(self.captions, one.end)]
        )

    def _counted(self, at: int) -> bool:
        above = self.found[at].parent
        return above is not None and (above in self.numbers or self._counted(above))

    def _number(self, at: int | None) -> str:
        while at is not None:
            if at in self.numbers:
                return self.numbers[at]
            at = self.found[at].parent
        return ""

    def _words(self, offset: int) -> str:
        start = self.text.find("{", offset)
        if self.text.startswith("\\captionof", offset):
            start = self.text.find("{", self.text.find("}", start))
        end = closing(self.text, start, min(len(self.text), start + 20_000)) if start >= 0 else None
        return latex_cell.read(self.text[start + 1 : end - 1]).text if end else ""

    def _label(self, one: Environment, nearest: int) -> str:
        labels = list(_LABEL.finditer(self.text, one.start, one.end))
        return min(labels, key=lambda hit: abs(hit.start() - nearest))[1] if labels else ""


__all__ = ["Place", "of_text", "read"]

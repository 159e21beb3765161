"""LaTeX: tables with their captions, and the sentences around them."""

from __future__ import annotations

import re
from pathlib import Path

from harness.drafts.readers import environments, inputs, latex_cell, macros, prose, tabular
from harness.drafts.readers.braces import argument, option
from harness.drafts.readers.captions import Captions
from harness.drafts.readers.environments import Environment
from harness.drafts.readers.spans import laid_out
from harness.drafts.readers.traced import Traced
from harness.drafts.shape import Source, Table, Unread

# The arguments that stand before the body.
TABULARS = {
    "tabular": 1, "tabular*": 2, "tabularx": 2, "tabulary": 2, "longtable": 1, "longtabu": 1, "tabu": 1, "tblr": 1, "longtblr": 1, "talltblr": 1, "array": 1,
    "NiceTabular": 1, "NiceTabular*": 2, "NiceTabularX": 2, "supertabular": 1, "xtabular": 1, "mpsupertabular": 1, "tabularew": 1, "xltabular": 2, "deluxetable": 1,
}  # fmt: skip
_TITLE = re.compile(r"\\(?:title|icmltitle|icmltitlerunning)\s*(?:\[[^\]]*\])?\s*(?=\{)")


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
    captions = Captions(text, found)
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
    source: Source, traced: Traced, found: list[Environment], at: int, inner: list[Environment], captions: Captions
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

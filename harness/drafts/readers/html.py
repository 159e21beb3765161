"""HTML, such as an arXiv page saved to disk: tables, captions and sentences; lxml parses it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.drafts.readers import files, html_cell, prose
from harness.drafts.readers.runs import Style, joined
from harness.drafts.readers.spans import Spanning, Written, laid_out
from harness.drafts.shape import Place, Row, Source, Table, Unread

_NUMBER = re.compile(r"^\s*Table\s+([A-Z]?\d+|[IVX]+)\b[.:]?", re.IGNORECASE)


def read(path: Path, root: Path) -> Source:
    """Return the tables and sentences of an HTML file; raise InputError where it cannot be read."""
    text, note = files.read(path)
    source = of_text(text, path.name, 0)
    if note:
        source.unread.append(Unread(Place(path.name, 1), note))
    return source


def of_text(text: str, file: str, before: int) -> Source:
    """Return the tables and sentences of HTML that begins after `before` lines of a file."""
    import lxml.html

    source = Source(Path(file).stem)
    if not text.strip():
        return source
    parser = lxml.html.HTMLParser(no_network=True, huge_tree=True, remove_comments=True, encoding="utf-8")
    root = lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser=parser, ensure_head_body=True)
    titles = root.xpath("//h1[contains(@class, 'ltx_title_document')] | //title")
    source.title = html_cell.flat(titles[0])[:200] if titles and html_cell.flat(titles[0]) else source.title
    for table in _tables(root):
        _table(source, table, file, before)
    for part, paragraphs in (("abstract", _paragraphs(root, True)), ("text", _paragraphs(root, False))):
        prose.of_plain(source, "", [(_line(one) + before, words) for one, words in paragraphs], part, file)
    return source


def _tables(root: Any) -> list[Any]:
    """Return tables written as <table>, and those that arXiv writes as spans of class ltx_tabular."""
    found = root.xpath("//table | //*[not(self::table)][contains(concat(' ', normalize-space(@class), ' '), ' ltx_tabular ')]")
    return [one for one in found if "ltx_equation" not in one.get("class", "") and "ltx_eqn" not in one.get("class", "")]


def _table(source: Source, table: Any, file: str, before: int) -> None:
    place = Place(file, _line(table) + before)
    lines = [row for row in html_cell.rows(table) if _own(row, table)]
    if not lines:
        return
    inner = [one for one in _tables(table) if one is not table and any(True for _ in one.iterancestors("table", "span"))]
    if any(len(list(html_cell.rows(one))) > 1 for one in inner):
        source.unread.append(Unread(place, "tables inside a table; each is read as a table of its own"))
    written: list[Written] = []
    heads = 0
    for row in lines:
        spanning = [_spanning(cell) for cell in html_cell.cells(row)]
        if heads == len(written) and spanning and (_in_head(row) or all(one.cell.heading for one in spanning)):
            heads += 1
        quoted = " | ".join(one.cell.text for one in spanning)
        written.append(Written(spanning, Place(file, _line(row) + before), _ruled(row), quoted))
    rows: tuple[Row, ...] = laid_out(written, pushing=True)
    cells = [cell for row in rows for cell in row.cells]
    if any(cell.picture for cell in cells) and not any(re.search(r"\d", cell.text) for cell in cells):
        source.unread.append(Unread(place, "a table of pictures; its numbers cannot be read, write them into a CSV"))
        return
    caption = _caption(table)
    number = _NUMBER.match(caption)
    source.tables.append(
        Table(rows, place, caption, number[1] if number else "", table.get("id", ""), heads if 0 < heads < len(rows) else None)
    )


def _own(one: Any, table: Any) -> bool:
    """Say whether a row belongs to this table, not to one inside it."""
    for above in one.iterancestors():
        if above is table:
            return True
        if above.tag == "table" or "ltx_tabular" in (above.get("class") or "").split():
            return False
    return False


def _in_head(row: Any) -> bool:
    return any(
        above.tag == "thead" or "ltx_thead" in above.get("class", "") for above in row.iterancestors("thead", "span", "div")
    )


def _ruled(row: Any) -> bool:
    """Say whether arXiv drew a line above every cell of the row, or the row opens a part of the table."""
    cells = html_cell.cells(row)
    lined = [cell for cell in cells if re.search(r"ltx_border_tt?(?:\s|$)", cell.get("class", ""))]
    opens = row.tag == "tr" and row.getparent() is not None and row.getparent().tag == "tbody" and row.getprevious() is None
    return bool(cells) and (2 * len(lined) > len(cells) or opens)


def _spanning(cell: Any) -> Spanning:
    reader = html_cell.Reader()
    reader.inside(cell, Style(bold=bool(html_cell.BOLD.search(f"{cell.get('class', '')} {cell.get('style', '')}"))), 0)
    heading = (cell.tag == "th" and "ltx_th_row" not in cell.get("class", "")) or "ltx_th_column" in cell.get("class", "")
    sizes = [
        int(value) if re.fullmatch(r"\d{1,4}", value := cell.get(name, "1").strip()) else 1 for name in ("rowspan", "colspan")
    ]
    classed = [
        int(hit[1]) if (hit := re.search(rf"ltx_{name}_(\d{{1,3}})", cell.get("class", ""))) else 1
        for name in ("rowspan", "colspan")
    ]
    return Spanning(joined(reader.runs, heading, reader.picture), max(1, sizes[0], classed[0]), max(1, sizes[1], classed[1]))


def _line(element: Any) -> int:
    return int(element.sourceline or 1)


def _caption(table: Any) -> str:
    own = table.xpath("./caption")
    figures = [above for above in table.iterancestors("figure") if above.xpath("./figcaption | ./*/figcaption")]
    found = own or (figures[0].xpath("./figcaption | ./*/figcaption") if figures else [])
    return html_cell.words(found[0]) if found else ""


def _paragraphs(root: Any, abstract: bool) -> Iterator[tuple[Any, str]]:
    """Yield the paragraphs of the abstract, or all others, outside of tables and notes."""
    for one in root.iter("p", "li", "blockquote"):
        above = list(one.iterancestors())
        if any(
            a.tag in ("table", "figure", "li", "blockquote", "nav", "footer", "script") or "ltx_bib" in a.get("class", "")
            for a in above
        ):
            continue
        inside = any("abstract" in a.get("class", "").lower() for a in [one, *above])
        if inside == abstract:
            yield one, html_cell.words(one)

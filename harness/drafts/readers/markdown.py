"""Markdown: pipe tables, HTML tables inside, and sentences; markdown-it-py parses it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.drafts.readers import files, html, prose
from harness.drafts.readers.runs import Run, Style, joined
from harness.drafts.readers.spans import Spanning, Written, laid_out
from harness.drafts.shape import Cell, Place, Source, Table, Unread

if TYPE_CHECKING:
    from markdown_it.token import Token

_HTML_TABLE = re.compile(r"<table\b.*?</table\s*>", re.DOTALL | re.IGNORECASE)
_FENCED = re.compile(r"^(```|~~~).*?^\1", re.DOTALL | re.MULTILINE)
_CAPTION = re.compile(r"\W*Table\s+\w+\s*[:.]")
_CELL_HTML = {"b": "bold", "strong": "bold", "u": "underline", "ins": "underline", "s": "faint", "del": "faint"}


def read(path: Path, root: Path) -> Source:
    """Return the tables and sentences of a Markdown file; raise InputError where it cannot be read."""
    text, note = files.read(path)
    source = of_text(text, path.name)
    if note:
        source.unread.append(Unread(Place(path.name, 1), note))
    return source


def of_text(text: str, file: str) -> Source:
    """Return the tables and sentences of a Markdown text."""
    from markdown_it import MarkdownIt

    source = Source(Path(file).stem)
    fences = [found.span() for found in _FENCED.finditer(text)]
    for found in list(_HTML_TABLE.finditer(text)):
        if not any(start <= found.start() < end for start, end in fences):
            inner = html.of_text(found[0], file, text.count("\n", 0, found.start()))
            source.tables += inner.tables
            source.unread += inner.unread
            text = text[: found.start()] + re.sub(r"[^\n]", " ", found[0]) + text[found.end() :]
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    _walk(source, tokens, file, text.split("\n"))
    source.tables.sort(key=lambda table: table.place.line)
    return source


def _walk(source: Source, tokens: list[Token], file: str, lines: list[str]) -> None:
    heading, before, part, at, told = "", "", "text", 0, 0
    while at < len(tokens):
        token = tokens[at]
        line = token.map[0] + 1 if token.map else 1
        if token.type == "heading_open":
            heading = tokens[at + 1].content
            part = "abstract" if heading.strip(" *#:").lower() in ("abstract", "tl;dr") else "text"
            source.title = heading if token.tag == "h1" and source.title == Path(file).stem else source.title
            before = ""
        elif token.type == "table_open":
            end = next(i for i in range(at, len(tokens)) if tokens[i].type == "table_close")
            source.tables.append(
                _table(tokens[at : end + 1], file, line, lines, before if len(before) < 600 and before else heading)
            )
            if _CAPTION.match(before):
                del source.sentences[told:]  # a caption is no sentence of the text
            at, before = end, ""
        elif token.type == "inline":
            words = joined(_runs(token)).text
            before, told = words, len(source.sentences)
            prose.of_plain(source, "", [(line, words)], part, file)
        at += 1


def _table(tokens: list[Token], file: str, line: int, lines: list[str], caption: str) -> Table:
    written: list[Written] = []
    cells: list[Spanning] = []
    head = 0
    for at, token in enumerate(tokens):
        if token.type == "tr_open":
            cells = []
        elif token.type in ("th_open", "td_open"):
            cells.append(Spanning(_cell(tokens[at + 1], token.type == "th_open")))
        elif token.type == "tr_close":
            opened = next(tokens[i] for i in range(at, -1, -1) if tokens[i].type == "tr_open")
            here = opened.map[0] + 1 if opened.map else line
            written.append(
                Written(cells, Place(file, here), len(written) == head, lines[here - 1].strip() if here <= len(lines) else "")
            )
        elif token.type == "thead_close":
            head = len(written)
    found = re.match(r"\W*Table\s+([A-Z]?\d+)", caption)
    return Table(laid_out(written, pushing=False), Place(file, line), caption, found[1] if found else "", headed=head)


def _cell(token: Token, heading: bool) -> Cell:
    cell = joined(_runs(token), heading, any(child.type == "image" for child in token.children or []))
    return cell


def _runs(token: Token) -> list[Run]:
    """Return the runs of an inline token; small HTML marks inside count."""
    runs: list[Run] = []
    style, level = Style(), 0
    for child in token.children or []:
        if child.type in ("strong_open", "strong_close"):
            style = replace(style, bold=child.type == "strong_open")
        elif child.type in ("s_open", "s_close"):
            style = replace(style, faint=child.type == "s_open")
        elif child.type == "html_inline":
            style, level = _marked(child.content, style, level)
            style = replace(style, level=level)
            runs += [Run(" ", style)] if child.content.lower().startswith("<br") else []
        elif child.type in ("text", "code_inline"):
            runs.append(Run(child.content, style))
        elif child.type in ("softbreak", "hardbreak"):
            runs.append(Run("\n", style))
    return runs


def _marked(tag: str, style: Style, level: int) -> tuple[Style, int]:
    found = re.match(r"<(/?)(\w+)", tag)
    if not found:
        return style, level
    closes, name = bool(found[1]), found[2].lower()
    if name in _CELL_HTML:
        return replace(style, **{_CELL_HTML[name]: not closes}), level
    if name in ("sup", "sub"):
        return style, 0 if closes else 1 if name == "sup" else -1
    return style, level

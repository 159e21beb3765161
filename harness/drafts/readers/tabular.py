"""The body of a LaTeX `tabular` as rows: cells split at `&` and `\\\\`, spans and rules read off."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from harness.drafts.readers import latex_cell
from harness.drafts.readers.braces import argument, balanced, option
from harness.drafts.readers.spans import Spanning, Written
from harness.drafts.shape import Cell, Place, Unread

_TOKEN = re.compile(r"\\\\\*?|\\tabularnewline(?![A-Za-z])|\\(?:begin|end)(?![A-Za-z])|\\.|[{}&]", re.DOTALL)
_SPACING = re.compile(r"[ \t]*\[\s*-?[\d.]+\s*(?:[a-z]{2}|\\[a-z]+)?\s*\]")
_FULL = re.compile(
    r"\s*\\(?:toprule|midrule|bottomrule|hline|Xhline|hdashline|hhline|thickhline|specialrule|heavyrule|noalign|[A-Za-z]*(?:hline|[Rr]ule))(?![A-Za-z])"
)
_PART = re.compile(
    r"\s*\\(?:cmidrule|cline|cdashline|cdashlinelr|addlinespace|rowcolor|rowcolors|arrayrulecolor|end(?:first)?head|end(?:last)?foot|caption|label|vspace|rowstyle|rule|tabucline|rowfont|nopagebreak|pagebreak|morecmidrules|SetRow|noalign|smallskip|medskip|bigskip)(?![A-Za-z])\*?"
)
_SPAN = re.compile(r"\s*\{?\s*\\(multicolumn|multirow|SetCell)\s*\*?(?![A-Za-z])")
_HEADS = (r"\endfirsthead", r"\endhead")
_FEET = (r"\endfoot", r"\endlastfoot")

Where = Callable[[int], Place]


def rows(body: str, where: Where) -> tuple[list[Written], list[Unread]]:
    """Return the rows of a body; `where` tells the place of an offset. Rows whose braces do not close are listed, not read."""
    unread: list[Unread] = []
    found: list[Written] = []
    once = _once(body)
    whole = balanced(once)
    ruled = False
    for start, cells in _split(once, whole):
        if not whole and not all(balanced(cell) for _, cell in cells):
            first, _, cut = _rules(cells[0][1])
            at = where(start + cut + len(first) - len(first.lstrip()))
            unread.append(Unread(at, "the braces of this row do not close; the row is not read"))
            continue
        first, full, last = _rules(cells[0][1])
        ruled = ruled or full
        texts = [first, *(cell for _, cell in cells[1:])]
        if len(texts) == 1 and not first.strip():
            continue
        at = where(cells[0][0] + last + (len(first) - len(first.lstrip())))
        quoted = " & ".join(re.sub(r"\s+", " ", text).strip() for text in texts)
        found.append(Written([_spanning(text) for text in texts], at, ruled, quoted))
        ruled = False
    return found, unread


def _once(body: str) -> str:
    """Blank out the headings that a long table repeats on each page, and its feet; lines stay where they are."""
    for first, last in ((_HEADS[0], _HEADS[1]), (_HEADS[1], _FEET[0]), (_FEET[0], _FEET[1])):
        begin, end = body.find(first), body.find(last)
        if 0 <= begin < end:
            body = body[:begin] + re.sub(r"[^\n]", " ", body[begin : end + len(last)]) + body[end + len(last) :]
    return re.sub(r"\\end(?:first)?head|\\end(?:last)?foot", lambda found: " " * len(found[0]), body)


def _split(body: str, whole: bool) -> Iterator[tuple[int, list[tuple[int, str]]]]:
    """Yield each row as its offset and its cells with theirs; where braces do not balance, they are not counted."""
    depth = nested = 0
    row = start = 0
    cells: list[tuple[int, str]] = []
    at = 0
    while token := _TOKEN.search(body, at):
        word, at = token[0], token.end()
        if word == "{" or word == "}":
            depth += 1 if word == "{" else -1
        elif word in ("\\begin", "\\end"):
            nested += 1 if word == "\\begin" else -1
        elif word == "&" and nested <= 0 and (depth == 0 or not whole):
            cells.append((start, body[start : token.start()]))
            start = at
        elif (word.startswith("\\\\") or word == "\\tabularnewline") and nested <= 0 and (depth == 0 or not whole):
            cells.append((start, body[start : token.start()]))
            yield row, cells
            spacing = _SPACING.match(body, at)
            at = spacing.end() if spacing else at
            row, start, cells = at, at, []
    cells.append((start, body[start:]))
    yield row, cells


def _rules(text: str) -> tuple[str, bool, int]:
    """Return a row's first cell without the rules and colours before it, whether a full rule stood there, and how much was cut."""
    at, full = 0, False
    while True:
        found = _PART.match(text, at) or _FULL.match(text, at)
        if not found:
            return text[at:], full, at
        full = full or not _PART.match(text, at)
        at = found.end()
        while more := (option(text, at) or option(text, at, "()") or argument(text, at)):
            at = more[1]


def _spanning(text: str) -> Spanning:
    """Return a cell with the rows and columns it takes; \\multicolumn and \\multirow may stand inside one another."""
    down, across = 1, 1
    while found := _SPAN.match(text):
        opened = "{" in text[: found.start(1)]
        if found[1] == "SetCell":
            sizes, at = (option(text, found.end()) or ("", found.end())), found.end()
            down = int(hit[1]) if (hit := re.search(r"r\s*=\s*(\d+)", sizes[0])) else down
            across = int(hit[1]) if (hit := re.search(r"c\s*=\s*(\d+)", sizes[0])) else across
            spec = argument(text, sizes[1])
            text = text[spec[1] if spec else at :]
            break
        if (read := _arguments(text, found)) is None:
            break
        size, inner, rest = read
        number = int(size) if re.fullmatch(r"-?\d{1,4}", size) else 1
        down, across = (down, max(1, number)) if found[1] == "multicolumn" else (number or 1, across)
        text = inner + rest.replace("}", "", 1) if opened else inner + rest
    return Spanning(_read(text), down, across)


def _arguments(text: str, found: re.Match[str]) -> tuple[str, str, str] | None:
    """Return size, text and what follows of \\multicolumn{n}{spec}{text} or \\multirow[..]{n}[..]{width}[..]{text}."""
    at = found.end()
    given: list[str] = []
    while len(given) < 3:
        while skipped := option(text, at):
            at = skipped[1]
        one = argument(text, at)
        if one is None:  # \multirow{2}*{text}
            if len(given) == 1 and (star := re.compile(r"\s*[*=]").match(text, at)):
                given.append("*")
                at = star.end()
                continue
            return None
        given.append(one[0])
        at = one[1]
    return given[0].strip(), given[2], text[at:]


def _read(text: str) -> Cell:
    return latex_cell.read(text.strip())

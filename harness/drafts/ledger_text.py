"""A source as the text of `claims.yaml`: cells as printed, with their places and marks, and TODO where a person must say something."""

from __future__ import annotations

import re
import unicodedata

import yaml

from harness.drafts.checks import grim
from harness.drafts.checks.ranges import of_caption, of_lines
from harness.drafts.grid import Grid, Line, grid
from harness.drafts.shape import Cell, Sentence, Source, Table, Unread
from harness.drafts.values import printed_of, value_of
from harness.drafts.vocabulary import Measure

HEAD = """# Drafted from {file}. Facts, never edited to fit: check each table against the page.
# TODO stands where only a person can say something; what the source does not say, delete (n, collection), but metric and status must be there.
# A metric, unit or status that is followed by "a guess" was read from a heading: check it.
"""
MOST_NAME = 60


def written(source: Source, name: str) -> str:
    """Return the ledger of a source as YAML; every guess says that it is one."""
    file = source.tables[0].place.file if source.tables else source.sentences[0].place.file
    tables = [(table, grid(table, at)) for at, table in enumerate(source.tables, 1)]
    metrics: dict[str, str] = {}
    body = ["tables:"] if any(view.numbers for _, view in tables) else ["tables: []"]
    ids: set[str] = set()
    for at, (table, view) in enumerate(tables, 1):
        if view.numbers:
            body += _table(table, view, _unique(f"t{table.number or f'_{at}'}", ids), metrics)
    body += _sentences(source.sentences)
    head = [
        HEAD.format(file=file),
        f"title: {_quoted(source.title)}",
        "",
        "documents:",
        f"  paper: {{title: {_quoted(source.title)}, source: primary, locator: {_quoted(file)}}}",
        "",
    ]
    head += ["metrics:", *(f"  {key}: {text}" for key, text in metrics.items())] if metrics else ["metrics: {}"]
    return "\n".join([*head, "", *body, "", *_unread(source.unread, tables)])


def slug(text: str, taken: set[str], otherwise: str) -> str:
    """Return a name for an id made from words, once only among `taken`."""
    plain = unicodedata.normalize(
        "NFKD",
        text.replace("α", "alpha").replace("Δ", "delta").replace("@", "_at_").replace("%", "percent").replace("+", "_plus_"),
    )
    words = re.sub(r"[^A-Za-z0-9]+", "_", plain.encode("ascii", "ignore").decode()).strip("_")[:MOST_NAME].strip("_").lower()
    return _unique(words if words and words[0].isalnum() else otherwise, taken)


def _unique(name: str, taken: set[str]) -> str:
    found, count = name, 2
    while found in taken:
        found, count = f"{name}_{count}", count + 1
    taken.add(found)
    return found


def _quoted(text: object) -> str:
    """Return words as a YAML string on one line."""
    plain = "".join(sign if sign.isprintable() else " " for sign in str(text))
    return yaml.safe_dump(plain, default_style='"', allow_unicode=True, width=10**9).strip()


def _key(name: str) -> str:
    """Return a name as a YAML key, quoted where YAML would read something else: a number, a truth value."""
    return name if name == yaml.safe_load(name) else _quoted(name)


def _table(table: Table, view: Grid, key: str, metrics: dict[str, str]) -> list[str]:
    where = f"Table {table.number} ({table.place})" if table.number else f"table at {table.place}"
    lines = [f"- id: {key}", "  document: paper", f"  place: {_quoted(where)}"]
    lines += [f"  caption: {_quoted(table.caption)}"] if table.caption else []
    lines += [
        "  status: measured  # a guess; else derived, copied or predicted",
        "  collection: TODO",
        _n(table),
        "  decidable_at: TODO",
        '  variant: "{row}"',
        "  columns:",
    ]
    taken: set[str] = set()
    columns = [(line, slug(line.full, taken, f"column_{line.index}")) for line in view.columns]
    lines += [f"    {_key(name)}: {_column(view, line, metrics)}" for line, name in columns]
    lines.append("  rows:")
    names: set[str] = set()
    for row in view.rows:
        cells = [(column, table.rows[row.index].cells[line.index]) for line, column in columns]
        if any(cell.text for _, cell in cells):
            lines.append(f"    {_quoted(slug(row.full, names, f'row_{row.index}'))}: {_row(table, row, cells)}")
    return lines


def _n(table: Table) -> str:
    """Return the n that a caption tells, said to be a guess, else TODO."""
    said = grim.of_caption(table.caption)
    return f"  n: {said}  # a guess from the caption" if said else "  n: TODO"


def _column(view: Grid, line: Line, metrics: dict[str, str]) -> str:
    """Return a column's entry: heading as printed, and metric and unit as far as its words say them."""
    measures = {of_lines(row, line, of_caption(view)) for row in view.rows if (row.index, line.index) in view.numbers}
    measure = next(iter(measures)) if len(measures) == 1 else None
    known = _metric(line, measure, metrics) if measure else "TODO"
    unit = _unit(view, line, measure)
    return f"{{label: {_quoted(' / '.join(line.names))}, metric: {known}, unit: {unit}}}" + (
        "  # a guess" if measure or unit != "TODO" else ""
    )


def _metric(line: Line, measure: Measure, metrics: dict[str, str]) -> str:
    cutoff = next((hit[1] for name in reversed(line.names) if (hit := re.search(r"@\s*(\d+)", name))), "")
    name = f"{measure.name}_at_{cutoff}" if cutoff else measure.name
    parts = ["definition: TODO", f"quantity: {measure.quantity}", f"orientation: {measure.direction or 'none'}"]
    parts += [f"range: [{measure.low:g}, {measure.high:g}]"] if measure.low is not None and measure.high is not None else []
    parts += [f"cutoff: {int(cutoff)}"] if cutoff and 0 < int(cutoff) <= 1000 else []
    metrics[name] = f"{{{', '.join(parts)}}}  # a guess from the heading {_quoted(line.full)} or the caption"
    return name


def _unit(view: Grid, line: Line, measure: Measure | None) -> str:
    numbers = view.down(line.index)
    if "%" in line.full or any(number.value.percent for number in numbers):
        return "percent"
    if measure and measure.high == 1 and numbers:
        return "percent" if max(abs(number.value.value) for number in numbers) > 1.5 else "fraction"
    return "none" if measure and measure.quantity == "loss" else "TODO"


def _row(table: Table, row: Line, cells: list[tuple[str, Cell]]) -> str:
    """Return a row's entry: what is printed, where, and the marks on it; words stand apart from numbers."""
    printed = [_quoted(number) if (number := printed_of(cell.text)) and not cell.copied else "null" for _, cell in cells]
    parts = [f"printed: [{', '.join(printed)}]", f"line: {_quoted(table.rows[row.index].place)}"]
    parts += [f"label: {_quoted(row.full)}"] if row.full else []
    for key in ("bold", "underline"):
        if marked := [column for column, cell in cells if getattr(cell, key) and value_of(cell.text)]:
            parts.append(f"{key}: [{', '.join(map(_key, marked))}]")
    marks = {
        column: f"{cell.marks} {cell.aside}".strip()
        for column, cell in cells
        if (cell.marks or cell.aside) and value_of(cell.text)
    }
    words = {column: cell.text for column, cell in cells if cell.text != printed_of(cell.text) and not cell.copied}
    for key, entries in (("marks", marks), ("words", words)):
        if entries:
            parts.append(f"{key}: {{{', '.join(f'{_key(column)}: {_quoted(text)}' for column, text in entries.items())}}}")
    return f"{{{', '.join(parts)}}}"


def _sentences(sentences: list[Sentence]) -> list[str]:
    """Return sentences as claims in words, to be completed (kind, the ids they are about) or struck."""
    lines = (
        ["claims:  # sentences with numbers: complete them (kind, status, order or arithmetic), or strike them"]
        if sentences
        else ["claims: []"]
    )
    for at, one in enumerate(sentences, 1):
        place = f"{one.place}, abstract" if one.part == "abstract" else str(one.place)
        lines.append(
            f"- {{id: s{at}, document: paper, place: {_quoted(place)}, kind: qualitative, status: TODO, printed: {_quoted(one.text)}}}"
        )
    return lines


def _unread(unread: list[Unread], tables: list[tuple[Table, Grid]]) -> list[str]:
    """Return what was not understood as comments at the end, so that nothing is dropped in silence."""
    lines = [f"#   {one.place}: {_comment(one.what)}" for one in unread]
    lines += [f"#   {table.place}: a table without numbers in its body" for table, view in tables if not view.numbers]
    return ["# Not understood, and left out:", *lines, ""] if lines else []


def _comment(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text)

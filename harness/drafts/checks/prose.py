"""Prose against tables: a number beside the name of a system that has another one there, or a result that stands in no table."""

from __future__ import annotations

import re

from harness.drafts import vocabulary
from harness.drafts.checks.derivable import Derivable
from harness.drafts.checks.said_of import Told, names_in
from harness.drafts.checks.said_of import beside as beside_of
from harness.drafts.found import Coverage, Found, Result
from harness.drafts.grid import Grid
from harness.drafts.shape import Sentence

FAMILY = "prose"
_NUMBER = re.compile(r"(?<![\w.,@/^\\-])[+\-−]?\d{1,3}(?:,\d{3})*\.\d+|(?<![\w.,@/^\\-])\.\d{2,}")
_UNIT = re.compile(
    r"^\s*(?:-|–)?\s*(?:[×x]\b|times\b|million|billion|[MBK]\b|ms\b|s\b|sec|min|hour|GB|MB|KB|TB|tokens?|parameters?|pages?|days?|years?|%\s+of|fold|Hz|W\b|kg|°|bits?)",
    re.IGNORECASE,
)
_SETTING = re.compile(
    r"(?:[=<>≤≥~≈]|\b(?:rate|temperature|threshold|dropout|weight|decay|momentum|margin|section|sec|eq|equation|figure|fig|table|tab|appendix|version|v|alpha|beta|lambda|gamma|tau|sigma|epsilon|python|pytorch|cuda|p|by|about|around|approximately|nearly|roughly|up to|factor of|seed|of)\b\.?|[αβλγτσεημ])\s*[(:]?\s*$",
    re.IGNORECASE,
)
_CITED = re.compile(
    r"\b(?:prior|previous|reported (?:by|in)|et al|according to|published|original paper|literature)\b", re.IGNORECASE
)


def find(grids: list[Grid], sentences: list[Sentence]) -> Result:
    """Compare the numbers of sentences that speak of results with the tables."""
    found: list[Found] = []
    coverage = Coverage(FAMILY, "decimal numbers in sentences")
    names, known = names_in(grids), Derivable(grids)
    for sentence in sentences:
        for told in numbers(sentence.text):
            why = _skipped(sentence, told, grids)
            coverage.add(0 if why else 1, 1 if why else 0, why)
            if why:
                continue
            beside = beside_of(sentence.text, told, names)
            if beside and (wrong := _wrong_row(told, beside, known)):
                statement = f"'{beside}' is given {told.text} here; the tables have {told.text} only for {wrong}"
                found.append(Found(FAMILY, sentence.place, sentence.text, statement, f"that {told.text} is said of '{beside}'"))
            elif not known.has(told.text, beside) and _expected(sentence, beside, grids):
                near = known.nearest(told.value, beside)
                rest = (
                    f"nor is it a mean of numbers of '{beside}'"
                    if beside
                    else "nor is it a difference, change or mean of two numbers of one"
                )
                statement = f"{told.text}{_part(sentence)} stands in no table, {rest}{near}"
                found.append(
                    Found(FAMILY, sentence.place, sentence.text, statement, "that the number is one of this source's results")
                )
    return found, coverage


def numbers(text: str) -> list[Told]:
    """Return the decimal numbers of a sentence."""
    found = []
    for hit in _NUMBER.finditer(text):
        digits = hit[0].replace(",", "").replace("−", "-")
        if not re.match(r"[.\d]*\.\d|[A-Za-z@]", text[hit.end() : hit.end() + 2]):
            found.append(Told(hit[0].lstrip("+"), float(digits), hit.start(), hit.end()))
    return found


def _part(sentence: Sentence) -> str:
    return ", in the abstract," if sentence.part == "abstract" else ""


def _skipped(sentence: Sentence, told: Told, grids: list[Grid]) -> str:
    """Return why a number of a sentence is not compared; '' where it is."""
    before, after = sentence.text[: told.start], sentence.text[told.end :]
    if not grids:
        return "in a source without tables that could be read"
    if sum(sign.isdigit() for sign in told.text.lstrip("0.")) < 3:
        return "of fewer than three digits"
    if _UNIT.match(after):
        return "of times, sizes and the like"
    if _SETTING.search(before[-25:]) and not re.search(
        r"\b(?:score|accuracy|average|mean|ndcg\S*|mrr\S*|map|f1|recall\S*|precision\S*|correlation)\s+(?:of|is|=)\s*$",
        before[-40:],
        re.IGNORECASE,
    ):
        return "that look like settings, sections or rough figures"
    if re.search(r"\bfig(?:ure|s)?\b", sentence.text, re.IGNORECASE):
        return "in sentences on figures"
    if _CITED.search(sentence.text):
        return "that are told of others' work"
    return "" if _speaks(sentence, told, grids) else "in sentences that name no metric, system or table"


def _speaks(sentence: Sentence, told: Told, grids: list[Grid]) -> bool:
    """Say whether a sentence speaks of results: it names a metric, or points to a table that was read."""
    metric = any(pattern.search(sentence.text) for pattern, measure in vocabulary.MEASURES)
    labels = {label for grid in grids for label in (grid.table.label, grid.table.number) if label}
    return (
        metric
        or any(one in labels for one in sentence.tables)
        or bool(re.match(r"\s*(?:%|points?\b|pp\b)", sentence.text[told.end :]))
    )


def _wrong_row(told: Told, beside: str, known: Derivable) -> str:
    """Return the systems that have a number, where the one it is said of has not; '' where it has, or nobody has."""
    owners, name = known.owners(told.text), beside.lower()
    if (
        not owners
        or any(name in f"{row} {column}".lower() or row.lower() in name for _, row, column in owners)
        or known.derived_for(told.text, beside)
    ):
        return ""
    rows = {row for at, row, _ in owners if any(name == line.name.lower() for line in known.grids[at].rows)}
    return ", ".join(f"'{row}'" for row in sorted(rows)[:3])  # of the tables that have the system too


def _expected(sentence: Sentence, beside: str, grids: list[Grid]) -> bool:
    """Say whether a number ought to stand in a table: it is said of a system of one, or its sentence points to one that was read."""
    if beside:
        return True
    labels = {label for grid in grids for label in (grid.table.label, grid.table.number) if label}
    pointed = sentence.part == "abstract" or any(one in labels for one in sentence.tables)
    metrics = {
        measure.name
        for pattern, measure in vocabulary.MEASURES
        if measure.direction == "higher" and pattern.search(sentence.text)
    }
    return pointed and bool(metrics & {name for grid in grids for name in _metrics(grid)})


def _metrics(grid: Grid) -> set[str]:
    """Return the metrics that a table's headings or caption name."""
    own = {line.measure.name for line in (*grid.rows, *grid.columns) if line.measure}
    return own or {measure.name for pattern, measure in vocabulary.MEASURES if pattern.search(grid.table.caption)}

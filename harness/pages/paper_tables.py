"""The paper's own tables again: its rows and columns, in each cell what is printed above what came out here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from harness.errors import InputError
from harness.ledger.cell import Cell
from harness.ledger.claims import Claim, Ledger

Row = dict[str, str]
ACROSS = 6  # columns beside one another that an upright page holds; a wider table goes on below itself
DIGITS = 9  # characters of a printed number that a narrow column shows
# One mark a verdict, that pdfLaTeX and every browser can show.
MARKS = {
    "exact": "=", "equivalent": "\u2248", "direction only": "\u2197", "inconclusive": "?", "contradicted": "\u00d7",
    "inconsistent as printed": "!!", "prediction": "\u22c6", "not identifiable": "\u25ca", "not decidable here": "\u2218",
    "out of reach": "\u22a5", "not run": "\u2013", "error": "#",
}  # fmt: skip
MEANING = {
    "exact": "our value rounds to the printed one, and not by luck",
    "equivalent": "our value lies inside the margin that was declared before the run",
    "direction only": "the order or the sign holds; the size does not, or was not claimed",
    "inconclusive": "the interval is wider than the question",
    "contradicted": "our value lies outside the margin, or the order is reversed",
    "inconsistent as printed": "the printed numbers cannot be right together",
    "prediction": "the source expects it and measured nothing",
    "not identifiable": "several definitions of the number fit, or none does",
    "not decidable here": "made with weaker materials than the claim needs: shown in brackets, not judged",
    "out of reach": "no public material, setting or arithmetic can decide it",
    "not run": "nothing was run that computes it",
    "error": "the run gave no usable number",
}


@dataclass(frozen=True)
class Shown:
    """What one cell shows; `mark` is empty where the verdict stands there in words, or once for the whole table."""

    key: str
    printed: str
    bold: bool
    ours: str
    interval: str
    mark: str
    tone: str
    word: str


@dataclass(frozen=True)
class PaperTable:
    """One printed table, or the columns of it that fit a page: labels, and a line of cells (None where it prints nothing) a row."""

    id: str
    place: str
    document: str
    columns: list[str]
    rows: list[tuple[str, list[Shown | None]]]
    words: list[str]  # the verdicts in it, in the order of MARKS
    silent: str  # why nothing of it was recomputed, in a sentence; empty where something was

    @property
    def widths(self) -> tuple[str, str]:
        """The shares of a line that LaTeX gives to the labels and to each column: together less than one, gaps included."""
        label = 0.22 if len(self.columns) > 2 else 0.34
        gaps = 0.0135 * (len(self.columns) + 1)
        return f"{label:.3f}", f"{min(0.16, (0.98 - gaps - label) / len(self.columns)):.3f}"


def joined(ledger: Ledger, rows: list[Row]) -> list[tuple[Claim, Row]]:
    """Return each claim with its row of verdicts.csv; raise InputError where the ledger has changed since it was judged."""
    by_key = {row["claim"]: row for row in rows}
    if missing := [claim.key for claim in ledger.claims if claim.key not in by_key]:
        raise InputError(
            f"verdicts.csv of {ledger.study} has no row for '{missing[0]}': the ledger was edited since; run `python -m harness.judge --study {ledger.study}` again"
        )
    return [(claim, by_key[claim.key]) for claim in ledger.claims]


def tables(ledger: Ledger, rows: list[Row], across: int | None = ACROSS) -> list[PaperTable]:
    """Return the ledger's tables in its order, each cut after `across` columns (None: never)."""
    cells = [(claim.cell, claim, row) for claim, row in joined(ledger, rows) if claim.cell]
    found = []
    for _, members in groupby(cells, key=lambda one: one[0].table):
        found += _one(ledger, list(members), across)
    return found


def _one(ledger: Ledger, members: list[tuple[Cell, Claim, Row]], across: int | None) -> list[PaperTable]:
    first = members[0][0]
    titles = dict.fromkeys(ledger.documents[claim.document].title for _, claim, _ in members)
    silent = _silent([row for _, _, row in members])
    at = {(cell.row, cell.column): shown(claim, row, bool(silent)) for cell, claim, row in members}
    columns = {cell.column: cell.column_label for cell, _, _ in members}
    lines = {cell.row: cell.row_label for cell, _, _ in members}
    width = across or len(columns)
    parts = []
    for names in (list(columns)[start : start + width] for start in range(0, len(columns), width)):
        body = [(label, [at.get((row, name)) for name in names]) for row, label in lines.items()]
        there = {one.word for _, line in body for one in line if one}
        place = first.place or first.table
        parts.append(
            PaperTable(first.table, place, "; ".join(titles), [columns[name] for name in names], body,
                       [word for word in MARKS if word in there], silent)
        )  # fmt: skip
    return parts


def shown(claim: Claim, row: Row, silent: bool) -> Shown:
    """Return what a cell shows of its claim; `silent`: a sentence says of the whole table what would stand in each cell."""
    word = row["verdict"]
    bare = not row["shown"] and word != "inconsistent as printed"  # the word itself stands in the cell
    mark = "" if silent or bare else MARKS.get(word, "")
    ours = row["shown"] or (word if bare and not silent else "")
    bold = claim.cell is not None and claim.cell.bold
    return Shown(claim.key, row["printed"], bold, ours, row["interval"], mark, row["tone"] if row["shown"] else "grey", word)


def _silent(rows: Sequence[Row]) -> str:
    """Say once why nothing of a table was recomputed, where all its cells have one verdict; empty otherwise."""
    words = {row["verdict"] for row in rows}
    if len(words) > 1 or any(row["shown"] for row in rows) or words & {"inconsistent as printed"}:
        return ""
    reasons = list(dict.fromkeys(row["reason"] for row in rows))
    told = "; ".join(reasons[:2]) + ("; \u2026" if len(reasons) > 2 else "")
    return f"{words.pop().capitalize()}: {told}."


def shortened(printed: str) -> str:
    """Cut a number of many digits after DIGITS characters, for a narrow column; words stay, for they wrap."""
    long = len(printed) > DIGITS and " " not in printed and any(sign.isdigit() for sign in printed)
    return printed[:DIGITS] + "\u2026" if long else printed

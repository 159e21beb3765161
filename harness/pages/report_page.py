"""What report.html shows beyond the tables: one record a claim, its filters, and the files that are inlined."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from markupsafe import Markup

from harness.audits.finding import Finding
from harness.config import Config
from harness.errors import InputError
from harness.ledger.claims import Claim
from harness.ledger.printed import Unreadable, parse
from harness.pages import findings, told, verdict_rows
from harness.text import read_text

HERE = Path(__file__).parent
LIBRARY = HERE / "vendored" / "dataTables.min.js"
LIBRARY_SHA256 = "38017a5586acd9c6eb6bbfe8b6938e1a25bdc717c5acfcb07e0c9d663282c59d"
KEPT = (
    "printed", "verdict", "tone", "reason", "would_change", "shown", "interval", "recomputed", "low", "high", "unit", "kind", "status",
    "source", "variant", "collection", "score", "queries", "seeds", "spread_query", "spread_seed", "mde", "p", "margin",
    "bayes_factor", "effect_ratio", "delta_ri", "evaluation", "encoder", "training",
)  # fmt: skip
NUMBERS = frozenset({"recomputed", "low", "high", "margin"})  # of a panel's drawing


def inlined() -> dict[str, Any]:
    """Return style, script and table library for the page; raise InputError where the library is not the pinned one."""
    library = read_text(LIBRARY)
    if (found := hashlib.sha256(LIBRARY.read_bytes()).hexdigest()) != LIBRARY_SHA256:
        raise InputError(
            f"{LIBRARY}: its sha256 is {found}, not {LIBRARY_SHA256}: take the pinned file again, as the README beside it says"
        )
    notice = read_text(LIBRARY.with_name("dataTables.LICENSE.txt"))
    parts = {"style": read_text(HERE / "templates" / "report.css"), "script": read_text(HERE / "templates" / "report.js")}
    if "</script" in (library + parts["script"]).lower():
        raise InputError(f"{LIBRARY}: it would end the script that it stands in")
    return {key: Markup(text) for key, text in {**parts, "library": library, "notice": notice}.items()}  # noqa: S704 - our own files


def given(shared: dict[str, Any], found: list[Finding], config: Config) -> dict[str, Any]:
    """Return what the page's template loops over; `shared`: what the LaTeX templates get too."""
    studies = shared["studies"]
    accused = _by_claim(found)
    records, spreads = {}, Spreads()
    for page in studies:
        for claim, row in page["pairs"]:
            records[claim.key] = record(claim, row, page, accused, spreads)
    pairs = [pair for page in studies for pair in page["pairs"]]
    data = {
        "claims": records,
        "findings": [_finding(one) for one in found],
        "spreads": spreads.kept,
        "meaning": shared["meaning"],
        "studies": {page["name"]: about(page, config) for page in studies},
    }
    choices = {
        "study": [page["name"] for page in studies if page["total"]],
        "verdict": shared["words"],
        "metric": sorted({claim.metric for claim, _ in pairs if claim.metric}),
        "fidelity": sorted({verdict_rows.fidelity(row) for _, row in pairs} - {""}),
    }
    return {
        **shared,
        "sums": told.sums(studies),
        "choices": choices,
        "data": _embedded(data),
        "name": told.name,
        "where": told.where,
        "is_number": told.is_number,
        "made_with": verdict_rows.fidelity,
    }


class Spreads:
    """Values by query, each kept once however many claims share it."""

    def __init__(self) -> None:
        self.kept: list[Any] = []
        self._places: dict[int, int] = {}

    def place(self, spread: dict[str, Any]) -> int:
        """Return where a spread stands in `kept`."""
        if id(spread) not in self._places:
            self._places[id(spread)] = len(self.kept)
            self.kept.append(spread)
        return self._places[id(spread)]


def record(
    claim: Claim, row: dict[str, str], page: dict[str, Any], accused: dict[str, list[int]], spreads: Spreads
) -> dict[str, Any]:
    """Return all that a claim's panel shows; what is empty is left out."""
    cells: dict[str, Any] = {key: float(row[key]) if key in NUMBERS and row[key] else row[key] for key in KEPT}
    cells |= {
        "name": told.name(claim), "place": claim.place, "document": claim.document, "metric": claim.metric or "", "printed_at": _drawn(claim), "needs": page["decidable"][claim.key],
        "margin_why": claim.margin.reason if claim.margin else "", "note": claim.note or "", "findings": accused.get(claim.key, []),
        "order": claim.order is not None,
    }  # fmt: skip
    if claim.key in page["by_query"]:
        cells["spread"] = spreads.place(page["by_query"][claim.key])
    return {key: value for key, value in cells.items() if value is not None and value is not False and value not in ("", [])}


def about(page: dict[str, Any], config: Config) -> dict[str, Any]:
    """Return what the panels of one study share: its documents and metrics in words, and the command that makes its verdicts."""
    ledger = page["ledger"]
    return {
        "documents": {name: [one.title, one.locator] for name, one in ledger.documents.items()},
        "metrics": {name: one.definition for name, one in ledger.metrics.items()}, "command": command(page["name"], config),
    }  # fmt: skip


def command(study: str, config: Config) -> str:
    """Return what to call to make a verdict anew."""
    mirror = "" if config.fidelity == "embedded" else " MIRROR=/path/to/mirror"
    taken = f" FALLBACK={config.fallback}" if config.fallback else ""
    return f"make tables FIDELITY={config.fidelity} STUDIES={study}{mirror}{taken}"


def _drawn(claim: Claim) -> list[float] | None:
    """Return the lowest and highest value that would be printed so, for the drawing; None for words and limits."""
    if claim.order is not None:
        return None
    try:
        number = claim.value or parse(claim.printed)
    except Unreadable:
        return None
    return None if number is None or number.bound else [number.low, number.high]


def _by_claim(found: list[Finding]) -> dict[str, list[int]]:
    by_claim: dict[str, list[int]] = {}
    for place, one in enumerate(found):
        for key in dict.fromkeys((*one.claims, *one.against)):
            by_claim.setdefault(key, []).append(place)
    return by_claim


def _finding(one: Finding) -> list[str]:
    cells = findings.cells(one)
    return [cells[key] for key in ("outcome", "audit", "statement", "arithmetic", "chance")]


def _embedded(data: dict[str, Any]) -> Markup:
    """Write JSON that may stand in a script element, whatever words are in it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
    escaped = (
        text.replace("&", "\\u0026")
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029")
    )
    return Markup(escaped)  # noqa: S704 - nothing that HTML reads is left in it

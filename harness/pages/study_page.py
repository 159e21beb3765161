"""Everything that the templates show of one study."""

from __future__ import annotations

from typing import Any

from harness import places
from harness.audits.finding import Finding
from harness.config import Config
from harness.errors import InputError
from harness.ledger.claims import Claim
from harness.pages import by_query, escape, findings, paper_tables, scoreboard, shown, told, verdict_rows
from harness.pages.sections import agreement_cells, comparison_cells, contrast_cells, engines_told, forensic_cells
from harness.studies.study import Study
from harness.text import read_json, read_text

Row = dict[str, str]
LINE = 6.85  # inches of a line of the report
UNSAID = ("prediction", "not run", "out of reach", "error")  # verdicts without a value of ours


def has_comparisons(chosen: Study) -> bool:
    """Say whether the study compares variants."""
    return bool(chosen.experiment and (chosen.experiment.compare or chosen.experiment.contrasts))


def pictures(chosen: Study, config: Config) -> list[Row]:
    """Return name, caption and SVG of what the draw stage drew; raise InputError if it did not run."""
    if not (chosen.experiment and chosen.experiment.pictures):
        return []
    folder = places.tables(chosen.folder, config) / chosen.name
    found = []
    for one in read_json(config.folder / chosen.name / "pictures.json", "draw"):
        path = folder / f"{one['name']}.svg"
        if not path.is_file():
            raise InputError(f"{path}: missing; run `python -m harness.draw --study {chosen.name}` again")
        share = f"{min(1.0, one.get('width', 7.0) / LINE):.2f}"
        found.append({**one, "share": share, "svg": escape.picture(read_text(path))})
    return found


def statements(pairs: list[tuple[Claim, Row]]) -> list[Row]:
    """Return the claims of the running text, whose verdict says something, in the paper's words."""
    cells = []
    for claim, row in pairs:
        if claim.cell is None and (row["shown"] or row["verdict"] not in UNSAID):
            cells.append({**row, "place": claim.place, "mark": paper_tables.MARKS.get(row["verdict"], "")})
    return cells


def marked(pairs: list[tuple[Claim, Row]]) -> list[str]:
    """Return the verdicts whose marks stand in the study's tables, in the order of the marks."""
    there = {
        row["verdict"] for claim, row in pairs if claim.cell and (row["shown"] or row["verdict"] == "inconsistent as printed")
    }
    return [word for word in paper_tables.MARKS if word in there]


def read(chosen: Study, config: Config, found: list[Finding]) -> dict[str, Any]:
    """Return everything that the templates show of one study, from what its stages have written; `found`: the audit's findings."""
    agreed = read_json(config.folder / chosen.name / "agreement.json", "agree") if chosen.experiment else []
    return page(chosen, config, agreed, [one for one in found if one.study == chosen.name])


def page(chosen: Study, config: Config, agreed: list[dict[str, Any]], found: list[Finding]) -> dict[str, Any]:
    """Return everything that the templates show of one study; `found`: the audit's findings on it."""
    place = config.folder / chosen.name
    rows = verdict_rows.read(place / "verdicts.csv")
    pairs = paper_tables.joined(chosen.ledger, rows)
    counts, groups = verdict_rows.counts(rows), findings.groups([f for f in found if f.outcome == "inconsistent"])
    compared, contrasted = ([], []) if not has_comparisons(chosen) else (
        read_json(place / "comparisons.json", "compare"), read_json(place / "contrasts.json", "compare")
    )  # fmt: skip
    wanted = chosen.experiment and chosen.experiment.forensics
    investigated = read_json(place / "forensics.json", "forensics") if wanted else []
    kept = shown.Shown(chosen, config) if chosen.experiment else None
    scores = kept.rows() if kept else []
    spreads = by_query.of(pairs, kept.spread) if kept else {}
    if kept:
        kept.keep()
    return {
        "name": chosen.name, "title": chosen.ledger.title, "total": len(rows), "counts": counts, "by_word": dict(counts), "by_files": told.by_files(pairs), "pairs": pairs,
        "paper_tables": paper_tables.tables(chosen.ledger, rows), "whole_tables": paper_tables.tables(chosen.ledger, rows, None),
        "marked": marked(pairs), "statements": statements(pairs), "opening": told.opening(chosen.ledger.title, chosen.name, pairs, groups, counts),
        "scores": scores, "tables": scoreboard.tables(chosen, scores) if scores else [], "pictures": pictures(chosen, config),
        "comparisons": [comparison_cells(one) for one in compared], "forensics": [forensic_cells(one) for one in investigated],
        "contrasts": [contrast_cells(one) for one in contrasted], "engines": engines_told(agreed),
        "agreement": [agreement_cells(one) for one in agreed if one["between"] != "engines"],
        "effects": [(claim, row) for claim, row in pairs if row["effect_ratio"]],
        "by_query": spreads, "ledger": chosen.ledger, "decidable": {claim.key: claim.decidable_at.told if claim.decidable_at else "" for claim, _ in pairs},
    }  # fmt: skip

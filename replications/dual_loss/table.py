"""Tables of this study, with intervals by syllabus: `python -m replications.dual_loss.table --fidelity substitute`.

Accuracy by category, gains over the untuned base model on questions that were trained on and on unseen ones, role confusion,
calibration. They go to paper_tables/<fidelity>/dual_loss_details.md; the verdicts on the paper's claims stand elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from harness.config import Judgement
from harness.errors import stage
from harness.pages import escape
from harness.pages.sections import contrast_cells
from harness.rankings.scores import Floats, Key, Measured
from harness.studies.command import parse
from harness.studies.experiment import read
from harness.text import write_text
from harness.verdicts import contrast
from harness.verdicts.resample import drawn, interval

from . import changes, scores
from .scores import BASE, STUDY, Row, Table, institutions, load, of_rows, pairs

OWN = "own"
CHANCE = "What hangs on the chunks alone: accuracy by chance, and counts"
PARTS = {
    "Accuracy, questions that stand in the training pairs": ("accuracy_",),
    "Accuracy, questions that stand nowhere in the training pairs": ("unseen_",),
    "Extractive answers right, 'does not say' included": ("answered_",),
    "Answers of the endpoint supported": ("endpoint_",),
    "Role confusion on the first chunk": ("instructor_for", "ta_for"),
    "Does the question matter? The same chunks for questions on other matters": ("same_chunks",),
    "Role confusion on probes": ("confused_",),
    "Calibration on held-out pairs": ("cosine_", "auc", "calibration_"),
    CHANCE: ("chance_", "unanswerable", "split_answers"),
}


@dataclass(frozen=True)
class Places:
    """Whose syllabus a query is about, and which institutions the training pairs name."""

    institutions: Mapping[str, str]
    named: frozenset[str]


def markdown(table: Table, places: Places, rules: Judgement, leakage: bool = True) -> str:
    """Return all tables as Markdown; without `leakage` the control is left out: no question asked was trained on."""
    base, pair_draws = base_of(table), scores.of_pairs(table, rules)
    lines = []
    for title, prefixes in PARTS.items():
        keys = [key for key in table if key[3].startswith(prefixes) and (title != CHANCE or key[1] == base)]
        lines += _table(title, keys, lambda key: _cell(table[key], pair_draws.get(key), rules), base)
    for title, head, rows in changes.tables(table, pair_draws, rules):
        lines += _lines(title, head, rows)
    gains = _gains(table, base, rules) if leakage else []
    return "\n".join([*lines, *gains, *_institutions(table, places, base, rules)]) + "\n"


def base_of(table: Table) -> str:
    """Return the variant that others are held against: the untuned base model, else the first there is."""
    variants = list(dict.fromkeys(variant for _, variant, *_ in table))
    return BASE if BASE in variants else variants[0]


def _table(title: str, keys: list[Key], cell: Callable[[Key], str], base: str) -> list[str]:
    if not keys:
        return []
    metrics = sorted({metric for *_, metric in keys})
    rows = sorted({key[:3] for key in keys}, key=lambda row: (row[2], row[1] != base, row[1]))
    cells = [[collection, variant, *(cell(key) if (key := (study, variant, collection, m)) in keys else "" for m in metrics)]
             for study, variant, collection in rows]  # fmt: skip
    return _lines(title, ["collection", "variant", *metrics], cells)


def _lines(title: str, head: list[str], rows: list[list[str]]) -> list[str]:
    written = ["| " + " | ".join(map(escape.markdown, row)) + " |" for row in (head, *rows)]
    return [f"## {title}", "", written[0], "|" + "---|" * len(head), *written[1:], ""]


def _cell(one: Measured, draws: Floats | None, rules: Judgement) -> str:
    mean = f"{one.means.mean():.3f}"
    if draws is not None:
        low, high = scores.pair_interval(one.key[3], float(one.means.mean()), draws, rules)
        return f"{mean} [{max(0.0, low):.3f}, {high:.3f}]"
    seeds = f"{len(one.seeds)} seeds" if len(one.seeds) > 1 else ""
    if one.by_query is None:
        return f"{mean} ({seeds})" if seeds else mean
    low, high = interval(drawn(one, rules)[0], rules.confidence)
    return f"{mean} [{low:.3f}, {high:.3f}] (" + ", ".join(filter(None, [f"n {len(one.queries)}", seeds])) + ")"


def _gains(table: Table, base: str, rules: Judgement) -> list[str]:
    """The leakage control as experiment.yaml has it; of one's own syllabi, for every model."""
    path = Path(__file__).with_name("experiment.yaml")
    variants = [name for name in dict.fromkeys(variant for _, variant, *_ in table) if name != base]
    own = any(collection == OWN for _, _, collection, _ in table)
    lines = []
    for entry in read(path).contrasts.values():
        chosen = [name for name in variants if own or any(fnmatchcase(name, pattern) for pattern in entry.variants)]
        asked = entry.model_copy(update={"baseline": base, "collections": [OWN] if own else entry.collections})
        found = contrast.rows_of(table, STUDY, chosen, asked, rules, str(path))
        told = contrast_cells({**asked.model_dump(), "rows": found})
        keys = ["collection", "variant", "gain", "gain_less", "difference", "interval", "detectable", "p", "seeds", "outcome"]
        rows = [[row[key] for key in keys] for row in told["rows"]]
        head = ["of less" if key == "gain_less" else "p (Holm)" if key == "p" else key for key in keys]
        lines += _lines(f"{told['title']}: {told['told']}", head, rows) if rows else []
    return lines


def _institutions(table: Table, places: Places, base: str, rules: Judgement) -> list[str]:
    """Accuracy by institution, and in and out of the domain of the pairs; all questions together, fixed chunks."""
    parts = [one for one in table.values() if one.key[2] in ("syllabi", OWN) and one.key[3].startswith(("accuracy_", "unseen_"))]
    variants = sorted({one.key[1] for one in parts}, key=lambda name: (name != base, name))
    if not parts:
        return []
    wholes = {variant: [one for one in parts if one.key[1] == variant] for variant in variants}
    known = sorted({places.institutions[query] for one in parts for query in one.queries})
    domains = {"out of domain: not named in the training pairs": [place for place in known if place not in places.named],
               "named in the training pairs": [place for place in known if place in places.named]}  # fmt: skip
    rows = []
    for title, chosen in {**domains, **{place: [place] for place in known}}.items():
        cells = [_pooled(wholes[variant], frozenset(chosen), places, rules) for variant in variants]
        if any(cells):
            syllabi = {g for v in variants for one in wholes[v] for q, g in zip(one.queries, one.groups, strict=True)
                       if places.institutions[q] in chosen}  # fmt: skip
            rows.append([title, str(len(syllabi)), *cells])
    return _lines("Accuracy by institution, all questions", ["institution", "syllabi", *variants], rows)


def _pooled(parts: list[Measured], chosen: frozenset[str], places: Places, rules: Judgement) -> str:
    """Return the mean over all questions of the chosen institutions, with its interval where there are several syllabi."""
    one = scores.pooled(parts, lambda query: places.institutions[query] in chosen)
    if one is None:
        return ""
    mean, count = f"{one.means.mean():.3f}", f"(n {len(one.queries)})"
    if len(set(one.groups)) < 2:
        return f"{mean} {count}"
    low, high = interval(drawn(one, rules)[0], rules.confidence)
    return f"{mean} [{low:.3f}, {high:.3f}] {count}"


def of_measures(
    rows: list[Row], labels: dict[str, dict[str, str]], sentences: Iterable[str], rules: Judgement, leakage: bool
) -> str:
    """Return the tables of measures taken without seeds; `sentences` are those of the training pairs."""
    places = Places(labels["institution"], named_in(set(labels["institution"].values()), sentences))
    return markdown(of_rows(rows, labels["cluster"]), places, rules, leakage)


def named_in(institutions: Iterable[str], sentences: Iterable[str]) -> frozenset[str]:
    """Return the institutions whose name, without what stands in brackets, occurs in one of the sentences."""
    text = "\n".join(sentences).casefold()
    return frozenset(place for place in institutions if place.split(" (")[0].casefold() in text)


def main() -> None:
    """Write the tables of one fidelity."""
    _, config = parse(main.__doc__ or "")
    known = institutions(config)
    places = Places(known, named_in(set(known.values()), pairs(config)))
    text = markdown(load(config), places, config.judgement)
    head = f"<!-- Generated by `python -m replications.dual_loss.table`; do not edit. Fidelity: {config.fidelity}. -->\n\n"
    write_text(config.root / "paper_tables" / config.fidelity / "dual_loss_details.md", head + text)
    print(text)


if __name__ == "__main__":
    stage(main)

"""Reading `claims.yaml`: tables become one entry a cell, and every entry is checked."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from harness.errors import InputError, Problems, brief, closest, explained
from harness.ledger import table_marks, unfinished
from harness.ledger.claims import UNNAMED, Claim, Document, Ledger, Made, Metric, TextSet
from harness.ledger.printed import Unreadable, parse
from harness.text import read_yaml


def load(folder: Path) -> Ledger:
    """Read `<folder>/claims.yaml`; raise InputError that quotes the entry, the key and the file."""
    path = folder / "claims.yaml"
    raw = read_yaml(path)
    if not isinstance(raw, dict):
        raise InputError(f"{path}: expected a mapping with 'documents', 'metrics', 'tables' and 'claims'")
    problems = Problems()
    known = {"title", "documents", "metrics", "texts", "tables", "claims"}
    problems.found += [f"{path}: unknown key '{key}'{closest(key, known)}" for key in raw if key not in known]
    if not (isinstance(raw.get("title"), str) and raw["title"].strip()):
        problems.found.append(f"{path}: title: missing, or no words; say what the source is called")
    documents, metrics, texts = (
        _mapping(path, raw, key, model, problems) for key, model in (("documents", Document), ("metrics", Metric), ("texts", TextSet))
    )
    problems.raise_all()  # what follows rests on it
    claims: list[Claim] = []
    opened: dict[str, list[str]] = {}
    for entry in _entries(path, raw, problems):
        with problems.each():
            keys = _open_keys(raw, entry)
            claims.append(_claim(path, folder.name, unfinished.checkable(entry) if keys else entry, documents))
            opened |= {claims[-1].id: keys} if keys else {}
    problems.raise_all()
    _refuse_loose_ends(path, claims, metrics)
    opened |= unfinished.waiting({claim.id: [target for _, target in _targets(claim)] for claim in claims}, opened)
    claims = [claim for claim in claims if claim.id not in opened]
    return Ledger(study=folder.name, title=raw["title"], documents=documents, metrics=metrics, texts=texts, claims=claims, todo=opened)


def _open_keys(raw: dict[str, Any], entry: Any) -> list[str]:
    """Return what a claim leaves open, its document's and its metric's TODO included."""
    if not isinstance(entry, dict):
        return []
    keys = unfinished.open_keys(entry)
    for section, key in (("documents", "document"), ("metrics", "metric")):
        name, entries = entry.get(key), raw.get(section)
        if isinstance(entries, dict) and isinstance(name, str):
            keys += [f"{section}.{name}.{one}" for one in unfinished.open_keys(entries.get(name))]
    return keys


def _mapping(path: Path, raw: dict[str, Any], key: str, model: type[Any], problems: Problems) -> dict[str, Any]:
    found = {}
    with problems.each():
        for name, entry in _named(path, key, {} if raw.get(key) is None else raw[key]).items():
            with problems.each():
                found[name] = _build(path, f"{key}.{name}", model, unfinished.finished(entry) if unfinished.open_keys(entry) else entry)
    return found


def _entries(path: Path, raw: dict[str, Any], problems: Problems) -> list[Any]:
    """Return the claims that are written one by one and, after them, those of the tables' cells."""
    found: list[Any] = []
    for key in ("claims", "tables"):
        written = [] if raw.get(key) is None else raw[key]
        if not isinstance(written, list):
            problems.found.append(f"{path}: {key}: expected a list of entries, each after a dash")
            continue
        for entry in written:
            with problems.each():
                found += [entry] if key == "claims" else _cells(path, entry)
    return found


def _named(path: Path, where: str, entries: Any) -> dict[str, Any]:
    """Return a mapping of names to entries; raise InputError for anything else."""
    if not isinstance(entries, dict):
        raise InputError(f"{path}: {where}: expected names with their entries, such as 'a: {{...}}', not {brief(entries)}")
    return entries


def _build(path: Path, name: str, model: type[Any], entry: Any) -> Any:
    try:
        return model.model_validate(entry)
    except ValidationError as error:
        raise InputError(f"{path}: entry '{name}': " + "; ".join(explained(error, model.model_fields))) from None


def _claim(path: Path, study: str, entry: Any, documents: dict[str, Document]) -> Claim:
    if not isinstance(entry, dict):
        raise InputError(f"{path}: a claim must be a mapping, not {brief(entry)}")
    name = str(entry.get("id", f"with printed {brief(entry.get('printed'))}"))[:80]
    document = entry.get("document")
    if not isinstance(document, str) or document not in documents:
        raise InputError(f"{path}: entry '{name}': document: '{document}' is not declared{closest(str(document), documents)}")
    for key in ("study", "source"):
        if key in entry:
            raise InputError(f"{path}: entry '{name}': {key}: follows from the folder and the document; remove it")
    made = _made(documents[document], entry)
    claim: Claim = _build(path, name, Claim, {**entry, **made, "study": study, "source": documents[document].source})
    return claim


def _made(document: Document, entry: dict[str, Any]) -> dict[str, Any]:
    """Return what a document says of how its values came about; a claim's own words go before it, key by key."""
    own = {key: entry[key] for key in Made.model_fields if key in entry}
    stated = document.model_dump(include=set(Made.model_fields), exclude_defaults=True)
    said = {**document.said, **own["said"]} if isinstance(own.get("said"), dict) else own.get("said", document.said)
    return {**stated, **own, "said": said}


def _cells(path: Path, table: dict[str, Any]) -> list[dict[str, Any]]:
    """Expand a table, written as it was printed, into one entry per non-empty cell: `table.row.column`."""
    for key in ("id", "columns", "rows"):
        if not isinstance(table, dict) or not table.get(key):
            name = table.get("id", "?") if isinstance(table, dict) else table
            raise InputError(f"{path}: table '{name}': the key '{key}' is missing")
    if not isinstance(table["id"], str):
        raise InputError(f"{path}: table {brief(table['id'])}: the id is no name; put it in quotes")
    if not isinstance(table.get("place", ""), str):
        raise InputError(f"{path}: table '{table['id']}': place: expected words, not {brief(table['place'])}")
    defaults = {k: v for k, v in table.items() if k not in ("id", "columns", "rows", *table_marks.OF_TABLE)}
    columns = {
        column: _named(path, f"table '{table['id']}': column '{column}'", {} if entry is None else entry)
        for column, entry in _named(path, f"table '{table['id']}': columns", table["columns"]).items()
    }
    cells = []
    for row, row_entry in _named(path, f"table '{table['id']}': rows", table["rows"]).items():
        printed = row_entry.get("printed") if isinstance(row_entry, dict) else row_entry
        if not isinstance(printed, list) or len(printed) != len(columns):
            raise InputError(f"{path}: table '{table['id']}', row '{row}': printed: needs a list of {len(columns)} strings")
        whole = row_entry if isinstance(row_entry, dict) else {}
        table_marks.refuse_unknown(f"{path}: table '{table['id']}', row '{row}'", whole, columns)
        extra = table_marks.without(whole, ("printed", *table_marks.OF_ROW))
        line = f" ({whole['line']})" if whole.get("line") else ""
        for (column, column_entry), text in zip(columns.items(), printed, strict=True):
            if text is None:
                continue
            place = f"{table.get('place', '')}, row {row}, column {column}{line}"
            own = table_marks.without(column_entry, table_marks.OF_COLUMN) | extra | table_marks.of_cell(whole, column)
            entry = {"kind": "absolute", **defaults, **own, "place": place, "printed": text}
            cells.append({"id": f"{table['id']}.{row}.{column}", **_filled(entry, str(row), str(column))})
    return cells


def _filled(entry: Any, row: str, column: str) -> Any:
    """Replace `{row}` and `{column}` in every string of a table's defaults."""
    if isinstance(entry, str):
        return entry.replace("{row}", row).replace("{column}", column)
    if isinstance(entry, list):
        return [_filled(item, row, column) for item in entry]
    if isinstance(entry, dict):
        return {key: _filled(item, row, column) for key, item in entry.items()}
    return entry


def _refuse_loose_ends(path: Path, claims: list[Claim], metrics: dict[str, Metric]) -> None:
    """Every id once; every metric and every id that a claim points to declared; no number made from itself."""
    problems = Problems()
    ids: set[str] = set()
    for claim in claims:
        if claim.id in ids:
            problems.found.append(f"{path}: entry '{claim.id}': the id is used twice")
        ids.add(claim.id)
    for claim in claims:
        where = f"{path}: entry '{claim.id}'"
        if claim.metric and claim.metric not in metrics:
            problems.found.append(f"{where}: metric: '{claim.metric}' is not declared{closest(claim.metric, metrics)}")
        for key, target in _targets(claim):
            with problems.each():
                if target not in ids and not (key == "arithmetic" and _literal(path, claim, target)):
                    raise InputError(f"{where}: {key}: no claim '{target}'{closest(target, ids)}")
    problems.found += _circles(path, claims)
    problems.raise_all()


def _circles(path: Path, claims: list[Claim]) -> list[str]:
    """Name claims whose numbers are made from one another, or from themselves."""
    try:
        TopologicalSorter({claim.id: {target for _, target in _targets(claim)} for claim in claims}).prepare()
    except CycleError as error:
        return [f"{path}: entry '{error.args[1][0]}': it is made from itself: {' <- '.join(error.args[1][:5])}"]
    return []


def _literal(path: Path, claim: Claim, word: str) -> bool:
    try:
        return word == UNNAMED or parse(word) is not None
    except Unreadable as error:
        raise InputError(f"{path}: entry '{claim.id}': arithmetic: {error}") from None


def _targets(claim: Claim) -> list[tuple[str, str]]:
    found = [("order", side) for tier in claim.order or [] for side in tier if isinstance(side, str)]
    found += [("arithmetic", item) for item in (claim.arithmetic.of if claim.arithmetic else [])]
    return found + ([("restates", claim.restates)] if claim.restates else [])

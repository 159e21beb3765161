"""Reading `claims.yaml`: tables become one entry a cell, and every entry is checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from harness.errors import InputError, closest
from harness.ledger.claims import UNNAMED, Claim, Document, Ledger, Made, Metric, TextSet
from harness.ledger.printed import Unreadable, parse
from harness.text import read_yaml


def load(folder: Path) -> Ledger:
    """Read `<folder>/claims.yaml`; raise InputError that quotes the entry, the key and the file."""
    path = folder / "claims.yaml"
    raw = read_yaml(path)
    if not isinstance(raw, dict):
        raise InputError(f"{path}: expected a mapping with 'documents', 'metrics', 'tables' and 'claims'")
    known = {"title", "documents", "metrics", "texts", "tables", "claims"}
    for key in raw:
        if key not in known:
            raise InputError(f"{path}: unknown key '{key}'{closest(key, known)}")
    documents = _mapping(path, raw, "documents", Document)
    metrics = _mapping(path, raw, "metrics", Metric)
    texts = _mapping(path, raw, "texts", TextSet)
    for key in ("claims", "tables"):
        if not isinstance(raw.get(key) or [], list):
            raise InputError(f"{path}: {key}: expected a list of entries, each after a dash")
    entries = [*(raw.get("claims") or []), *(cell for table in raw.get("tables") or [] for cell in _cells(path, table))]
    claims = [_claim(path, folder.name, entry, documents) for entry in entries]
    _refuse_loose_ends(path, claims, metrics)
    if "title" not in raw:
        raise InputError(f"{path}: the key 'title' is missing")
    return Ledger(study=folder.name, title=raw["title"], documents=documents, metrics=metrics, texts=texts, claims=claims)


def _mapping(path: Path, raw: dict[str, Any], key: str, model: type[Any]) -> dict[str, Any]:
    return {name: _build(path, f"{key}.{name}", model, entry) for name, entry in _named(path, key, raw.get(key) or {}).items()}


def _named(path: Path, where: str, entries: Any) -> dict[str, Any]:
    """Return a mapping whose names are the words in the file; YAML reads 010, 1:30, 1.0 and no unquoted as other things."""
    if not isinstance(entries, dict):
        raise InputError(f"{path}: {where}: expected names with their entries, such as 'a: {{...}}', not {str(entries)[:80]!r}")
    for name in entries:
        if not isinstance(name, str):
            raise InputError(f"{path}: {where}: YAML reads a name as {name!r}; put it in quotes as it is meant")
    return entries


def _build(path: Path, name: str, model: type[Any], entry: Any) -> Any:
    try:
        return model.model_validate(entry)
    except ValidationError as error:
        problems = []
        for e in error.errors():
            where = ".".join(str(part) for part in e["loc"])
            hint = closest(where, model.model_fields) if e["type"] == "extra_forbidden" else ""
            got = f" (you wrote: {str(e['input'])[:80]!r})" if where and not isinstance(e["input"], dict) else ""
            problems.append(f"{where + ': ' if where else ''}{e['msg'].removeprefix('Value error, ')}{hint}{got}")
        raise InputError(f"{path}: entry '{name}': " + "; ".join(problems)) from None


def _claim(path: Path, study: str, entry: Any, documents: dict[str, Document]) -> Claim:
    if not isinstance(entry, dict):
        raise InputError(f"{path}: a claim must be a mapping, not {entry!r}")
    name = str(entry.get("id", f"with printed {entry.get('printed')!r}"))
    document = entry.get("document")
    if document not in documents:
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
    defaults = {k: v for k, v in table.items() if k not in ("id", "columns", "rows")}
    columns = {
        column: _named(path, f"table '{table['id']}': column '{column}'", entry or {})
        for column, entry in _named(path, f"table '{table['id']}': columns", table["columns"]).items()
    }
    cells = []
    for row, row_entry in _named(path, f"table '{table['id']}': rows", table["rows"]).items():
        printed = row_entry.get("printed") if isinstance(row_entry, dict) else row_entry
        if not isinstance(printed, list) or len(printed) != len(columns):
            raise InputError(f"{path}: table '{table['id']}', row '{row}': printed: needs a list of {len(columns)} strings")
        extra = {k: v for k, v in row_entry.items() if k != "printed"} if isinstance(row_entry, dict) else {}
        for (column, column_entry), text in zip(columns.items(), printed, strict=True):
            if text is None:
                continue
            place = f"{table.get('place', '')}, row {row}, column {column}"
            entry = {"kind": "absolute", **defaults, **column_entry, **extra, "place": place, "printed": text}
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
    """Every id once; every metric and every id that a claim points to declared."""
    ids: set[str] = set()
    for claim in claims:
        if claim.id in ids:
            raise InputError(f"{path}: entry '{claim.id}': the id is used twice")
        ids.add(claim.id)
    for claim in claims:
        if claim.metric and claim.metric not in metrics:
            raise InputError(
                f"{path}: entry '{claim.id}': metric: '{claim.metric}' is not declared{closest(claim.metric, metrics)}"
            )
        for key, target in _targets(claim):
            if target not in ids and not (key == "arithmetic" and _literal(path, claim, target)):
                raise InputError(f"{path}: entry '{claim.id}': {key}: no claim '{target}'{closest(target, ids)}")


def _literal(path: Path, claim: Claim, word: str) -> bool:
    try:
        return word == UNNAMED or parse(word) is not None
    except Unreadable as error:
        raise InputError(f"{path}: entry '{claim.id}': arithmetic: {error}") from None


def _targets(claim: Claim) -> list[tuple[str, str]]:
    found = [("order", side) for tier in claim.order or [] for side in tier if isinstance(side, str)]
    found += [("arithmetic", item) for item in (claim.arithmetic.of if claim.arithmetic else [])]
    return found + ([("restates", claim.restates)] if claim.restates else [])

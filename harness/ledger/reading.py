"""Reading `claims.yaml`: every entry is checked; tables become one entry a cell (`tables.py`)."""

from __future__ import annotations

from collections.abc import Collection
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from harness.errors import InputError, Problems, brief, closest, explained
from harness.ledger import cell, standard, unfinished
from harness.ledger.claims import UNNAMED, Claim, Document, Ledger, Made, Metric, TextSet
from harness.ledger.printed import Unreadable, parse
from harness.ledger.tables import Known, cells, named
from harness.text import read_yaml

KEYS = ("title", "locator", "documents", "metrics", "texts", "tables", "claims")


def load(folder: Path, variants: Collection[str] = (), collections: Collection[str] = ()) -> Ledger:
    """Read `<folder>/claims.yaml`; raise InputError that quotes the entry, the key and the file.

    `variants` and `collections`: the names of the study's experiment; rows and columns named so need not say it again.
    """
    path = folder / "claims.yaml"
    raw = read_yaml(path)
    if not isinstance(raw, dict):
        raise InputError(f"{path}: expected a mapping with 'documents', 'metrics', 'tables' and 'claims'")
    problems = Problems()
    problems.found += [f"{path}: unknown key '{key}'{closest(key, KEYS)}" for key in raw if key not in KEYS]
    if not (isinstance(raw.get("title"), str) and raw["title"].strip()):
        problems.found.append(f"{path}: title: missing, or no words; say what the source is called")
    with problems.each():
        raw = _with_document(path, raw)
    documents, metrics, texts = (
        _mapping(path, raw, key, model, problems)
        for key, model in (("documents", Document), ("metrics", Metric), ("texts", TextSet))
    )
    problems.raise_all()  # what follows rests on it
    claims: list[Claim] = []
    opened: dict[str, list[str]] = {}
    for entry in _entries(path, raw, Known(variants, metrics, collections), problems):
        with problems.each():
            keys = _open_keys(raw, entry)
            claims.append(_claim(path, folder.name, unfinished.checkable(entry) if keys else entry, documents))
            opened |= {claims[-1].id: keys} if keys else {}
    problems.raise_all()
    named_so = {claim.metric: standard.metric(claim.metric) for claim in claims if claim.metric and claim.metric not in metrics}
    metrics |= {name: found for name, found in named_so.items() if found}
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
        for name, entry in named(path, key, {} if raw.get(key) is None else raw[key]).items():
            with problems.each():
                found[name] = _build(path, f"{key}.{name}", model, unfinished.finished(entry) if unfinished.open_keys(entry) else entry)
    return found


def _with_document(path: Path, raw: dict[str, Any]) -> dict[str, Any]:
    """Return the file with the one document that `locator` stands for: the paper itself, under the ledger's title."""
    if "locator" not in raw:
        return raw
    if raw.get("documents"):
        raise InputError(f"{path}: locator: stands in place of documents; with documents, give each its own")
    return {**raw, "documents": {"paper": {"title": raw.get("title"), "source": "primary", "locator": raw["locator"]}}}


def _entries(path: Path, raw: dict[str, Any], known: Known, problems: Problems) -> list[Any]:
    """Return the claims that are written one by one and, after them, those of the tables' cells."""
    found: list[Any] = []
    for key in ("claims", "tables"):
        written = [] if raw.get(key) is None else raw[key]
        if not isinstance(written, list):
            problems.found.append(f"{path}: {key}: expected a list of entries, each after a dash")
            continue
        for entry in written:
            with problems.each():
                found += [entry] if key == "claims" else cells(path, entry, known)
    return found


def _build(path: Path, name: str, model: type[Any], entry: Any) -> Any:
    try:
        return model.model_validate(entry)
    except ValidationError as error:
        raise InputError(f"{path}: entry '{name}': " + "; ".join(explained(error, model.model_fields))) from None


def _claim(path: Path, study: str, entry: Any, documents: dict[str, Document]) -> Claim:
    if not isinstance(entry, dict):
        raise InputError(f"{path}: a claim must be a mapping, not {brief(entry)}")
    name = str(entry.get("id", f"with printed {brief(entry.get('printed'))}"))[:80]
    if "document" not in entry and len(documents) == 1:  # there is no other that it can stand in
        entry = {**entry, "document": next(iter(documents))}
    if "kind" not in entry and "order" in entry:
        entry = {"kind": "ordering", **entry}
    document = entry.get("document")
    if not isinstance(document, str) or document not in documents:
        raise InputError(f"{path}: entry '{name}': document: '{document}' is not declared{closest(str(document), documents)}")
    if not isinstance(entry.get("cell"), cell.Cell | None):
        raise InputError(f"{path}: entry '{name}': cell: follows from the table; remove it")
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

"""JSON schemas of the files that people write, made from the models that read them, so that editors complete and underline.

A key's description is its field's: `Field(description=...)`, or the sentence under the field.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from functools import cache
from typing import Any

from pydantic import BaseModel

from harness.config import SETTABLE, Config
from harness.data.asset import Asset
from harness.data.definition import Definition
from harness.ledger.claims import Ledger
from harness.studies.experiment import Experiment, Variant
from harness.studies.models import Recipe

Schema = dict[str, Any]
DRAFT = "https://json-schema.org/draft/2020-12/schema"
SAID_ELSEWHERE = ("study", "source", "cell")  # of a claim: they follow from the folder, the document and the table
CAPTION = {"type": "string", "description": "The table's caption, as printed."}
MARKED = {"type": "array", "items": {"type": "string"}}
SET = {
    "line": {"type": "string", "description": "The line of the source that prints the row, as in paper.tex:12."},
    "bold": {**MARKED, "description": "The columns in which the row is printed bold."},
    "underline": {**MARKED, "description": "The columns in which the row is underlined."},
    "marks": {"type": "object", "additionalProperties": {"type": "string"}, "description": "Footnote signs beside a number, by column."},
    "words": {"type": "object", "additionalProperties": {"type": "string"}, "description": "What cells without a number say, by column."},
}
LABEL = {"type": "string", "description": "The paper's own words for the row or column, wherever people read."}


def all_of_them() -> dict[str, Schema]:
    """Return the schema of each kind of file by name: claims, experiment, collection, model, config."""
    return {"claims": claims(), "experiment": experiment(), "collection": collection(), "model": model(), "config": config()}


def claims() -> Schema:
    """Return the schema of claims.yaml: the ledger with its claims as written, and tables that say once what holds for every cell."""
    schema = _of(Ledger, "claims.yaml: what a source prints")
    definitions = schema["$defs"]
    entry = definitions.pop("Claim")
    definitions.pop("Cell")
    keys = {key: value for key, value in entry["properties"].items() if key not in SAID_ELSEWHERE}
    shared = {key: value for key, value in keys.items() if key not in ("id", "printed")}
    definitions["claim"] = _object("One assertion.", keys, ["id", "printed", "place", "status"])
    cell = {"type": ["string", "null"], "description": "What the cell prints, in quotes; null for an empty cell."}
    printed = {"type": "array", "items": cell, "description": "One string for each column, as printed."}
    definitions["row"] = {"anyOf": [printed, _object("A row with keys of its own.", {**shared, "label": LABEL, **SET, "printed": printed}, ["printed"])]}
    definitions["column"] = {"anyOf": [{"type": "null"}, _object("What holds for a column.", {**shared, "label": LABEL}, [])]}
    definitions["table"] = _object("A table as printed; its keys hold for every cell that does not say otherwise.", {
        "id": {**keys["id"], "description": "The table's name, the first part of its cells' ids; made from its place where it is left out."},
        **shared,
        "caption": CAPTION,
        "columns": {"description": "The columns: a list of names, or names with what holds for each. A name that is a metric, such as ndcg@10, says so by itself.",
                    "anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "object", "additionalProperties": {"$ref": "#/$defs/column"}}]},
        "rows": {"description": "The rows by name: a list of strings as printed. A row's name is its variant unless said otherwise.",
                 "type": "object", "additionalProperties": {"$ref": "#/$defs/row"}},
    }, ["columns", "rows"])  # fmt: skip
    properties = {key: value for key, value in schema["properties"].items() if key not in ("study", "todo")}
    properties["claims"] = {"description": properties["claims"]["description"], "type": "array", "items": {"$ref": "#/$defs/claim"}}
    properties["tables"] = {"description": "Tables as printed; each cell becomes the claim table.row.column.", "type": "array", "items": {"$ref": "#/$defs/table"}}
    properties["locator"] = {"description": "In place of documents: where the one source is found.", "type": "string"}
    for key in ("documents", "metrics", "texts", "claims", "tables"):  # an empty key is read as nothing
        properties[key] = {**properties[key], "type": [properties[key]["type"], "null"]}
    return {**schema, "properties": properties, "required": ["title"]}


def experiment() -> Schema:
    """Return the schema of experiment.yaml; a variant holds the keys that the harness knows, and any that its method does."""
    schema = _of(Experiment, "experiment.yaml: what a study runs")
    own = _of(Variant, "")
    keys = {key: value for key, value in own["properties"].items() if key not in ("name", "settings")}
    keys["seeds"] = {**schema["properties"]["seeds"], "description": keys["seeds"]["description"]}
    entry = {
        "type": "object",
        "properties": keys,
        "additionalProperties": True,
        "description": own["properties"]["settings"]["description"],
    }
    schema["$defs"] |= own.get("$defs", {}) | {"variant": entry}
    borrowed = next(
        one for one in schema["properties"]["variants"]["additionalProperties"]["anyOf"] if one.get("type") == "string"
    )
    schema["properties"]["variants"]["additionalProperties"] = {"anyOf": [{"$ref": "#/$defs/variant"}, borrowed]}
    return schema


def collection() -> Schema:
    """Return the schema of collections/<name>.yaml; its files may be names alone, until they are pinned."""
    schema = _of(Definition, "collections/<name>.yaml: what a collection must be")
    files = schema["properties"]["files"]
    files["anyOf"].append({"type": "array", "items": {"type": "string"}})
    return schema


def model() -> Schema:
    """Return the schema of models/<name>.yaml: files with their digests, or a recipe by which the project trains it."""
    files, recipe = _of(Asset, ""), _of(Recipe, "")
    definitions = files.pop("$defs", {}) | recipe.pop("$defs", {})
    files["properties"] = {"title": recipe["properties"]["title"], **files["properties"]}
    kinds = {"files": files, "recipe": recipe}
    for kind in kinds.values():
        kind.pop("$schema")
        kind.pop("title")
    kinds["files"]["description"] = "A model whose files are pinned."
    kinds["recipe"]["description"] = "A model that the project trains itself."
    either = {"anyOf": [{"$ref": f"#/$defs/{name}"} for name in kinds]}
    return {"$schema": DRAFT, "title": "models/<name>.yaml: what a model must be", **either, "$defs": {**definitions, **kinds}}


def config() -> Schema:
    """Return the schema of config.yaml, without what follows from where it lies."""
    schema = _of(Config, "config.yaml: the settings of a run")
    written = {key: value for key, value in schema["properties"].items() if key in SETTABLE}
    for part in (written, *(entry["properties"] for entry in schema["$defs"].values())):
        for value in part.values():  # a bound that stands behind a validator keeps pydantic's own name
            for own, known in (("ge", "minimum"), ("le", "maximum")):
                bound = value.pop(own, None)
                if bound is not None:
                    value.setdefault(known, bound)
    return {**schema, "properties": written, "required": list(written), "description": "All settings of a run; each can be given for one run alone."}


def _object(said: str, properties: Schema, required: list[str]) -> Schema:
    return {"type": "object", "description": said, "properties": properties, "required": required, "additionalProperties": False}


def _of(kind: type[BaseModel], title: str) -> Schema:
    """Return a model's schema with a description at every key, and without pydantic's titles, which repeat the keys."""
    schema = kind.model_json_schema(by_alias=True)
    known = {one.__name__: one for one in _models()}
    for name, part in [(kind.__name__, schema), *schema.get("$defs", {}).items()]:
        if name in known:
            _describe(part, known[name])
    _untitle(schema)
    return {"$schema": DRAFT, **schema, "title": title}


def _describe(schema: Schema, kind: type[BaseModel]) -> None:
    schema["description"] = inspect.cleandoc(kind.__doc__ or "").split("\n")[0]
    said = sentences(kind)
    for name, field in kind.model_fields.items():
        entry = schema["properties"][field.alias or name]
        if "description" not in entry and name in said:
            schema["properties"][field.alias or name] = {"description": said[name], **entry}


@cache
def sentences(kind: type[BaseModel]) -> dict[str, str]:
    """Return the sentence that stands under each field of a model or of one that it is made from."""
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        if base in (BaseModel, object) or not issubclass(base, BaseModel):
            continue
        (body,) = ast.parse(textwrap.dedent(inspect.getsource(base))).body
        assert isinstance(body, ast.ClassDef)
        for one, after in zip(body.body, body.body[1:], strict=False):
            match one, after:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(said))):
                    found[name] = inspect.cleandoc(said)
    return found


def _models() -> set[type[BaseModel]]:
    """Return all models of the project, whatever they are made from."""
    waiting: list[type[BaseModel]] = [BaseModel]
    found: set[type[BaseModel]] = set()
    while waiting:
        new = {one for one in waiting.pop().__subclasses__() if one.__module__.startswith("harness.")} - found
        found |= new
        waiting += new
    return found


def _untitle(part: Any) -> None:
    if isinstance(part, dict):
        for value in part.get("properties", {}).values():
            if isinstance(value, dict):
                value.pop("title", None)
        for value in part.values():
            _untitle(value)
        if "properties" not in part and isinstance(part.get("title"), str):
            part.pop("title")
    elif isinstance(part, list):
        for value in part:
            _untitle(value)

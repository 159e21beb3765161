"""Reference pages: a schema as Markdown, one table of keys for each kind of entry."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]
HEAD = "<!-- Written by `python -m harness.schemas`; do not edit. -->\n"


def page(name: str, schema: Schema) -> str:
    """Return the page of one schema."""
    parts = [HEAD, f"# {schema['title']}\n"]
    parts.append(f"An editor that knows YAML schemas reads `schemas/{name}.json`, where the first line of a file names it:\n")
    parts.append(f"```yaml\n# yaml-language-server: $schema={'' if name == 'config' else '../../'}schemas/{name}.json\n```\n")
    if schema.get("properties"):
        parts.append(_keys(schema))
    for title, entry in sorted(schema.get("$defs", {}).items()):
        objects = [entry, *(one for one in entry.get("anyOf", []) if isinstance(one, dict))]
        for one in (one for one in objects if one.get("properties")):
            parts += [f"## {title}\n", f"{_plain(one.get('description', ''))}\n", _keys(one)]
    return "\n".join(parts)


def _keys(entry: Schema) -> str:
    needed = entry.get("required", [])
    rows = [
        f"| `{key}` | {_type(value)} | {'yes' if key in needed else ''} | {_plain(value.get('description', ''))} |"
        for key, value in entry["properties"].items()
    ]
    return "\n".join(["| key | type | required | what it says |", "|---|---|---|---|", *rows, ""])


def _type(value: Any) -> str:
    """Return in words what a value may be."""
    if not isinstance(value, dict) or not value:
        return "anything"
    if "$ref" in value:
        name = value["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})"
    if "const" in value:
        return f"`{str(value['const']).lower() if isinstance(value['const'], bool) else value['const']}`"
    if "enum" in value:
        return ", ".join(f"`{str(one).lower() if isinstance(one, bool) else one}`" for one in value["enum"])
    for key in ("anyOf", "oneOf"):
        if key in value:
            return " or ".join(dict.fromkeys(_type(one) for one in value[key]))
    kind = value.get("type", "anything")
    if isinstance(kind, list):
        return " or ".join("null" if one == "null" else _type({**value, "type": one}) for one in kind)
    if kind == "array":
        return f"list of {_type(value.get('items', {}))}"
    if kind == "object":
        inner = value.get("additionalProperties", value.get("patternProperties"))
        return f"names, each with {_type(inner)}" if isinstance(inner, dict) and inner else "keys and values"
    return {"string": "words", "integer": "whole number", "boolean": "true or false"}.get(str(kind), str(kind))


def _plain(text: str) -> str:
    """Return words that mean nothing to a Markdown table."""
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")

"""The schemas stage: JSON schemas for editors and the reference pages, both made from the models that read the files."""

from __future__ import annotations

import json
from pathlib import Path

from harness.config import ROOT
from harness.errors import stage
from harness.pages import reference
from harness.studies import schemas
from harness.text import write_text


def files() -> dict[str, str]:
    """Return all files that are made here, by their path below the project's folder."""
    found = {}
    for name, schema in schemas.all_of_them().items():
        found[f"schemas/{name}.json"] = json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
        found[f"docs/reference/{name}.md"] = reference.page(name, schema)
    return found


def write(root: Path) -> list[str]:
    """Write them and return their names."""
    made = files()
    for name, text in made.items():
        write_text(root / name, text)
    return list(made)


def main() -> None:
    """`python -m harness.schemas`: write schemas/*.json and docs/reference/*.md anew."""
    print(f"schemas: {', '.join(write(ROOT))}")


if __name__ == "__main__":
    stage(main)

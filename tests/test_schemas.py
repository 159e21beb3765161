"""The schemas are those of today's models, describe every key, and accept what the readers accept."""

import jsonschema
import pytest

from harness import new, schemas
from harness.config import ROOT
from harness.studies import schemas as kinds
from harness.text import read_yaml

MADE = kinds.all_of_them()
PLACES = {
    "claims": ("*/*/claims.yaml", "docs/tutorial/claims.yaml"),
    "experiment": ("*/*/experiment.yaml", "docs/tutorial/experiment.yaml"),
    "collection": ("collections/*.yaml", "*/*/collections/*.yaml", "docs/tutorial/collection.yaml"),
    "config": ("config.yaml",),
    "model": ("models/*.yaml", "*/*/models/*.yaml"),
}
FILES = [(kind, path) for kind, patterns in PLACES.items() for pattern in patterns for path in sorted(ROOT.glob(pattern))]


def errors(kind, content):
    return [error.message for error in jsonschema.Draft202012Validator(MADE[kind]).iter_errors(content)]


def keys(part, at):
    """Every key of a schema, with what is said of it."""
    if isinstance(part, dict):
        properties = part.get("properties")
        if isinstance(properties, dict):
            yield from ((f"{at}.{key}", value) for key, value in properties.items())
        for name, value in part.items():
            yield from keys(value, f"{at}/{name}")
    elif isinstance(part, list):
        for value in part:
            yield from keys(value, at)


def test_schemas_and_reference_pages_are_current():
    stale = [name for name, text in schemas.files().items() if (ROOT / name).read_text(encoding="utf-8") != text]
    assert not stale, "run `python -m harness.schemas`"


@pytest.mark.parametrize("kind", MADE)
def test_every_key_is_described_in_words(kind):
    jsonschema.Draft202012Validator.check_schema(MADE[kind])
    found = dict(keys(MADE[kind], kind))
    assert len(found) > 10
    assert [key for key, value in found.items() if len(value.get("description", "")) < 15] == []


@pytest.mark.parametrize(("kind", "path"), FILES, ids=lambda one: str(getattr(one, "name", one)))
def test_what_the_readers_accept_the_schema_accepts(kind, path):
    assert errors(kind, read_yaml(path)) == []


@pytest.mark.parametrize("data", [None, "beir"])
def test_what_a_new_study_is_given_fits_and_names_its_schema(tmp_path, data):
    for path in new.write("fresh", tmp_path / "fresh", data):
        if path.suffix == ".yaml":
            first = path.read_text().splitlines()[0]
            schema = (path.parent / first.removeprefix("# yaml-language-server: $schema=")).resolve()
            assert schema.parent == ROOT / "schemas" or data, first
            kind = schema.stem
            assert errors(kind, read_yaml(path)) == []


@pytest.mark.parametrize(
    ("kind", "content", "said"),
    [
        ("claims", {"title": "t", "tabels": []}, "'tabels' was unexpected"),
        ("claims", {"title": "t", "tables": [{"columns": ["a"]}]}, "'rows' is a required property"),
        ("claims", {"title": "t", "claims": [{"id": "a", "printed": 0.5, "place": "p", "status": "measured"}]}, "0.5"),
        ("experiment", {"seeds": [0], "metrics": ["m"], "collections": ["c"], "variants": {"a": "bm25"}}, "bm25"),
        ("experiment", {"seeds": [0], "metrics": ["m"]}, "'collections' is a required property"),
        ("collection", {"reader": "beir", "split": "test", "filse": {}}, "'filse' was unexpected"),
        ("config", {"fidelity": "embeded"}, "'embeded' is not one of"),
        ("config", {"perturb": -1}, "-1 is less than the minimum of 0"),
        ("config", {"studdies": "all"}, "'studdies' was unexpected"),
        ("model", {"title": "t", "licence": "l"}, "is not valid under any"),
    ],
)
def test_a_mistake_is_underlined(kind, content, said):
    assert any(said in message for message in errors(kind, content)), errors(kind, content)

"""Cards and result files with any one part replaced by anything: read, or refused in words; never another error."""

import copy
import json

import pytest
import yaml
from huggingface_hub import eval_result_entries_to_yaml

from harness.cards import opening
from harness.errors import InputError
from tests.cards.conftest import write
from tests.cards.test_reading import CARD, ENTRY, KNOWN, NEW, OLD

ODD = [None, True, -1, 1e400, "", "words", "1,5", [], {}, [None], {"a": None}, [[1]], {"type": []}, "9" * 5000, "\u202e"]
VALID = {
    "README.md": yaml.safe_load(CARD.split("---")[1]),
    "SciFact.json": NEW,
    "Older.json": OLD,
    "a.yaml": eval_result_entries_to_yaml([ENTRY]),
}


def places(node, path=()):
    """Every place of a structure, the whole included."""
    yield path
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from places(value, (*path, key))


def put(node, path, value):
    if not path:
        return value
    found = copy.deepcopy(node)
    inner = found
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return found


def text(name, content):
    if name.endswith(".json"):
        return json.dumps(content)
    body = yaml.safe_dump(content, allow_unicode=True)
    return f"---\n{body}---\n" if name.endswith(".md") else body


@pytest.mark.parametrize("name", VALID)
def test_any_part_may_be_anything(tmp_path, name):
    path, came = tmp_path / name, {"read": 0, "refused": 0}
    for place in places(VALID[name]):
        for odd in ODD:
            write(path, text(name, put(VALID[name], place, odd)))
            try:
                found = opening.read(path, KNOWN)
                assert found.records and all(isinstance(one.printed, str) and isinstance(one.task, str) for one in found.records)
                came["read"] += 1
            except InputError as error:
                assert "\n" not in str(error)
                came["refused"] += 1
    assert min(came.values()) > 10


@pytest.mark.parametrize("name", VALID)
def test_any_cut_is_read_or_refused(tmp_path, name):
    whole = text(name, VALID[name])
    for end in range(0, len(whole), 7):
        path = write(tmp_path / name, whole[:end])
        try:
            opening.read(path, KNOWN)
        except InputError as error:
            assert str(error)

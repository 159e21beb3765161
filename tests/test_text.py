"""Reading files that somebody wrote: nothing wrong gets in, and every message says where and what to do."""

import os
import time

import pytest

from harness.errors import InputError
from harness.text import read_text, read_yaml

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}]\n" for i in range(1, 12)
)


def test_what_is_well_formed_is_read_as_written(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("\ufeffbase: &base {tau: 0.05, date: 2020-13-45}\nmore: {<<: *base, names: [no, 'no', \"010\"], '010': 1}\n")
    assert read_yaml(path) == {
        "base": {"tau": 0.05, "date": "2020-13-45"},
        "more": {"tau": 0.05, "date": "2020-13-45", "names": [False, "no", "010"], "010": 1},
    }
    path.write_text("")
    assert read_yaml(path) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\na: 2", ":2: malformed YAML: the key 'a' is given twice"),
        ("x:\n  010: 1", ":2: malformed YAML: the name 010 is read as a number: put it in quotes"),
        ("1:30: 1", "the name 1:30 is read as a number"),
        ("0.10: 1", "the name 0.10 is read as a number"),
        ("no: 1", "the name no is read as true or false"),
        ("~: 1", "the name ~ is read as nothing"),
        ("? [a, b]\n: 1", "a list or mapping stands where a name is expected"),
        ("? {a: b}\n: 1", "a list or mapping stands where a name is expected"),
        ("a: !!int abc", "malformed YAML"),
        ("a: " + "9" * 5000, "malformed YAML"),
        ("[" * 100_000, "more than 60 lists and mappings inside one another"),
        ("{a: " * 100_000, "more than 60 lists and mappings inside one another"),
        ("- " * 5_000, "more than 60 lists and mappings inside one another"),
        (BOMB, "values, aliases counted each time"),
        ("a: &a [*a]", "the alias '*a' stands inside what it names"),
        ("a: *b", "undefined alias"),
        ("a: !!python/object/apply:os.system [ls]", "could not determine a constructor"),
        ("a: !!binary abc", "malformed YAML"),
        ("a: b\n---\nc: d", "expected a single document"),
        ("a: [1", "malformed YAML"),
        ("a: b\n\tc: d", "malformed YAML"),
        ("<<: 1", "malformed YAML"),
        ("a: \"\\ud800\"", "malformed YAML"),
    ],
    ids=range(23),
)
def test_what_is_malformed_is_said_in_a_line_at_once(tmp_path, text, said):
    path = tmp_path / "a.yaml"
    path.write_text(text)
    began = time.monotonic()
    with pytest.raises(InputError) as caught:
        read_yaml(path)
    assert said in str(caught.value) and str(caught.value).startswith(str(path)) and len(str(caught.value)) < 500
    assert time.monotonic() - began < 10


def test_all_keys_that_cannot_be_meant_are_listed_together(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("a: {no: 1}\nb: {x: 1, x: 2}\nc:\n- 010: 1\n")
    with pytest.raises(InputError) as caught:
        read_yaml(path)
    assert [line.split(": ")[0].rpartition(":")[2] for line in str(caught.value).splitlines()] == ["1", "2", "4"]


def test_what_is_no_text_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="the file is missing"):
        read_text(tmp_path / "none")
    with pytest.raises(InputError, match="not a file"):
        read_text(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="not a file"):
        read_text(tmp_path / "pipe")
    (tmp_path / "latin").write_bytes("Universität".encode("latin-1"))
    with pytest.raises(InputError, match="not UTF-8 at byte 9; save it as UTF-8"):
        read_text(tmp_path / "latin")
    (tmp_path / "nul").write_bytes(b"a\nb\0c")
    with pytest.raises(InputError, match="nul:2: a NUL character"):
        read_text(tmp_path / "nul")
    with (tmp_path / "huge").open("wb") as opened:
        opened.truncate(50_000_000)
    with pytest.raises(InputError, match="50000000 bytes; at most 20000000 are read"):
        read_text(tmp_path / "huge")

"""Pinning a collection: what its files are and hold is filled in, all else stays, and nothing is lost where it fails."""

import json

import pytest

from harness import config, pin
from harness.data import loading, pinning
from harness.errors import InputError
from harness.text import read_yaml

DEFINITION = """# Who wrote this, and why: a comment that stays.
title: three notes
reader: beir
split: test
licence: our own
origin: made for the test
get: "write them"
sources: {mirror: notes}
files: [corpus.jsonl, queries.jsonl, qrels/test.tsv]
# what follows is ours
queries: null   # a comment on a line
"""


@pytest.fixture
def notes(workspace):
    """A workspace with a mirror of three documents and one query, and a definition that is not pinned."""
    mirror = workspace.folder / "a mirror/notes"
    (mirror / "qrels").mkdir(parents=True)
    (mirror / "corpus.jsonl").write_text("".join(json.dumps({"_id": f"d{i}", "text": f"text {i}"}) + "\n" for i in range(3)))
    (mirror / "queries.jsonl").write_text(json.dumps({"_id": "q", "text": "text 1"}) + "\n")
    (mirror / "qrels/test.tsv").write_text("query-id\tcorpus-id\tscore\nq\td1\t1\n")
    (workspace.folder / "collections").mkdir()
    (workspace.folder / "collections/notes.yaml").write_text(DEFINITION)
    return workspace


def run(notes, *more, name="notes"):
    pin.main(["--collection", name, "--root", str(notes.folder), "--mirror", str(notes.folder / "a mirror"), *more])


def definition(notes):
    return notes.folder / "collections/notes.yaml"


def test_sizes_counts_and_digests_are_filled_in_and_comments_stay(notes, capsys):
    run(notes)
    assert "3 files, 3 documents, 1 queries, 1 qrels" in capsys.readouterr().out
    text, raw = definition(notes).read_text(), read_yaml(definition(notes))
    for line in DEFINITION.splitlines():
        assert line.startswith("files:") or line in text.splitlines(), line
    assert raw["counts"] == {"documents": 3, "queries": 1, "qrels": 1}
    assert raw["files"]["corpus.jsonl"]["bytes"] == (notes.folder / "a mirror/notes/corpus.jsonl").stat().st_size
    loaded = loading.load("notes", config.load(notes.folder, {"mirror": str(notes.folder / "a mirror")}))
    assert loaded.digest == raw["digest"]
    run(notes)
    assert definition(notes).read_text() == text  # twice is once


def test_other_files_than_the_pinned_are_told_and_kept_out(notes):
    run(notes)
    before = definition(notes).read_text()
    with (notes.folder / "a mirror/notes/corpus.jsonl").open("a") as opened:
        opened.write(json.dumps({"_id": "d9", "text": "new"}) + "\n")
    with pytest.raises(
        InputError, match=r"corpus.jsonl: \d+ bytes .*counts.documents: 3 is pinned, 4 are there; digest: .*--force"
    ):
        run(notes)
    assert definition(notes).read_text() == before
    run(notes, "--force")
    assert read_yaml(definition(notes))["counts"]["documents"] == 4


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda text: text.replace("corpus.jsonl", "corpse.jsonl"),
            r"files: corpse.jsonl is not there to be pinned; tried: .*a mirror/notes",
        ),
        (lambda text: text.replace("corpus.jsonl", "../corpus.jsonl"), "leaves its folder"),
        (lambda text: text.replace("[corpus", "[3, corpus"), "files: expected a list of names"),
        (lambda text: text.replace("reader: beir", "reader: bier"), "reader: 'bier' .did you mean 'beir'"),
        (lambda text: text.replace("licence", "license"), "unknown key 'license'"),
        (lambda text: text.replace("licence: our own\n", ""), "licence"),
    ],
)
def test_what_cannot_be_pinned_leaves_the_definition_as_it_was(notes, change, said):
    definition(notes).write_text(changed := change(DEFINITION))
    with pytest.raises(InputError, match=said):
        run(notes)
    assert definition(notes).read_text() == changed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--collection", "noets"], r"--collection: no 'noets' \(did you mean 'notes'\?\)"),
        (["--collection", "notes", "--repo", "a/b"], "--collection: it goes without --repo"),
        (["--name", "x"], "write --repo ORG/NAME --name NAME for a model of the Hub, or --collection NAME"),
    ],
)
def test_a_command_that_means_nothing_is_one_line(notes, arguments, said):
    with pytest.raises(InputError, match=said):
        pin.main([*arguments, "--root", str(notes.folder)])


@pytest.mark.parametrize(
    "text",
    [
        "files: {a: null}\ntitle: t",
        "title: t\nfiles:\n  a: {bytes: 1}\n  b:\n    bytes: 2\n# of ours\nsplit: s\n",
        "title: t\n\nfiles:\n- a\n- b\n\nsplit: s # so\n",
        "counts:\n  documents: 3\ndigest: x\nfiles: [a,\n  b]\ntitle: t\n",
    ],
)
def test_only_the_keys_that_are_set_change(text, tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text(text)
    before = {key: value for key, value in read_yaml(path).items() if key not in pinning.PINNED}
    path.write_text(pinning.replaced(text, {"files": {"a": {"bytes": 5}}, "counts": {"documents": 7}, "digest": "d"}))
    after = read_yaml(path)
    assert {key: value for key, value in after.items() if key not in pinning.PINNED} == before
    assert [after[key] for key in pinning.PINNED] == [{"a": {"bytes": 5}}, {"documents": 7}, "d"]
    assert [line for line in text.splitlines() if "#" in line] == [line for line in path.read_text().splitlines() if "#" in line]

"""Chunks of one's own: both layouts, what is left out by name, and what is refused."""

import json
import sys

import pytest

from harness.errors import InputError
from replications.encoder_anisotropy import own, reading

LONG = "words of a chunk about its subject, long enough to be counted "


@pytest.fixture
def folder(tmp_path):
    for subject, word in (("physics", "force"), ("history", "treaty"), ("biology", "cell")):
        for number in range(6):
            place = tmp_path / subject / f"m{number // 2}-{number:02d}.txt"
            place.parent.mkdir(exist_ok=True)
            place.write_text(f"{word} {LONG * 2}{word}{number} {word}")
    return tmp_path


def lines(tmp_path, *entries):
    path = tmp_path / "chunks.jsonl"
    path.write_text("".join((entry if isinstance(entry, str) else json.dumps({"text": LONG * 2, **entry})) + "\n" for entry in entries))
    return tmp_path


def test_text_files_of_a_module_stay_together_and_what_is_left_out_is_named(folder):
    (folder / "physics" / "empty.txt").write_text(" \n")
    (folder / "physics" / "short.txt").write_text("too short")
    skipped = []
    rows = reading.read(folder, 100, skipped)
    assert len(rows) == 18 and len({row["module"] for row in rows}) == 9
    assert skipped == ["physics/empty: no text in it", "physics/short: 9 characters; more than 100 are asked for (--longer-than)"]
    learnt, held = reading.split(rows, 1 / 3, 0)
    assert len(learnt) == 12 and len(held) == 6 and not {row["module"] for row in learnt} & {row["module"] for row in held}


def test_the_modules_json_lines_are_read_with_what_they_say(tmp_path):
    rows = reading.read(lines(tmp_path, *({"label": "ab"[i % 2], "module": f"m{i}", "split": ["train", "test"][i // 4], "unit": "u"} for i in range(8))), 100, [])
    learnt, held = reading.split(rows, 0.9, 0)
    assert [row["id"] for row in held] == [f"chunks.jsonl:{i}" for i in (5, 6, 7, 8)] and len(learnt) == 4


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([{"label": "a"}, {"label": "a"}], r"two subjects at least are needed to tell apart; found: 'a' \(2 chunks\)"),
        ([{"label": "a"}, {"label": "a"}, {"label": "b"}], "the subject 'b' has one chunk"),
        ([{"label": "Physics"}, {"label": "physics "}], "the label 'Physics' is given twice, the second time as 'physics '"),
        (['{"label": "a", "label": "b", "text": "c"}'], "chunks.jsonl:1: not JSON: the key 'label' is given twice"),
        ([{"label": "ab"[i % 2], "module": "m", "split": ["train", "test"][i // 2]} for i in range(4)], "the module 'm' is in both splits"),
        ([{"label": "a", "split": "test"}, {"label": "a"}, {"label": "b"}, {"label": "b"}], "some chunks say their split and some do not"),
        ([{"label": 1}], "'label' is no string"),
        (["{}"], "the key 'label' is missing"),
    ],
)
def test_what_is_refused_says_what_and_where(tmp_path, entries, said):
    with pytest.raises(InputError, match=said):
        reading.read(lines(tmp_path, *entries), 100, [])


def test_a_folder_without_chunks_or_with_both_layouts_is_refused(folder, tmp_path_factory):
    with pytest.raises(InputError, match="no chunks: neither"):
        reading.read(tmp_path_factory.mktemp("bare"), 100, [])
    lines(folder, {"label": "a"})
    with pytest.raises(InputError, match="both JSON lines .* and text files"):
        reading.read(folder, 100, [])


def test_too_few_modules_to_hold_some_out_is_said(tmp_path):
    rows = reading.read(lines(tmp_path, *({"label": "ab"[i % 2], "module": f"m{i % 2}"} for i in range(8))), 100, [])
    with pytest.raises(InputError, match="the subject 'a' has fewer than two chunks held out"):
        reading.split(rows, 0.3, 0)


def test_the_command_prints_a_table_with_intervals_and_names_what_it_left_out(folder, monkeypatch, capsys):
    (folder / "physics" / "empty.txt").write_text("")
    monkeypatch.setattr(sys, "argv", ["own", "--chunks", str(folder), "--variant", "tfidf"])
    own.main()
    printed = capsys.readouterr()
    assert "18 chunks (6 of biology, 6 of history, 6 of physics)" in printed.out and "| knn_subject | 1.000 [" in printed.out
    assert "unit" not in printed.out and "physics/empty: no text in it" in printed.err


def test_an_unknown_variant_and_a_missing_folder_are_refused(folder, monkeypatch):
    for arguments, said in ((["--chunks", str(folder), "--variant", "minilmm"], "'minilmm' is none of experiment.yaml.*minilm"), (["--chunks", "nowhere"], "nowhere is no folder")):
        monkeypatch.setattr(sys, "argv", ["own", *arguments])
        with pytest.raises(InputError, match=said):
            own.main()

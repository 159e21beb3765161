"""What the readers make of good and bad files: a changed text, an empty file, baskets, labels cut off."""

import hashlib
import importlib.util
import json

import pytest
import yaml

from harness import config
from harness.config import ROOT
from harness.data.collection import Collection
from harness.data.loading import load
from harness.errors import InputError
from replications.association_gap import asked, pointers
from replications.association_gap.reading import table

HERE = ROOT / "replications" / "association_gap"


def builder(name):
    spec = importlib.util.spec_from_file_location(name, HERE / "collections" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PAGE = ["**Office Hours:** Tuesday, 3:30 to 5", "", "**Office:** Room 217B", "More of it"]


def pointer(text, first, last=None, part=0):
    digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()[:16]
    return {"file": "page.md", "line_start": first, "line_end": last or first, "part": part, "sha1": digest}


def syllabi(lines):
    return Collection(
        name="syllabi", split="test", made=True, document_ids=["page.md"], titles=[""], texts=["\n".join(lines)], query_ids=[], queries=[],
        qrels={}, candidates=None, labels={},
    )  # fmt: skip


def written(tmp_path, lines=PAGE):
    hours, office = pointer("Office Hours: Tuesday, 3:30 to 5", 1), pointer("Office: Room 217B More of it", 3, 4)
    rows = [
        {"id": "a", "file": "page.md", "role": "office_hours", "wrong_role": "office_place", "query_no": 0, "query": "When?", "relevant": hours, "wrong": office},
        {"id": "b", "file": "page.md", "role": "office_place", "wrong_role": "office_hours", "query_no": 0, "query": "Where?", "relevant": office, "wrong": hours},
    ]
    path = tmp_path / "probes.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


def built(path, lines=PAGE, label="kept", described=False):
    chosen = {"syllabi": "syllabi", "label": label, "described": described}
    return builder("syllabus_probes").build(chosen, {"probes.jsonl": path}, {"syllabi": syllabi(lines)})


def test_pointers_give_the_passages_with_and_without_their_labels(tmp_path):
    path = written(tmp_path)
    kept, cut = built(path), built(path, label="cut")
    assert kept["texts"] == ["Office Hours: Tuesday, 3:30 to 5", "Office: Room 217B More of it"]
    assert cut["texts"] == ["Tuesday, 3:30 to 5", "Room 217B More of it"]
    assert kept["candidates"] == {"a": kept["document_ids"], "b": kept["document_ids"][::-1]}
    assert built(path, described=True)["queries"][0] == asked.rewritten()["office_hours"]


def test_a_probe_whose_text_has_changed_is_named_and_counted(tmp_path):
    changed = [PAGE[0].replace("3:30", "4:30"), *PAGE[1:]]
    with pytest.raises(InputError, match=r"2 of 2 probes point to a text .* has changed \(its sha1 differs\): a \(relevant\), b \(wrong\);"):
        built(written(tmp_path), changed)
    with pytest.raises(InputError, match="2 of 2 probes"):
        built(written(tmp_path), PAGE[:2])


def test_a_pointer_without_its_parts_is_refused_by_line(tmp_path):
    path = written(tmp_path)
    path.write_text(path.read_text().replace('"line_start": 1', '"line_start": "1"'))
    with pytest.raises(InputError, match=r"probes\.jsonl:1: relevant: line_start, line_end, part are expected"):
        built(path)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("**Prerequisites** Algebra II", "Algebra II"),
        ("## Course Data: Instructor: Doug", "Doug"),
        ("- Time: Monday 9:00", "Monday 9:00"),
        ("We meet at 9:00 in Hall 2", "We meet at 9:00 in Hall 2"),
        ("**Paul Doe**, Physics by Inquiry", "**Paul Doe**, Physics by Inquiry"),
        ("Attendance:", "Attendance:"),
    ],
)
def test_labels_in_front_are_cut_and_nothing_else(raw, expected):
    assert pointers.unlabelled(raw).strip() == expected


def test_long_units_are_cut_behind_sentences_of_at_most_45_words():
    sentence = "Word " * 19 + "end."
    found = pointers.parts(" ".join([sentence] * 5))
    assert [len(part.split()) for part in found] == [40, 40, 20]
    assert pointers.parts("Short one. Short two.") == ["Short one. Short two."]


@pytest.mark.parametrize(("content", "said"), [("", "the file is empty"), ("a\tb\n", "no column 'word'"), ("word\tx\ndog\n", ":2: 1 fields, but the header names 2")])
def test_bad_tables_are_refused(tmp_path, content, said):
    (tmp_path / "x.tsv").write_text(content)
    with pytest.raises(InputError, match=said):
        list(table(tmp_path / "x.tsv", "word"))


def test_an_empty_file_of_probes_is_refused(tmp_path):
    (tmp_path / "probes.jsonl").write_text("")
    with pytest.raises(InputError, match=r"probes\.jsonl: the file is empty"):
        built(tmp_path / "probes.jsonl")


def shop(tmp_path, rows, last="basket"):
    (tmp_path / "items.tsv").write_text("item\ttext\n" + "".join(f"i{i}\tthing {i}\n" for i in range(6)))
    (tmp_path / "s.jsonl").write_text("\n".join(map(json.dumps, rows)))
    settings = {"items": "items.tsv", "sequences": "s.jsonl", "id": "item", "text": ["text"], "last": last}
    return builder("baskets").build(settings, {name: tmp_path / name for name in ("items.tsv", "s.jsonl")}, {})


def test_the_last_basket_is_asked_for_and_a_user_of_one_basket_is_not_lost(tmp_path):
    rows = [{"user": "u", "items": ["i0", "i1", "i2", "i3"], "basket": [0, 1, 4, 4]}, {"user": "v", "items": ["i4", "i5"], "basket": [2, 2]}]
    found = shop(tmp_path, rows)
    assert found["qrels"] == {"u": {"i2": 1, "i3": 1}} and found["queries"] == ["thing 1"]
    assert found["labels"]["history"] == {"u": "i0 i1", "v": "i4 i5"}


def test_the_last_part_of_a_sequence_is_at_least_one_item(tmp_path):
    rows = [{"user": "u", "items": ["i0", "i1", "i2"]}, {"user": "v", "items": [f"i{i}" for i in range(5)]}]
    assert shop(tmp_path, rows, last=0.4)["qrels"] == {"u": {"i2": 1}, "v": {"i3": 1, "i4": 1}}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"user": "u", "items": ["i0", "i9"], "basket": [0, 1]}, "user 'u': 1 items are not in items.tsv, the first 'i9'"),
        ({"user": "u", "items": ["i0", "i0"], "basket": [0, 1]}, "each once"),
        ({"user": "u", "items": [], "basket": []}, "at least one"),
        ({"user": "u", "items": ["i0", "i1"], "basket": [1]}, "a rising number for each of the 2 items"),
    ],
)
def test_bad_sequences_are_refused(tmp_path, row, said):
    with pytest.raises(InputError, match=said):
        shop(tmp_path, [row])


def test_every_role_has_its_sentence():
    roles = set(json.loads((HERE / "collections" / "templates.json").read_text())["roles"])
    lines = (HERE / "data" / "probes.jsonl").read_text().splitlines()
    roles |= {json.loads(line)[side] for line in lines for side in ("role", "wrong_role")}
    assert roles <= asked.rewritten().keys()
    lacking = [asked.Probe("p", "c", "chef", "ta", 0, "Who cooks?", "d", "e")]
    with pytest.raises(InputError, match=r"rewrites\.yaml: no sentence for the roles chef"):
        asked.content(lacking, {"d": "x", "e": "y"}, described=True)


def test_what_ships_is_read_as_pinned_at_every_fidelity():
    for path in sorted((HERE / "collections").glob("*.yaml")):
        raw = yaml.safe_load(path.read_text())
        if raw["reader"] == "made" or (raw["sources"].get("shipped") and not raw.get("from")):
            assert load(path.stem, config.load()).digest == raw["digest"]


def test_no_word_of_a_syllabus_ships():
    allowed = {"file", "line_start", "line_end", "part", "words", "sha1", "roles"}
    for line in (HERE / "data" / "probes.jsonl").read_text().splitlines():
        row = json.loads(line)
        assert set(row["relevant"]) == set(row["wrong"]) == allowed
        assert set(row) == {"id", "file", "pair", "role", "wrong_role", "query_no", "query", "relevant", "wrong"}

"""Syllabi of one's own: what cannot be read is named and skipped, and the rest gives the table."""

import os
import sys
from types import SimpleNamespace

import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import modules as kinds

from harness import config
from harness.data.collection import Collection
from harness.data.loading import load
from harness.errors import InputError
from harness.studies import models
from replications.dual_loss import files, measures, own, shown, table
from replications.dual_loss.scores import of_rows

MIRROR = os.environ.get("WORKBENCH_MIRROR")
LABELS = "file,institution,credit_hours,instructors,tas\n"
TEXT = (
    "# Botany 1\n\nInstructor: Dr. Ada Brandt\n\nCredits: 3\n\n"
    + "words of the course " * 90
    + "\n\nTeaching assistant: Jo Farrow\n"
)


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "syllabi"
    path.mkdir()
    (path / "good.md").write_text(TEXT)
    (path / "other.txt").write_text(TEXT.replace("Brandt", "Eklund"), encoding="utf-8-sig")
    return path


def write_labels(tmp_path, *rows):
    path = tmp_path / "labels.csv"
    path.write_text(LABELS + "".join(f"{row}\n" for row in rows))
    return path


GOOD = ("good.md,North,3,Ada Brandt,Jo Farrow", "other.txt,South,3,Ada Eklund,EMPTY")


def pdf(text):
    """The smallest PDF that shows one line."""
    stream = f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET"
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 200] /Contents 4 0 R /Resources << /Font << /F1 {font} >> >> >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
    ]  # fmt: skip
    raw, places = "%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(raw))
        raw += f"{number} 0 obj\n{body}\nendobj\n"
    table_ = "".join(f"{place:010d} 00000 n \n" for place in places)
    return (
        raw + f"xref\n0 5\n0000000000 65535 f \n{table_}trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n{len(raw)}\n%%EOF\n"
    ).encode()


def test_what_cannot_be_read_is_named_and_skipped(folder, tmp_path):
    (folder / "empty.md").write_bytes(b"")
    (folder / "blank.txt").write_text(" \n\n")
    (folder / "latin.md").write_bytes("Universität".encode("latin-1"))
    with (folder / "huge.md").open("wb") as opened:
        opened.truncate(50_000_000)
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    (folder / "unlabelled.md").write_text(TEXT)
    names = ("empty.md", "blank.txt", "latin.md", "huge.md", "broken.pdf", "gone.md")
    labels = files.labels(write_labels(tmp_path, *GOOD, *(f"{n},N,3,A B,C D" for n in names)))
    skipped = []
    syllabi = files.gathered(folder, labels, skipped)
    assert syllabi.document_ids == ["good.md", "other.txt"] and not syllabi.texts[1].startswith("\ufeff")
    said = "\n".join(skipped)
    for words in (
        "empty.md: 0 bytes", "blank.txt: no text in it", "latin.md: not UTF-8 at byte 9", "huge.md: 50 MB", "broken.pdf: no readable PDF",
        "gone.md: labelled, but not in", "unlabelled.md: no row in the labels",
    ):  # fmt: skip
        assert words in said
    assert len(skipped) == 7


def test_a_pdf_is_read(folder):
    (folder / "p.pdf").write_bytes(pdf("Instructor: Ada Brandt"))
    assert "Ada Brandt" in files.read(folder / "p.pdf")


def test_nothing_usable_and_faulty_labels_are_errors(folder, tmp_path):
    with pytest.raises(InputError, match="no usable syllabus:\n  - .*no row in the labels"):
        files.gathered(folder, {}, [])
    with pytest.raises(InputError, match=r"labels\.csv:3: the column 'tas' is missing or empty"):
        files.labels(write_labels(tmp_path, GOOD[0], "other.txt,South,3,Ada Eklund,"))
    with pytest.raises(InputError, match=r"labels\.csv:3: 'good.md' has a row already"):
        files.labels(write_labels(tmp_path, GOOD[0], GOOD[0]))
    with pytest.raises(InputError, match="cannot be read"):
        files.labels(tmp_path / "gone.csv")


def test_the_table_of_ones_own_syllabi(folder, tmp_path, monkeypatch, capsys):
    labels = write_labels(tmp_path, *GOOD, "gone.md,N,3,A B,C D")
    monkeypatch.setattr(sys, "argv", ["own", "--folder", str(folder), "--labels", str(labels)])
    monkeypatch.delenv("WORKBENCH_MIRROR", raising=False)
    own.main()
    out, err = capsys.readouterr()
    assert "| own | minilm |" in out and "unseen_faculty@3" in out and "gone.md: labelled, but not in" in err


def run_own(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["own", *map(str, arguments)])
    monkeypatch.delenv("WORKBENCH_MIRROR", raising=False)
    own.main()
    return capsys.readouterr()


def test_a_label_that_is_not_found_is_kept_apart_and_the_rest_is_counted(folder, tmp_path, monkeypatch, capsys):
    (folder / "wrong.md").write_text(TEXT)
    labels = write_labels(tmp_path, *GOOD, "wrong.md,North,4,Ada Brandt,Zoe Zed")
    out, err = run_own(monkeypatch, capsys, "--folder", folder, "--labels", labels, "--show")
    assert "6 of 8 answers found; accuracy is over those found." in out
    assert "\n- wrong.md: credit_hours: '4'\n- wrong.md: tas: 'Zoe Zed'\n" in out and not err.count("skipped")
    # Two syllabi of three questions with credits, three with an instructor, one of four questions with an assistant.
    accuracy = next(line for line in out.splitlines() if line.startswith("| own | minilm |")).split("|")
    assert [cell.split("(")[1] for cell in accuracy[3:6]] == ["n 6) ", "n 9) ", "n 4) "]
    assert "wrong.md, faculty: " in out and "wrong.md, course: " not in out


def test_what_was_read_is_shown_in_its_order_with_what_matched(folder, tmp_path, monkeypatch, capsys):
    out, _ = run_own(monkeypatch, capsys, "--folder", folder, "--labels", write_labels(tmp_path, *GOOD), "--show")
    shown_ = out[out.index("## What was read: minilm") : out.index("6 of 6") if "6 of 6" in out else out.index("5 of 5")]
    blocks = shown_.split("\ngood.md, faculty: ")
    assert len(blocks) == 1 + 3 + 7 and all("[label: Ada Brandt]" in block.splitlines()[0] for block in blocks[1:])
    assert "good.md#00 (" in blocks[1] and "): matched 'dr. brandt' | # Botany 1 Instructor: Dr. Ada" not in blocks[1]
    assert "): matched 'ada brandt' | # Botany 1 Instructor: Dr. Ada" in blocks[1]
    assert "): matched 'credits: 3' | " in shown_ and "): nothing matched | " in shown_
    assert "the label says that the syllabus does not say: nothing to match" in shown_


def test_an_answer_that_two_chunks_state_together_is_shown_so():
    labels = {"cluster": {"q": "s"}, "category": {"q": "ta"}, "answer": {"q": "Keith Burton"}, "across": {"q": "s#00\ts#01"}}
    content = {"document_ids": ["s#00", "s#01"], "titles": ["", ""], "texts": ["a b Keith", "Burton c"], "labels": labels}
    both = Collection("own", "test", **content, query_ids=["q"], queries=["Who?"], qrels={"q": {}}, candidates=None, made=False)
    text = shown.listing(both, {"q": [("s#01", 0.5), ("s#00", 0.25)]})
    assert text.splitlines()[1:] == [
        "  1. s#01 (0.500): nothing matched | Burton c", "  2. s#00 (0.250): nothing matched | a b Keith",
        "  s#00 and s#01 match together; both were read",
    ]  # fmt: skip
    assert "not both were read" in shown.listing(both, {"q": [("s#01", 0.5)]})


def test_no_label_found_at_all_is_an_error_that_names_them(folder, tmp_path, monkeypatch, capsys):
    labels = write_labels(tmp_path, "good.md,North,4,Zoe Zed,Yan Yo")
    with pytest.raises(
        InputError, match=r"--labels: 0 of 3 answers found; (.|\n)*- good\.md: tas: 'Yan Yo'\nCheck that each row"
    ):
        run_own(monkeypatch, capsys, "--folder", folder, "--labels", labels)


KINDS = ("accuracy", "unseen")


def rows_of(value, count):
    """One row for each variant, kind, category and question; `value` says which are right."""
    return [
        (who, "syllabi", f"{kind}_{category}@3", f"{kind}{category}{i}", float(value(who, kind, i)))
        for who in ("minilm", "dual") for kind in KINDS for category in ("course", "faculty", "ta") for i in range(count)
    ]  # fmt: skip


def test_the_table_counts_questions_and_tells_gains_on_seen_from_gains_on_unseen_ones():
    rules = config.load().judgement
    rows = rows_of(lambda who, kind, i: i % 2 or (who == "dual" and kind == "accuracy"), 4)
    clusters = {query: query[-1] for *_, query, _ in rows}
    places = table.Places(dict.fromkeys(clusters, "North"), frozenset())
    text = table.markdown(of_rows(rows, clusters), places, rules)
    assert "| syllabi | dual | 1.000 [0." in text and "| syllabi | minilm | 0.500 [" in text
    gains = text[text.index("Leakage control") :]
    assert "| syllabi | dual | +0.500 | +0.000 | +0.500 |" in gains and "teaching assistants" in gains
    constant = of_rows([("minilm", "syllabi", "unanswerable", None, 7.0)], {})
    assert "| syllabi | minilm | 7.000 |" in table.markdown(constant, table.Places({}, frozenset()), rules)


def test_accuracy_by_institution_takes_all_questions_of_the_fixed_chunks():
    rows = rows_of(lambda who, kind, i: who == "dual" or i == 0, 3)
    places = {query: "South" if query.endswith("2") else "North" for *_, query, _ in rows}
    given = table.Places(places, table.named_in({"North", "South"}, ["the college of South"]))
    text = table.markdown(of_rows(rows, {query: query[-1] for query in places}), given, config.load().judgement)
    assert "| North | 2 | 0.500 [" in text and "| South | 1 | 0.000 (n 6) | 1.000 (n 6) |" in text
    assert "| out of domain: not named in the training pairs | 2 | 0.500 [" in text
    assert "| named in the training pairs | 1 | 0.000 (n 6) |" in text


@pytest.mark.skipif(MIRROR is None, reason="needs a mirror of the public data")
def test_no_institution_of_the_stand_ins_is_named_in_the_pairs():
    settings = config.load(overrides={"fidelity": "substitute", "mirror": MIRROR})
    pairs = " ".join(load("pairs", settings).texts).casefold()
    places = set(load("syllabi", settings).labels["institution"].values())
    assert len(places) == 27 and not [place for place in places if place.split(" (")[0].casefold() in pairs]


def test_calibration_has_an_interval_over_pairs():
    rules = config.load().judgement.model_copy(update={"bootstrap": 200})
    cosines = [(kind, f"{kind}{i}", level + i / 40) for kind, level in (("positive", 0.4), ("negative", 0.2)) for i in range(20)]
    rows = [("v", "c", f"cosine_{kind}", name, value) for kind, name, value in cosines]
    pairs = of_rows([*rows, ("v", "c", "auc", None, 0.9)], {name: name for _, name, _ in cosines})
    text = table.markdown(pairs, table.Places({}, frozenset()), rules)
    low, high = map(float, text.split("0.900 [")[1].split("]")[0].split(","))
    assert 0.6 < low < 0.8 < high <= 1


@pytest.mark.parametrize(
    ("words", "category", "gold", "expected"),
    [
        ("The TA is Jo Farrow.", "ta", "Jo Farrow", True), ("Farrow", "ta", "Jo Farrow", True), ("Jo Farrow", "ta", "EMPTY", False),
        ("The syllabus does not say.", "ta", "EMPTY", True), ("The syllabus doesn't say.", "ta", "EMPTY", True),
        ("Unknown", "ta", "EMPTY", True), ("The Teaching Assistant is not named.", "ta", "EMPTY", True),
        ("No teaching assistant is listed", "ta", "EMPTY", True), ("Jo Farrow (no office hours are given)", "ta", "EMPTY", False),
        ("It is worth 3.", "course", "3", True), ("Three", "course", "3", True), ("Three hours", "course", "3", True),
        ("4 credits", "course", "3", False), ("4 credits, not 3 credits", "course", "3", False),
        ("3 credits, the lab is not counted", "course", "EMPTY", False),
    ],
)  # fmt: skip
def test_words_that_support_the_label(words, category, gold, expected):
    assert measures.supported(words, category, gold) == expected


@pytest.mark.parametrize(
    ("words", "category", "gold", "expected"),
    [
        ("TBA", "ta", "EMPTY", True), ("Staff", "faculty", "EMPTY", True), ("N/A", "course", "EMPTY", True),
        ("To Be Announced", "ta", "EMPTY", True), ("The TA is Ms. Farrow", "ta", "EMPTY", False), ("Ms. Farrow", "ta", "Jo Farrow", True),
        ("The assistant is to be announced.", "ta", "EMPTY", True), ("Jo Farrow; others TBA", "ta", "EMPTY", False),
        ("Mx. Farrow", "ta", "Jo Farrow", True), ("1 to 3 credits", "course", "1-3", True), ("1-3", "course", "1-3", True),
        ("3", "course", "1-3", False), ("6 ECTS", "course", "6", True), ("1-3 credits", "course", "3", False),
    ],
)  # fmt: skip
def test_placeholders_titles_and_ranges_in_free_words(words, category, gold, expected):
    assert measures.supported(words, category, gold) == expected


def test_text_from_outside_neither_ends_a_cell_nor_opens_a_tag():
    rows = [("a|b", "own", "accuracy_ta@3", "q0", 1.0), ("c", "own", "accuracy_ta@3", "q0", 0.0)]
    places = table.Places({"q0": "North | <img src=x>\nSouth"}, frozenset())
    text = table.markdown(of_rows(rows, {"q0": "s"}), places, config.load().judgement)
    assert "| North \\| &lt;img src=x&gt; South | 1 | 1.000 (n 1) | 0.000 (n 1) |" in text and "| own | a\\|b |" in text


def test_without_the_base_model_the_first_one_is_held_against_the_others():
    rows = [(who, "own", metric, None, 1.0) for who in ("mine", "other") for metric in ("unanswerable",)]
    text = table.markdown(of_rows(rows, {}), table.Places({}, frozenset()), config.load().judgement)
    assert "| own | mine | 1.000 |" in text and "other" not in text  # counts hang on the chunks alone: shown once
    seen = rows_of(lambda who, kind, i: who == "dual" or i, 3)
    clusters = {query: query[-1] for *_, query, _ in seen}
    both = (of_rows(seen, clusters), table.Places(dict.fromkeys(clusters, "North"), frozenset()), config.load().judgement)
    assert "Leakage control" in table.markdown(*both) and "Leakage control" not in table.markdown(*both, leakage=False)


def test_a_model_that_is_not_there_is_named():
    with pytest.raises(InputError, match=r"--model: 'minilmm' is no folder and no model's name.*did you mean 'minilm'.*names: "):
        own.folder_of("minilmm", config.load())


@pytest.mark.parametrize("similarity", ["cosine", "dot"])
def test_a_models_own_head_prompts_length_and_similarity_are_used(tmp_path, similarity):
    """The folder's own encode_query and encode_document are the oracle: every ranking is the library's."""
    base = models.model_folder("minilm", config.load())
    torch.manual_seed(3)
    parts = [kinds.Transformer(str(base), max_seq_length=64), kinds.Pooling(384), kinds.Dense(384, 32)]
    model = SentenceTransformer(modules=parts, prompts={"query": "query: ", "document": "text: "}, device="cpu", similarity_fn_name=similarity)
    model.save(str(tmp_path), create_model_card=False)
    texts, asked = [f"Instructor: Dr. {name}. Credits: {len(name)}." * 9 for name in ("Ada", "Borg", "Curie", "Dirac")], ["Who teaches?", "Credits?"]
    collection = SimpleNamespace(document_texts=texts, queries=asked)
    documents, queries = own.vectors(tmp_path, collection, config.load())
    theirs = model.similarity(model.encode_query(asked), model.encode_document(texts)).numpy()
    assert queries @ documents.T == pytest.approx(theirs, abs=1e-5)

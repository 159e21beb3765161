"""A user's own files and labels: every fault is named, and one file's fault does not end the run."""

import re
from pathlib import Path

import pytest

from harness.errors import InputError
from replications.dual_loss import files

HEADER = "file,institution,credit_hours,instructors,tas\n"
GOOD = "good.md,North,3,Ada Brandt,Jo Farrow\n"
TEXT = "# Botany 1\n\nInstructor: Dr. Ada Brandt\n\nCredits: 3\n\nTeaching assistant: Jo Farrow\n"


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "syllabi"
    path.mkdir()
    (path / "good.md").write_text(TEXT)
    return path


def labelled(tmp_path, rows, header=HEADER):
    path = tmp_path / "labels.csv"
    path.write_text(header + rows, encoding="utf-8")
    return files.labels(path)


def named(*names):
    return GOOD + "".join(f"{name},North,3,Ada Brandt,Jo Farrow\n" for name in names)


def test_every_label_without_a_file_that_is_read_is_named_with_its_reason(folder, tmp_path):
    (folder / "sub").mkdir()
    for path in (folder / "notes.docx", folder / "x.html", folder / "sub" / "a.md", tmp_path / "up.md"):
        path.write_text(TEXT)
    ending = "its ending is not one that is read (.md, .txt, .pdf)"
    elsewhere = f"outside {folder} or in a subfolder; give the name of a file that lies in it"
    reasons = {"notes.docx": ending, "x.html": ending, "sub/a.md": elsewhere, "../up.md": elsewhere, "./good.md": elsewhere}
    reasons |= {"gone.md": f"not in {folder}", "x" * 300 + ".md": f"not in {folder}"}
    skipped = []
    assert files.gathered(folder, labelled(tmp_path, named(*reasons)), skipped).document_ids == ["good.md"]
    assert skipped == [f"{name}: labelled, but {why}" for name, why in reasons.items()]


def test_a_name_is_found_however_its_letters_are_composed(folder, tmp_path):
    (folder / "U\u0308bung.md").write_text(TEXT)
    skipped = []
    assert files.gathered(folder, labelled(tmp_path, named("\u00dcbung.md")), skipped).document_ids == [
        "\u00dcbung.md",
        "good.md",
    ]
    assert not skipped
    (folder / "\u00dcbung.md").write_text(TEXT)
    files.gathered(folder, labelled(tmp_path, named("\u00dcbung.md")), skipped)
    assert len(skipped) == 1 and "another file has this name" in skipped[0]


def test_a_folder_a_broken_link_and_a_file_one_may_not_read_are_skipped(folder, tmp_path, monkeypatch):
    (folder / "dir.md").mkdir()
    (folder / "link.txt").symlink_to(folder / "nowhere")
    (folder / "shut.md").write_text(TEXT)
    read_bytes = Path.read_bytes

    def shut(path):
        if path.name == "shut.md":
            raise PermissionError(13, "Permission denied", str(path))
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", shut)
    skipped = []
    assert files.gathered(folder, labelled(tmp_path, named("dir.md", "link.txt", "shut.md")), skipped).document_ids == ["good.md"]
    assert skipped == [
        f"{folder / 'dir.md'}: a folder, not a file",
        f"{folder / 'link.txt'}: a broken link or a device, not a file",
        f"{folder / 'shut.md'}: cannot be read (Permission denied)",
    ]


def test_a_pdf_that_breaks_its_reader_in_any_way_is_skipped(folder, tmp_path, monkeypatch):
    def deep(path):
        raise RecursionError("too deep")

    (folder / "deep.pdf").write_bytes(b"%PDF-1.4")
    monkeypatch.setattr("pypdf.PdfReader", deep)
    skipped = []
    assert files.gathered(folder, labelled(tmp_path, named("deep.pdf")), skipped).document_ids == ["good.md"]
    assert skipped == [f"{folder / 'deep.pdf'}: no readable PDF (RecursionError: too deep)"]


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ("3,;,EMPTY", "instructors: ';' is no name"),
        ("3,Ada Brandt,Jo Farrow;(4)", "tas: '(4)' is no name"),
        ("³,Ada Brandt,EMPTY", "credit_hours: '³' is no number of credits"),
        ("three,Ada Brandt,EMPTY", "credit_hours: 'three' is no number of credits"),
        ("3,Ada Brandt, ", "the column 'tas' is missing or empty"),
        ("3,Ada Brandt,EMPTY,spare", "more cells than columns"),
        ("3," + "x" * 140_000 + ",EMPTY", "cannot be read (field larger than field limit (131072))"),
    ],
)
def test_a_faulty_label_is_an_error_with_file_line_and_words(tmp_path, cells, says):
    with pytest.raises(InputError, match=re.escape(f"{tmp_path / 'labels.csv'}:3: {says}")):
        labelled(tmp_path, f"{GOOD}other.md,North,{cells}\n")


def test_a_placeholder_in_the_labels_is_no_answer(tmp_path):
    found = labelled(tmp_path, "good.md,North,TBD,Staff,Jo Farrow;(TBA)\nother.md,North,-,(TBA),N/A\n")
    assert [found["good.md"][column] for column in ("credit_hours", "instructors", "tas")] == ["EMPTY", "EMPTY", "Jo Farrow"]
    assert [found["other.md"][column] for column in ("credit_hours", "instructors", "tas")] == ["EMPTY"] * 3


def test_the_line_is_that_of_the_file_after_blank_rows_and_cells_of_several_lines(tmp_path):
    rows = '\n,,,,\nlong.md,"North\nand\nSouth",3,Ada Brandt,EMPTY\nother.md,North,four,Ada Brandt,EMPTY\n'
    with pytest.raises(InputError, match=r"labels\.csv:7: credit_hours: 'four'"):
        labelled(tmp_path, rows)


def test_cells_are_compared_without_the_spaces_around_them(folder, tmp_path):
    header = "file , institution,credit_hours ,instructors, tas\n"
    found = labelled(tmp_path, " good.md , North , 3.0 , Ada Brandt ,EMPTY \n", header)
    assert found == {
        "good.md": {"file": "good.md", "institution": "North", "credit_hours": "3", "instructors": "Ada Brandt", "tas": "EMPTY"}
    }
    skipped = []
    assert files.gathered(folder, found, skipped).labels["tas"] == {"good.md": "EMPTY"} and not skipped
    with pytest.raises(InputError, match=r"labels\.csv:3: 'good.md' has a row already"):
        labelled(tmp_path, GOOD + GOOD.replace("good.md", "good.md "))

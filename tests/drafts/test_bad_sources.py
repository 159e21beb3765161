"""Bad sources: one line that says what to do, or a listed line and the rest goes on; never a traceback, never outside the folder."""

import random
import subprocess
import sys
import time

import pytest

from benchmarks import invented
from harness.config import ROOT
from harness.draft import audit, whole, write
from harness.drafts.opening import opened
from harness.errors import InputError
from harness.ledger import reading

TABLE = "\\begin{tabular}{lc}\nM & F1 \\\\ \\hline\nA & 81.2 \\\\\nB & 80.25 \\\\\n\\end{tabular}\n"

REFUSED = {
    "a PDF": ("p.pdf", b"%PDF-1.4 ...", "a PDF holds no tables, only where letters stand; give its LaTeX (arXiv: 'Other formats'"),
    "a PDF called LaTeX": ("p.tex", b"%PDF-1.4 ...", "a PDF holds no tables"),
    "an office document": ("p.docx", b"PK\x03\x04...", "unpack it, or save the document as HTML"),
    "a packed file": ("p.gz", b"\x1f\x8b....", "unpack it first"),
    "an unknown kind": ("p.rst", b"words", "of no known kind; give a .tex, .html, .md, .csv or .tsv file"),
    "an empty file": ("p.tex", b" \n", "the file is empty"),
    "a binary file": ("p.csv", bytes(range(256)) * 9, "a binary file, no text"),
    "binary without noughts": ("p.md", bytes(range(1, 256)) * 9, "a binary file, no text"),
    "no numbers": ("p.tex", b"\\begin{tabular}{lc} A & B \\\\ C & D \\\\ \\end{tabular}", "no table with numbers was found in it"),
    "pictures": ("p.tex", b"\\begin{tabular}{cc}\\includegraphics{a} & \\includegraphics{b}\\\\ \\end{tabular}", "p.tex:1: a table of pictures; its numbers cannot be read"),
    "a table that never ends": ("p.tex", b"\\begin{tabular}{lc} A & 1.5 \\\\", "is not ended"),
    "no columns": ("p.tex", b"\\begin{tabular} A & 1.5 \\\\ \\end{tabular}", "the columns of \\begin{tabular} are not given"),
    "a CSV cut in a quotation": ("p.csv", b'a,b\n"x,1\n', "p.csv:2: no table of comma- or tab-separated values"),
    "one line": ("p.csv", b"words\n", "a line by itself, no table"),
    "half a page": ("p.html", b"<html><table><tr><td>a", "no table with numbers"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_source_that_cannot_be_read_is_one_line_that_says_what_to_do(tmp_path, name):
    file, content, said = REFUSED[name]
    (tmp_path / file).write_bytes(content)
    with pytest.raises(InputError) as error:
        audit(tmp_path / file, None)
    assert said in str(error.value) and "\n" not in str(error.value)


LISTED = {
    "braces that do not close": (TABLE.replace("81.2", "\\textbf{81.2"), "p.tex:3: the braces of this row do not close; the row is not read"),
    "a file that is missing": ("\\input{gone}\n" + TABLE, "p.tex:1: \\input{gone} is not read: there is no such file"),
    "a file outside": ("\\input{../secret}\n" + TABLE, "lies outside the folder of the source"),
    "a file by its full path": ("\\input{/etc/hostname}\n" + TABLE, "lies outside the folder of the source"),
    "a link that leads outside": ("\\input{link}\n" + TABLE, "lies outside the folder of the source"),
    "a file that reads itself": ("\\input{p}\n" + TABLE, "the files read one another in a circle"),
    "a macro that calls itself": ("\\newcommand{\\xx}{\\xx\\xx}\n\\xx\n" + TABLE, "the macro \\xx calls itself, or grows without end"),
    "a row of braces alone": (TABLE.replace("81.2", "}{"), "the braces of this row do not close"),
}  # fmt: skip


@pytest.mark.parametrize("name", LISTED)
def test_what_is_not_understood_is_listed_with_its_line_and_the_rest_goes_on(tmp_path, name):
    text, said = LISTED[name]
    folder = tmp_path / "source"
    folder.mkdir()
    (tmp_path / "secret.tex").write_text(TABLE.replace("81.2", "99.9"))
    (folder / "link.tex").symlink_to(tmp_path / "secret.tex")
    (folder / "p.tex").write_text(text)
    told = audit(folder / "p.tex", None)
    assert said in told and "1 table" in told and "99.9" not in told


def test_latin_1_is_read_and_said(tmp_path):
    (tmp_path / "p.tex").write_bytes(TABLE.replace("A &", "Été &").encode("latin-1"))
    assert "read as Latin-1" in audit(tmp_path / "p.tex", None)


def test_a_folder_with_two_papers_asks_which(tmp_path):
    for name in ("a.tex", "b.tex"):
        (tmp_path / name).write_text("\\begin{document}" + TABLE)
    with pytest.raises(InputError, match="2 files begin a document \\(a.tex, b.tex\\); give one of them"):
        audit(tmp_path, None)
    with pytest.raises(InputError, match="no .tex, .html, .md, .csv or .tsv file in this folder"):
        (tmp_path / "empty").mkdir()
        audit(tmp_path / "empty", None)


@pytest.mark.parametrize("word", ["0", "-3", "8.5", "many", "9" * 40, ""])
def test_an_n_that_is_none_is_one_line(word):
    with pytest.raises(InputError, match="write the number of questions"):
        whole(word)


BOMBS = {
    "macros that double": "".join(f"\\newcommand{{\\x{chr(97 + i)}}}{{\\x{chr(98 + i)}\\x{chr(98 + i)}\\x{chr(98 + i)}}}\n" for i in range(20)) + "\\xa" + TABLE,
    "braces within braces": TABLE.replace("81.2", "{" * 50_000 + "81.2" + "}" * 50_000),
    "spans without end": TABLE.replace("A &", "\\multirow{9999}{*}{\\multicolumn{9999}{c}{A}} &"),
    "beginnings alone": "\\begin{tabular}{lc}" * 20_000 + TABLE,
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_what_would_grow_without_end_stops(tmp_path, name):
    (tmp_path / "p.tex").write_text(BOMBS[name])
    started = time.process_time()
    audit(tmp_path / "p.tex", None)
    assert time.process_time() - started < 20


def test_five_megabytes_take_seconds(tmp_path):
    draw = random.Random(1)
    words = "\n\n".join(
        f"We reach \\textbf{{{draw.uniform(50, 80):.1f}}} points of $D_{i}$ in Table~\\ref{{t}}, and so on and on~\\cite{{k{i}}}, more or less."
        for i in range(45_000)
    )
    (tmp_path / "p.tex").write_text("\\begin{document}\n" + TABLE + words)
    assert (tmp_path / "p.tex").stat().st_size > 4_500_000
    started = time.process_time()
    audit(tmp_path / "p.tex", None)
    assert time.process_time() - started < 40


def test_nothing_heavy_is_imported_and_a_small_paper_takes_little(tmp_path):
    (tmp_path / "p.tex").write_text(TABLE)
    code = f"import sys, pathlib; from harness.draft import audit; print(audit(pathlib.Path({str(tmp_path / 'p.tex')!r}), None)); print(sorted({{'torch', 'transformers', 'pandas', 'scipy', 'mteb'}} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    assert run.stdout.strip().endswith("[]")


PIECES = [
    "{",
    "}",
    "\\",
    "&",
    "\\\\",
    "$",
    "|",
    "<td>",
    "</table>",
    "%",
    "\n",
    "**",
    "\\multirow{-2}{*}{x}",
    "é",
    "±",
    "1.2.3",
    "1e999",
    "\\x",
    '"',
    ",",
    "\u202e",
    "٣",
    "^",
    "_",
    "[",
]


@pytest.mark.parametrize("seed", range(12))
def test_a_source_with_something_broken_in_it_is_read_or_refused_in_one_line(tmp_path, seed):
    draw = random.Random(seed)
    paper = invented.invented(draw.choice(("plain", "grouped", "spread")), seed)
    path = invented.saved(paper, draw.choice(invented.FORMATS), tmp_path)
    text = path.read_text(encoding="utf-8")
    for _ in range(draw.randint(1, 8)):
        at = draw.randrange(len(text))
        text = (
            text[:at]
            + (draw.choice(PIECES) * draw.randint(1, 3) if draw.random() < 0.6 else "")
            + text[at + draw.choice((0, 0, 1, 20)) :]
        )
    path.write_text(text, encoding="utf-8")
    try:
        audit(path, None)
        written = write(opened(path), path, "drafted", tmp_path)
        reading.load(written.parent)  # whatever was read is a ledger that its reader accepts
    except InputError as error:
        assert "\n" not in str(error)


def test_headings_that_yaml_would_read_as_numbers_or_truth(tmp_path):
    (tmp_path / "p.md").write_text(
        "| M | 1 | 10 | no | on |\n|---|---|---|---|---|\n| 5 | 61.25 | **62.25** | 63.25 | 64.25* |\n"
    )
    written = write(opened(tmp_path / "p.md"), tmp_path / "p.md", "drafted", tmp_path)
    assert len(reading.load(written.parent).todo) == 4

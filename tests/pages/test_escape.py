"""Characters from outside in LaTeX: printed where pdfLaTeX can, named by their code where it cannot, never a stopped compilation."""

import os
import shutil
import subprocess
import unicodedata
from urllib.parse import unquote

import pytest

from harness.config import ROOT
from harness.pages.escape import breakable, latex, picture

FIELD = "ß ø æ ř ł ş ğ Δ λ ↑ ↓ ° µ § ✓ × – — “ ” …"
HEAD = (ROOT / "harness" / "pages" / "templates" / "report.tex.j2").read_text().partition("\\begin{document}")[0]
has_latex = shutil.which("pdflatex")
needs_latex = pytest.mark.skipif(not has_latex and not os.environ.get("CI"), reason="no pdflatex here; with CI set this fails")


def compiled(folder, lines):
    """Compile a document of these lines with the report's own preamble."""
    (folder / "t.tex").write_text(f"{HEAD}\\begin{{document}}\n" + "\n\n".join(lines) + "\n\\end{document}\n", encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "t.tex"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", check=False)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Weiß", r"Wei\ss{}"), ("Dvořák", "Dvo\\v{r}\u00e1k"), ("Łukasz Şen Ağa", r"\L{}ukasz \c{S}en A\u{g}a"),
        ("ΔnDCG", r"$\Delta$nDCG"), ("Α ο ς", "A $o$ $\\varsigma$"), ("↑↓", r"$\uparrow$$\downarrow$"), ("5°", r"5$^\circ$"),
        ("ą", r"{\fontencoding{T1}\selectfont\k{a}}"), ("đ", r"{\fontencoding{T1}\selectfont\dj}"),
        ("e\u0301 z\u030c x\u0304", "\u00e9 \\v{z} \\={x}"), ("ĭ ị", r"\u{\i} \d{i}"), ("ế", r"\'{\^{e}}"),
        ("中 \u0007 \U0001f600", "{[}U+4E2D{]} {[}U+0007{]} {[}U+1F600{]}"), ("a\u20d7", "a{[}U+20D7{]}"), ("1\u0301", "1{[}U+0301{]}"),
        ("a--b---c", "a-{}-b-{}-{}-c"), ("ﬁ", "fi"), ("x²³⁴₁", "x$^2$$^3$$^4$$_1$"),
    ],
)  # fmt: skip
def test_letters_are_written_by_command(text, written):
    assert latex(text) == written
    assert latex(latex(text)) == written


def test_lines_break_after_marks_and_never_inside_a_command():
    assert breakable("a_ż.c=ā") == r"a\_\allowbreak{}\.{z}.\allowbreak{}c=\allowbreak{}\={a}"


@needs_latex
def test_all_letters_of_europe_and_the_field_compile(tmp_path):
    signs = "".join(map(chr, [*range(0x20, 0x250), *range(0x370, 0x530), *range(0x1E00, 0x2000), *range(0x2000, 0x2800)]))
    shown = [sign for sign in signs if "U+" not in latex(sign)]
    assert set(FIELD) <= set(shown) and {"ą", "đ", "þ", "«", "„", "€"} <= set(shown) and len(shown) > 700
    lines = [FIELD, *(signs[i : i + 40] for i in range(0, len(signs), 40)), "e\u0301\u0302\u20d7 \u0301 中 😀 \ud7ff \ufeff"]
    done = compiled(tmp_path, [str(latex(line)) for line in lines] + [str(breakable("_".join(FIELD.split()) + ".ż"))])
    assert done.returncode == 0, done.stdout[-1500:]
    assert "Missing character" not in (tmp_path / "t.log").read_text(errors="replace")


def test_no_character_is_written_beyond_latin_1():
    assigned = (chr(n) for n in range(0x20000) if unicodedata.category(chr(n)) != "Cs")
    assert not [sign for sign in assigned if any(ord(one) > 0xFF for one in latex(sign))]


def test_a_picture_stays_inside_its_attribute():
    svg = '<?xml version="1.0"?><!-- a " comment --><svg xmlns="x">\n  <text id="#a">1 & 2 "é" %41</text>\n</svg>\n'
    told = str(picture(svg))
    assert '"' not in told and "&" not in told and "#" not in told and "comment" not in told
    assert unquote(told).endswith("<svg xmlns='x'><text id='#a'>1 & 2 'é' %41</text></svg>")

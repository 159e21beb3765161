"""`make pdf`: on a fresh clone, the error shown, and nothing left behind."""

import os
import shutil
import sys

import pytest

pytestmark = pytest.mark.skipif(
    not shutil.which("pdflatex") and not os.environ.get("CI"), reason="no pdflatex here; with CI set this fails"
)
GOOD = r"\documentclass{article}\begin{document}\input{audit}\end{document}"


@pytest.fixture
def clone(workspace):
    """The Makefile, and tables of one page."""
    workspace.take("Makefile", "variables.py")
    folder = workspace.folder / "paper_tables/substitute"
    folder.mkdir(parents=True)
    (folder / "report.tex").write_text(GOOD)
    (folder / "audit.tex").write_text("Nothing.")
    return workspace, folder


def test_it_compiles_and_leaves_the_pdf_alone(clone):
    workspace, folder = clone
    code, said = workspace.run("make", "pdf", "FIDELITY=substitute")
    assert code == 0 and "paper_tables/substitute/report.pdf" in said
    assert {path.name for path in folder.iterdir()} == {"report.tex", "audit.tex", "report.pdf"}


def test_an_error_is_shown_with_its_place_and_nothing_is_left(clone):
    workspace, folder = clone
    (folder / "audit.tex").write_text("one\n\\nosuchcommand\n")
    code, said = workspace.run("make", "pdf", "FIDELITY=substitute")
    assert code and "audit.tex:2: Undefined control sequence" in said and "nosuchcommand" in said
    assert {path.name for path in folder.iterdir()} == {"report.tex", "audit.tex"}


def test_without_pdflatex_it_says_what_to_install(clone, monkeypatch):
    workspace, _ = clone
    tools = workspace.folder / "tools"
    tools.mkdir()
    for name in ("make", "sh"):
        (tools / name).symlink_to(str(shutil.which(name)))
    monkeypatch.setattr(workspace, "environment", lambda: {"PATH": str(tools)})
    code, said = workspace.run("make", "pdf", "FIDELITY=substitute", f"PYTHON={sys.executable}")
    assert code and "pdflatex is missing; install texlive-latex-recommended" in said


@pytest.mark.parametrize("picture", [False, True])
def test_a_picture_is_taken_as_png_where_there_is_no_pdf(clone, picture):
    """Git keeps the PNG and the SVG; a run draws the PDF anew."""
    from jinja2 import StrictUndefined

    from harness.pages import latex

    workspace, folder = clone
    template = (latex.TEMPLATES / "study.tex.j2").read_text()
    part = template[template.index("<% for picture in") : template.index("<% if study.tables %>")]
    study = {"name": "paper", "pictures": [{"name": "dots", "share": "0.50", "caption": "Dots"}]}
    environment = latex.environment()
    assert environment.undefined is StrictUndefined
    body = environment.from_string(part).render(study=study)
    (folder / "report.tex").write_text(
        rf"\documentclass{{article}}\usepackage{{graphicx}}\begin{{document}}{body}\end{{document}}"
    )
    if picture:
        import matplotlib.image
        import numpy as np

        (folder / "paper").mkdir()
        matplotlib.image.imsave(folder / "paper/dots.png", np.zeros((9, 9, 3)))
    code, said = workspace.run("make", "pdf", "FIDELITY=substitute")
    assert code == 0, said
    assert (b"/Image" in (folder / "report.pdf").read_bytes()) == picture

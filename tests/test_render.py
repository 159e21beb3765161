"""Tables and page: everything escaped, nothing said beyond its verdict, and the pages compile."""

import csv
import io
import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from harness import config as settings
from harness import judge, render
from harness.audits import finding
from harness.audits.finding import Finding
from harness.errors import InputError
from harness.pages import escape, verdict_rows
from harness.pages.display import row
from harness.studies import study
from harness.text import write_sealed
from harness.verdicts import join, judging
from harness.verdicts.words import WORDS

HERE = Path(__file__).parent
NASTY = (
    'A_b & 50% of $x^2$ #1 {y} \\z ~ <script>alert("1")</script> \u2212 \u2013 \u2265 \u03bb \u03c4 \u00b1 \u00e9 \u4e2d [n] |'
)


@pytest.fixture
def paper(workspace):
    """The tests' paper with nasty words in title, document, place, printed string and finding; judged."""

    shutil.copytree(HERE / "workspace", workspace.folder, dirs_exist_ok=True)
    folder = workspace.folder / "replications/paper"
    text = (folder / "claims.yaml").read_text()
    quoted = "'" + NASTY + "'"
    text = text.replace("title: A paper with five kinds of claim", f"title: {quoted}").replace(
        '"A paper & its 100% claims"', quoted
    )
    text = text.replace("place: section 5", f"place: {quoted}").replace('"shared words help"', quoted)
    (folder / "claims.yaml").write_text(text)
    (folder / "experiment.yaml").write_text(
        (folder / "experiment.yaml").read_text().replace("not_run: {lost: the", f"not_run: {{lost: {quoted}, x: the")
    )
    rows = [("paper", "shared", 0, "letters", m, q, v, None, "original", "none", "none") for m, values in
            {"mrr@10": [0.75, 1, 1, 0.25], "hit_rate@1": [2 / 3, 1, 1, 0]}.items()
            for q, v in zip([None, "q1", "q2", "q3"], values, strict=True)]  # fmt: skip
    config = settings.load(workspace.folder)
    workspace.scores("paper/shared/0", rows)
    found = [Finding("bounds", "inconsistent", "paper", ("paper:above_one",), (), NASTY, "1.2 > 1", 0.0)]
    finding.save([*found, Finding("interval", "caution", "paper", (), (), "wide", "n = 3", 0.05)], config.folder / "findings.csv")
    write_sealed(config.folder / "agreement.json", "[]\n")
    for one in study.select(config):
        judged = judge.judge(one, join.load([one.name], config), found, config.judgement)
        verdict_rows.write(config.folder / one.name / "verdicts.csv", judged, config)
    return workspace


def rendered(workspace):
    config = settings.load(workspace.folder)
    render.render(study.select(config), finding.load(config.folder / "findings.csv"), config)
    return workspace.folder / "paper_tables/embedded", (config.folder / "report.html").read_text()


def test_every_special_character_is_escaped_for_latex():
    assert escape.latex("a_b & 5% $ # {} ~ ^ \\ < >") == (
        r"a\_b \& 5\% \$ \# \{\} \textasciitilde{} \textasciicircum{} \textbackslash{} \textless{} \textgreater{}"
    )
    assert escape.latex("\u2212 \u2013 \u2265 \u03bb \u03c4") == r"$-$ -- $\geq$ $\lambda$ $\tau$"
    assert escape.latex("\u00e9 \u4e2d \u0007") == "\u00e9 {[}U+4E2D{]} {[}U+0007{]}"
    assert escape.latex("[x]") == "{[}x{]}"  # a bracket after \\ would be read as its argument
    assert escape.breakable("a_b.c") == r"a\_\allowbreak{}b.\allowbreak{}c"
    assert escape.latex(escape.latex("&")) == r"\&"


def test_a_template_cannot_print_what_was_not_escaped():
    environment = render._latex()
    assert environment.from_string("<< 'a_b'|latex >>").render() == r"a\_b"
    with pytest.raises(TypeError, match="without the latex filter"):
        environment.from_string("<< 'a_b' >>").render()


def test_the_table_says_what_the_verdicts_say(paper):
    tables, _ = rendered(paper)
    text = (tables / "paper.tex").read_text()
    lines = {name: line for line in text.splitlines() for name in ("t1.mrr.shared", "t1.hits.shared", "t1.mrr.lost", "above_one")
             if line.replace(r"\allowbreak{}", "").replace(r"\_", "_").startswith(name + " &")}  # fmt: skip
    assert "& 0.750 & 0.750 &" in lines["t1.mrr.shared"] and "& exact &" in lines["t1.mrr.shared"]
    assert r"\textbf{contradicted}" in lines["t1.hits.shared"] and "0.667" in lines["t1.hits.shared"]
    assert "not run" in lines["t1.mrr.lost"] and "inconsistent as printed" in lines["above_one"]
    assert r"\textcolor{gray}{(0.8)}" in lines["above_one"]  # recomputed, and not judged
    assert "future" not in text and "1 \\emph{prediction}" in text  # counted, not listed


def test_a_cell_never_says_more_than_its_verdict(paper):
    """Whatever the word, an unjudged value is grey and in brackets, and a prediction shows none."""
    config = settings.load(paper.folder)
    chosen = study.select(config.model_copy(update={"studies": "paper"}))[0]
    judged = next(
        j for j in judge.judge(chosen, join.load(["paper"], config), [], config.judgement) if j.claim.id == "t1.mrr.shared"
    )
    for word in WORDS:
        verdict = judged.verdict.__class__(word, "r", "w")
        cells = row(judging.Judged(judged.claim, verdict, judged.evidence, None, None, ()), 0.95)
        settled = word in ("exact", "equivalent", "direction only", "inconclusive", "contradicted")
        assert (cells["tone"] != "grey") == settled
        assert cells["shown"] == ("" if word == "prediction" else "0.750" if settled else "(0.750)")


def test_the_page_stands_alone_and_shows_every_claim(paper):
    _, page = rendered(paper)
    assert "<script>" not in page and "&lt;script&gt;" in page
    assert not re.search(r"(src|href)=[\"'](?!#)", page) and "@import" not in page and "url(" not in page
    for claim in study.select(settings.load(paper.folder))[1].ledger.claims:
        assert f"<code>{claim.id}</code>" in page
    balance: list[str] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag, attrs):
            if tag not in ("meta", "br"):
                balance.append(tag)

        def handle_endtag(self, tag):
            assert balance.pop() == tag

    Parser().feed(page)
    assert not balance


def test_the_same_verdicts_give_the_same_bytes(paper):
    tables, page = rendered(paper)
    before = {path.name: path.read_bytes() for path in tables.iterdir()}
    tables, again = rendered(paper)
    assert {path.name: path.read_bytes() for path in tables.iterdir()} == before and page == again
    assert set(before) == {"paper.tex", "letters.tex", "audit.tex", "report.tex"} and not any(
        b"\r" in text for text in before.values()
    )


def test_the_audit_table_lists_what_is_not_consistent(paper):
    text = (rendered(paper)[0] / "audit.tex").read_text()
    assert text.index("inconsistent & paper") < text.index("caution & paper") and "1.\\allowbreak{}2 \\textgreater{} 1" in text


def test_missing_verdicts_are_named(paper):
    (paper.folder / "results/embedded/paper/verdicts.csv").unlink()
    with pytest.raises(InputError, match=r"harness\.judge --study paper"):
        rendered(paper)


def test_long_printed_strings_are_cut_in_the_table_alone(paper):
    path = paper.folder / "results/embedded/paper/verdicts.csv"
    rows = list(csv.DictReader(path.open()))
    rows[0]["printed"] = "x" * 90
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_sealed(path, text.getvalue())
    tables, page = rendered(paper)
    assert "x" * 41 not in (tables / "paper.tex").read_text() and "x" * 90 in page


@pytest.mark.skipif(not shutil.which("pdflatex") and not os.environ.get("CI"), reason="no pdflatex here; with CI set this fails")
def test_the_report_compiles(paper):
    tables, _ = rendered(paper)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "report.tex"]
    done = subprocess.run(command, cwd=tables, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tables / "report.pdf").stat().st_size > 10_000
    assert "Overfull" not in done.stdout

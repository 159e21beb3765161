"""Tables and page: everything escaped, nothing said beyond its verdict, and the pages compile."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from harness import config as settings
from harness import judge, render, table
from harness.audits import finding
from harness.audits.finding import Finding
from harness.errors import InputError
from harness.pages import escape, latex, paper_tables, verdict_rows
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
    for one in study.select(config):
        judged = judge.judge(one, join.load([one.name], config), found, config.judgement)
        verdict_rows.write(config.folder / one.name / "verdicts.csv", judged, config)
        write_sealed(config.folder / one.name / "agreement.json", "[]\n")
    return workspace


def rendered(workspace):
    config = settings.load(workspace.folder)
    found = finding.load(config.folder / "findings.csv")
    for one in study.select(config):
        table.write(one, found, config)
    render.render(study.select(config), found, config)
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
    environment = latex.environment()
    assert environment.from_string("<< 'a_b'|latex >>").render() == r"a\_b"
    with pytest.raises(TypeError, match="without the latex filter"):
        environment.from_string("<< 'a_b' >>").render()


def row_of(text, label):
    """The lines of a row of a table: printed, ours, interval."""
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(f"{label} &"))
    return lines[start : start + 3]


def test_the_table_is_the_papers_own_with_ours_below(paper):
    tables, _ = rendered(paper)
    text = (tables / "paper.tex").read_text()
    assert r"\textbf{Table 1}" in text and "\n & shared & lost \\\\" in text
    printed, ours, _ = row_of(text, "mrr")
    assert printed.startswith("mrr & 0.750 & 0.9") and ours.startswith(r" & 0.750\,= & \textcolor{gray}{not run}")
    printed, ours, _ = row_of(text, "hits")
    assert printed.startswith("hits & 0.333 & 0.5") and ours.startswith(r" & 0.667\,\textbf{$\times$}")
    assert r"$\times$ \emph{contradicted}: " in text and "= \\emph{exact}: " in text
    assert r"\textcolor{gray}{(0.8) {[}" in text  # of the text: recomputed, and not judged
    assert "1 \\emph{prediction}" in text and "section 5" not in text  # counted, not listed: nothing can be said of it


def test_the_first_page_says_what_was_found(paper):
    tables, page = rendered(paper)
    text = (tables / "report.tex").read_text().replace(r"\allowbreak{}", "")
    first = text[text.index(r"\begin{document}") : text.index(r"\clearpage")]
    assert "1 is contradicted." in first and "1 is confirmed." in first and "1 was not run." not in first
    assert r"\emph{Contradicted.}" in first and "hits, shared (Table 1) is printed as 0.333; here 0.667" in first
    assert r"\emph{Cannot be right as printed.}" in first and "1.2 \\textgreater{} 1" in first
    assert "hits, shared (Table 1) is printed as 0.333; here 0.667" in page
    assert 'href="#?verdict=contradicted"' in page and ">0.667" in page


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
    bare = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)  # ours and the table library's
    assert bare != page and "<script>" not in bare and "&lt;script&gt;" in bare
    assert not re.search(r"(src|href)=[\"'](?!#|data:image/svg)", bare) and "@import" not in bare and "url(" not in bare
    for claim in study.select(settings.load(paper.folder))[1].ledger.claims:
        assert f'<tr data-key="{claim.key}">' in page and f'href="#{claim.key}"' in page
    balance: list[str] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag, attrs):
            if tag not in ("meta", "br", "input", "img"):
                balance.append(tag)

        def handle_endtag(self, tag):
            assert balance.pop() == tag

    Parser().feed(page)
    assert not balance


def test_the_records_of_the_page_hold_what_a_panel_shows(paper):
    _, page = rendered(paper)
    (text,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, flags=re.DOTALL)
    data = json.loads(text)
    one = data["claims"]["paper:t1.mrr.shared"]
    assert (
        one["printed"] == "0.750"
        and one["verdict"] == "exact"
        and one["recomputed"] == 0.75
        and one["printed_at"] == [0.7495, 0.7505]
    )
    spread = data["spreads"][one["spread"]]
    assert spread["seeds"] == {"0": 0.75} and spread["worst"] == [["q3", 0.25]] and spread["best"] == [["q2", 1.0]]
    accused = data["claims"]["paper:above_one"]
    assert data["findings"][accused["findings"][0]] == ["inconsistent", "bounds", NASTY, "1.2 > 1", "none"]
    assert data["studies"]["paper"]["command"] == "make tables FIDELITY=embedded STUDIES=paper"
    assert "findings" not in one and "note" not in one  # what is empty is left out


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
    assert text.index(r"\textbf{inconsistent} (bounds, paper)") < text.index(r"\textbf{caution} (interval, paper)")
    assert "1.2 \\textgreater{} 1" in text


def test_missing_verdicts_are_named(paper):
    (paper.folder / "results/embedded/paper/verdicts.csv").unlink()
    with pytest.raises(InputError, match=r"harness\.judge --study paper"):
        rendered(paper)


def changed(paper, name, **cells):
    """Write other cells into a row of verdicts.csv."""
    path = paper.folder / "results/embedded/paper/verdicts.csv"
    rows = list(csv.DictReader(path.open()))
    for one in rows:
        if one["claim"] == f"paper:{name}":
            one |= cells
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_sealed(path, text.getvalue())


def test_long_printed_strings_are_cut_in_the_table_alone(paper):
    changed(paper, "t1.mrr.shared", printed="0.024864181876182556")
    changed(paper, "above_one", printed="x" * 190)
    tables, page = rendered(paper)
    text = (tables / "paper.tex").read_text()
    assert r"0.0248641\ldots{}" in text and "x" * 119 in text and "x" * 121 not in text
    assert "0.024864181876182556" in page and "x" * 190 in page


@pytest.mark.parametrize("word", [*WORDS, "out of reach"])
def test_every_verdict_has_a_mark_and_a_meaning(paper, word):
    changed(paper, "t1.mrr.shared", verdict=word)
    tables, page = rendered(paper)
    assert f"\\emph{{{word}}}: " in (tables / "paper.tex").read_text() and paper_tables.MEANING[word] in page


def test_a_claim_that_was_never_judged_is_named(paper):
    path = paper.folder / "replications/paper/claims.yaml"
    path.write_text(path.read_text() + '- {id: new, printed: "1", document: P, place: here, kind: count, status: measured}\n')
    with pytest.raises(
        InputError, match=r"no row for 'paper:new': the ledger was edited since; run `python -m harness.judge --study paper`"
    ):
        rendered(paper)


def test_an_empty_cell_of_a_printed_table_stays_empty(paper):
    path, config = paper.folder / "replications/paper/claims.yaml", settings.load(paper.folder)
    whole = '    hits: {metric: hits, unit: fraction, printed: ["0.333", "0.5"], margin: {value: 0.01, reason: "a test"}}'
    half = whole.replace("hits:", "half:", 1).replace('"0.5"]', "null]")
    path.write_text(path.read_text().replace(whole, f"{whole}\n{half}"))
    (one,) = study.select(config.model_copy(update={"studies": "paper"}))
    judged = judge.judge(one, join.load(["paper"], config), [], config.judgement)
    verdict_rows.write(config.folder / "paper" / "verdicts.csv", judged, config)
    tables, _ = rendered(paper)
    printed, ours, _ = row_of((tables / "paper.tex").read_text(), "half")
    assert printed.startswith("half & 0.333 & ") and ours.rstrip(" \\*").endswith("&")


def test_the_fidelity_of_a_row_is_told_in_its_three_parts(paper):
    rows = verdict_rows.read(paper.folder / "results/embedded/paper/verdicts.csv")
    assert {verdict_rows.fidelity(row) for row in rows} == {"", "original evaluation data"}
    both = {"evaluation": "embedded", "encoder": "embedded", "training": ""}
    assert verdict_rows.fidelity(both) == "all embedded"
    told = "embedded evaluation data, embedded encoder, substitute training data"
    assert verdict_rows.fidelity({**both, "training": "substitute"}) == told


@pytest.mark.skipif(not shutil.which("pdflatex") and not os.environ.get("CI"), reason="no pdflatex here; with CI set this fails")
def test_the_report_compiles(paper):
    tables, _ = rendered(paper)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "report.tex"]
    done = subprocess.run(command, cwd=tables, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tables / "report.pdf").stat().st_size > 10_000
    assert "Overfull" not in done.stdout


@pytest.mark.skipif(not shutil.which("pdflatex") and not os.environ.get("CI"), reason="no pdflatex here; with CI set this fails")
@pytest.mark.parametrize("name", ["paper", "audit"])
def test_a_table_stands_in_another_document_alone(paper, name):
    tables, _ = rendered(paper)
    head = r"\documentclass{article}\usepackage[utf8]{inputenc}\usepackage[T1,OT1]{fontenc}\usepackage{textcomp,amssymb}"
    head += r"\usepackage{array,booktabs,longtable,xcolor,graphicx}"
    (tables / "mine.tex").write_text(rf"{head}\begin{{document}}\input{{{name}}}\end{{document}}")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "mine.tex"]
    done = subprocess.run(command, cwd=tables, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stdout[-2000:]

"""The regression check: absent, moved up, moved down, new; and what accepting shows first."""

import json
import os
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pyarrow import parquet

from harness import check, config
from harness.errors import InputError
from harness.pages import escape
from harness.regression import conditioning, reference, told
from harness.studies import study

HERE = Path(__file__).parent
A, B = ("v", "0", "c", "m"), ("v", "1", "c", "m")


def test_differences_are_two_sided_and_absent_counts():
    assert reference.differences({A: 0.5}, {A: 0.5 + 1e-7}, lambda key: 1e-5) == []
    assert len(reference.differences({A: 0.5}, {A: 0.6}, lambda key: 1e-5)) == 1
    assert len(reference.differences({A: 0.5}, {A: 0.4}, lambda key: 1e-5)) == 1
    assert "absent today" in reference.differences({A: 0.5}, {}, lambda key: 1e-5)[0]
    assert "nothing accepted" in reference.differences({}, {A: 0.5}, lambda key: 1e-5)[0]
    assert len(reference.differences({A: 0.5}, {A: float("nan")}, lambda key: 1e-5)) == 1
    assert reference.differences({A: 0.5, B: 0.1}, {B: 0.1, A: 0.5}, lambda key: 1e-5) == []


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    from tests.conftest import Workspace

    small = Workspace(tmp_path_factory.mktemp("ran"))
    small.take("config.yaml")
    shutil.copytree(HERE / "workspace", small.folder, dirs_exist_ok=True)
    code, said = small.snakemake()
    assert code == 0, said
    return small


def test_a_run_without_reference_fails_then_is_accepted_then_holds(ran):
    code, said = ran.stage("check")
    assert code == 1 and "make accept STUDY=letters" in said
    for name in ("letters", "paper"):
        code, said = ran.stage("accept", "--study", name)
        assert code == 0 and "nothing accepted" in said, said
    code, said = ran.stage("check")
    assert code == 0 and "0 differences" in said, said
    path = ran.folder / "baselines/letters/reference/embedded.csv"
    text = path.read_text()
    path.write_text(text.replace("0.75", "0.74"))
    code, said = ran.stage("check")
    assert code == 1 and "(+0.010000)" in said, said
    suite = ElementTree.parse(ran.folder / "results/embedded/check.xml").getroot().find("testsuite")
    assert suite.get("failures") == "1" and "(+0.010000)" in suite.find("testcase[@name='letters']/failure").text
    path.write_text("\n".join(text.splitlines()[:-1]) + "\n")
    assert ran.stage("check")[0] == 1
    path.write_text(text)


def test_what_was_not_scored_is_one_line_and_not_one_a_score(ran):
    settings = config.load(ran.folder)
    one = next(study for study in study.select(settings) if study.name == "letters")
    found = reference.today(one, settings)
    place = min(found)[:3]
    assert sum(key[:3] == place for key in found) > 1
    lines = check.check(one, {key: value for key, value in found.items() if key[:3] != place}, settings)
    assert lines == [f"{'/'.join(place)}: not scored at fidelity embedded"]


def test_nothing_run_is_a_failure(ran):
    code, said = ran.stage("check", "--fidelity", "substitute")
    assert code == 1 and "nothing was run" in said


def test_the_tables_compile(ran):
    if not shutil.which("pdflatex"):
        assert not os.environ.get("CI"), "no pdflatex: the tables were not compiled"
        pytest.skip("no pdflatex")
    folder = ran.folder / "paper_tables" / "embedded"
    import subprocess

    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "report.tex"], cwd=folder, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout.decode("latin-1")[-2000:]
    assert (folder / "report.pdf").stat().st_size > 5000


def test_the_page_escapes_what_papers_print(ran):
    page = (ran.folder / "results/embedded/report.html").read_text()
    assert "A paper &amp; its 100% claims" in page and "A paper & its" not in page
    assert not re.search(r"(src|href)=.?(https?:)?//", page)  # nothing is loaded from elsewhere


@pytest.mark.parametrize("text", ["\\input{/etc/passwd}", "100 % & more_1 #2 $x$ {y} ~ ^ <tag>", "−0.5 ≤ λ → τ"])
def test_latex_special_characters_are_harmless(text):
    safe = escape.latex(text)
    assert "\\input" not in safe and "?" not in escape.latex("−≤λτ–")
    for character in "&%$#_{}":
        assert safe.count(f"\\{character}") >= text.count(character) or character in "{}$"


def test_a_results_folder_that_cannot_be_written_is_named(ran):
    code, said = ran.stage("audit", "--config", json.dumps({"results": "config.yaml/not-a-folder"}))
    assert code == 2 and "error: " in said and "Traceback" not in said, said


def test_what_is_trained_may_move_further_in_another_environment_only(monkeypatch):
    known = study.folders(config.ROOT)
    one, settings = study.load(known["projection_grid"], known, "embedded"), config.load()
    monkeypatch.setattr(conditioning, "read_moves", lambda path: {})
    key = ("mpnet_frozen", "0", "scifact", "ndcg@10")
    for moved, expected in ((["other"], settings.check.trained), ([], settings.check.tolerance)):
        monkeypatch.setattr(conditioning, "moved", lambda path, moved=moved: moved)
        assert conditioning.tolerances(one, Path("x"), settings)(key) == expected
    fixed = study.load(known["bm25"], known, "embedded")
    monkeypatch.setattr(conditioning, "moved", lambda path: ["other"])
    assert conditioning.tolerances(fixed, Path("x"), settings)(("lucene", "0", "scifact", "ndcg@10")) == settings.check.tolerance


def test_what_was_seen_to_move_may_move_ten_times_as_far(monkeypatch):
    known = study.folders(config.ROOT)
    one, settings = study.load(known["bm25"], known, "embedded"), config.load()
    loose, tight = ("lucene", "0", "scifact", "ndcg@10"), ("lucene", "0", "scifact", "mrr@10")
    monkeypatch.setattr(conditioning, "read_moves", lambda path: {loose: 0.002, tight: 1e-9})
    tolerance = conditioning.tolerances(one, Path("x"), settings)
    assert tolerance(loose) == pytest.approx(0.02) and tolerance(tight) == settings.check.tolerance


def test_runs_with_moved_vectors_say_how_far_a_score_moves(ran):
    """Their scores bear the number of the run in their fingerprint, and are never taken for a run's own."""
    settings = config.load(ran.folder)
    letters = study.select(settings.model_copy(update={"studies": "letters"}))[0]
    found = reference.today(letters, settings)
    assert conditioning.moves(letters, found, settings) == ({}, 0)
    code, said = ran.snakemake("scored", "--config", "perturb=1", "results=results/moved/1", "studies=letters")
    assert code == 0, said
    far, runs = conditioning.moves(letters, found, settings)
    assert runs == 1 and far == dict.fromkeys(found, 0.0)  # letters are not encoded: nothing moves
    with pytest.raises(InputError, match=r"made with other settings or other code than today's.*rm -r"):
        reference.today(letters, settings.model_copy(update={"results": "results/moved/1"}))


def test_scores_of_another_code_are_refused_by_every_stage_that_reads_them(ran):
    path = next((ran.folder / "results/embedded/letters").glob("*/0/scores.parquet"))
    before = path.read_bytes()
    table = parquet.read_table(path)
    parquet.write_table(table.replace_schema_metadata({"fingerprint": "of older code"}), path)
    try:
        for stage in ("judge", "compare", "accept"):
            code, said = ran.stage(stage, "--study", "letters")
            assert code == 2 and str(path.parent) in said and "make tables" in said and "Traceback" not in said, (stage, said)
        code, said = ran.stage("check")
        assert code == 2 and "made with other settings or other code" in said
        path.write_bytes(before[:-9])
        code, said = ran.stage("check")
        assert code == 2 and "damaged" in said and "Traceback" not in said
    finally:
        path.write_bytes(before)


def test_a_study_that_was_not_run_is_one_line_with_what_to_do(tmp_path):
    known = study.folders(config.ROOT)
    one, settings = study.load(known["bm25"], known, "embedded"), config.load(overrides={"results": str(tmp_path)})
    assert check.check(one, {}, settings) == ["8 scores accepted, none today: it was not run at fidelity embedded; `make tables` runs it"]


def test_hosted_ci_is_told_in_its_own_form(tmp_path):
    found = {"a": (Path("baselines/a/reference/embedded.csv"), ["100% moved: 1, 2\nsecond", *(f"line {n}" for n in range(60))]), "b": (Path("b.csv"), [])}
    first, *rest = told.notices(found)
    assert first == "::error file=baselines/a/reference/embedded.csv,title=check%3A a::100%25 moved: 1, 2%0Asecond"
    assert rest[-1].endswith("::and 11 more") and len(rest) == 50
    told.junit({"a": (Path("a.csv"), ["<odd> & \x1b[31m"])}, "embedded", tmp_path / "check.xml")
    failure = ElementTree.parse(tmp_path / "check.xml").getroot().find("testsuite/testcase/failure")
    assert failure.text == "<odd> & ?[31m"

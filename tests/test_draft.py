"""The draft stage: a ledger to complete, accepted by its reader; TODO is listed and never judged; findings at once by make."""

import shutil
import subprocess
import sys

import pytest
import yaml

from harness import draft
from harness.config import ROOT
from harness.drafts.opening import opened
from harness.errors import InputError
from harness.ledger import reading, unfinished

TEXT = """# A paper: "quoted" {braces}

## Abstract

Ours reaches 71.25 nDCG@10.

Table 1: nDCG@10 of all, *best* in bold

| System | Quarry | Harbor | Note | Avg. |
|---|---|---|---|---|
| BM25 | 61.25 | <u>52.35</u> | no | 56.80 |
| Ours (λ=0.1) | **71.25** | **62.35**\\* | 10 - 20 - 30 | **66.80** |
| BM25 | - | 50.05 | yes: "x" | 50.05 |
"""


@pytest.fixture
def study(tmp_path):
    (tmp_path / "p.md").write_text(TEXT, encoding="utf-8")
    draft.write(opened(tmp_path / "p.md"), tmp_path / "p.md", "drafted", tmp_path)
    return tmp_path / "replications" / "drafted"


def test_every_cell_stands_as_printed_with_its_place_and_marks(study):
    raw = yaml.safe_load((study / "claims.yaml").read_text(encoding="utf-8"))
    (table,) = raw["tables"]
    assert table["caption"] == "Table 1: nDCG@10 of all, best in bold" and table["place"] == "Table 1 (p.md:9)"
    assert [entry["label"] for entry in table["columns"].values()] == ["Quarry", "Harbor", "Avg."]
    rows = table["rows"]
    assert list(rows) == ["bm25_no", "ours_0_1_10_20_30", "bm25_yes_x"]
    first, second, third = rows.values()
    assert second["printed"] == ["71.25", "62.35*", "66.80"] and second["bold"] == ["quarry", "harbor", "avg"]
    assert second["marks"] == {"harbor": "*"} and first["underline"] == ["harbor"] and second["line"] == "p.md:12"
    assert third["words"] == {"quarry": "-"} and third["printed"][0] is None
    assert [one["printed"] for one in raw["claims"]] == ["Ours reaches 71.25 nDCG@10."] and raw["claims"][0][
        "place"
    ] == "p.md:5, abstract"
    assert raw["metrics"]["ndcg"]["definition"] == "TODO" and table["columns"]["quarry"] == {
        "label": "Quarry",
        "metric": "ndcg",
        "unit": "percent",
    }


def test_what_is_open_is_listed_with_its_ids_and_is_no_claim(study):
    book = reading.load(study)
    assert book.claims == [] and len(book.todo) == 9
    told = "\n".join(unfinished.told("drafted", book.todo))
    assert "drafted: TODO status: s1" in told and "decidable_at, collection, n, metrics.ndcg.definition: t1." in told


def test_a_completed_draft_is_a_ledger_with_marks_as_data(study):
    text = (study / "claims.yaml").read_text(encoding="utf-8")
    text = (
        text.replace("  collection: TODO\n  n: TODO\n", "")
        .replace("decidable_at: TODO", "decidable_at: original")
        .replace("definition: TODO", "definition: as usual")
        .replace("status: TODO", "status: measured")
    )
    (study / "claims.yaml").write_text(text.replace("metric: TODO, unit: TODO", "metric: ndcg, unit: percent"), encoding="utf-8")
    book = reading.load(study)
    assert (len(book.claims), book.todo) == (9, {})
    one = next(claim for claim in book.claims if claim.printed == "62.35*")
    assert one.cell.bold and one.cell.marks == "*" and not one.cell.underline
    assert one.place == "Table 1 (p.md:9), row Ours (λ=0.1) / 10 - 20 - 30, column Harbor (p.md:12)"


def test_what_an_open_claim_leaves_is_still_checked(study):
    text = (study / "claims.yaml").read_text(encoding="utf-8")
    (study / "claims.yaml").write_text(text.replace("status: measured", "status: mesured"), encoding="utf-8")
    with pytest.raises(InputError, match="status: .*mesured"):
        reading.load(study)


def test_a_claim_that_rests_on_an_open_one_waits_for_it(study):
    text = (study / "claims.yaml").read_text(encoding="utf-8")
    more = '- {id: gap, document: paper, place: x, kind: difference, status: derived, printed: "1.0", arithmetic: {op: difference, of: [s1, "2.0"]}}\n'
    (study / "claims.yaml").write_text(text.replace("claims:  #", "claims:  # x\n" + more + "#", 1), encoding="utf-8")
    assert reading.load(study).todo["gap"] == ["waits for s1"]


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("bold", "[nowhere]", "no column 'nowhere'"),
        ("bold", "quarry", "expected a list of columns"),
        ("marks", "[a]", "expected words by column"),
        ("line", "12", "expected words such as"),
    ],
)
def test_marks_of_no_known_form_are_refused(study, key, value, said):
    text = (study / "claims.yaml").read_text(encoding="utf-8")
    line = next(one for one in text.split("\n") if "61.25" in one and "printed" in one)
    kept = yaml.safe_load(line)
    ((name, row),) = kept.items()
    row.pop(key, None)
    new = f"    {name}: {{{key}: {value}, printed: {row['printed']}}}"
    (study / "claims.yaml").write_text(text.replace(line, new), encoding="utf-8")
    with pytest.raises(InputError, match=said):
        reading.load(study)


def test_a_name_that_is_taken_or_none_and_a_source_without_anything(tmp_path, study):
    source = opened(tmp_path / "p.md")
    with pytest.raises(InputError, match="replications/drafted is there already; choose another name"):
        draft.write(source, tmp_path / "p.md", "drafted", tmp_path)
    with pytest.raises(InputError, match="cannot be named '../up'"):
        draft.write(source, tmp_path / "p.md", "../up", tmp_path)
    (tmp_path / "q.md").write_text("words\n")
    with pytest.raises(InputError, match="no table and no sentence with a number"):
        draft.write(opened(tmp_path / "q.md"), tmp_path / "q.md", "other", tmp_path)


def test_words_of_a_source_cannot_break_the_ledger(tmp_path):
    row = "| a: {b}, [c] # d ' \\\" \\\\ | 61.25 |"
    (tmp_path / "p.md").write_text(
        f"# t: 'x' \"y\" # z\n\n| M: x | F1 # {{y}} |\n|---|---|\n{row}\n| - id: z | !!python/object:x 1.5 |\n\nIt is 71.25: {{x}} # y.\n"
    )
    path = draft.write(opened(tmp_path / "p.md"), tmp_path / "p.md", "drafted", tmp_path)
    book = reading.load(path.parent)
    assert book.title == "t: 'x' \"y\" # z" and set(book.todo) == {"s1", next(one for one in book.todo if one.startswith("t_1."))}


def run(*words, **settings):
    return subprocess.run(
        [sys.executable, "-m", "harness.draft", *words], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_command_line(tmp_path):
    (tmp_path / "p.md").write_text(TEXT.replace("66.80", "76.80"), encoding="utf-8")
    done = run("--audit", "--n", "", "--", str(tmp_path / "p.md"))
    assert (
        done.returncode == 0
        and "p.md:12: derived: 'Avg.' of 'Ours (λ=0.1)'" not in done.stderr
        and "what each family of checks could look at:" in done.stdout
    )
    both = run(str(tmp_path / "p.md"))
    assert both.returncode == 2 and both.stderr.startswith("error: give either --name NAME")
    wrong = run("--audit", "--n", "many", str(tmp_path / "p.md"))
    assert wrong.returncode == 2 and "N=many: write the number of questions" in wrong.stderr


@pytest.mark.skipif(not shutil.which("make"), reason="needs make")
def test_make_audit_of_a_paper(tmp_path):
    (tmp_path / "a paper.md").write_text(TEXT, encoding="utf-8")
    done = subprocess.run(
        ["make", "-s", "PYTHON=true", "audit", f"PAPER={tmp_path / 'a paper.md'}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0 and "1 table, 8 numbers in them" in done.stdout

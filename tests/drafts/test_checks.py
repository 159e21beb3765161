"""Checks: each finds its planted error, quotes the line, says what it guesses, and is silent on what papers rightly do."""

import pytest

from harness.drafts import checking, opening

MARKED = """\\begin{table}\\caption{nDCG@10. %s}
\\begin{tabular}{lcccc}\\toprule
Model & Quarry & Harbor & Meadow & Avg. \\\\ \\midrule
BM25 & 66.5 & 32.5 & 23.6 & 40.9 \\\\
Dense & 67.7 & 32.8 & \\underline{32.9} & 44.5 \\\\
Sparse & \\textbf{69.9} & \\underline{34.7} & \\textbf{35.6} & \\textbf{46.7} \\\\
Ours & \\underline{69.3} & \\textbf{35.0} & 30.1 & \\underline{44.8} \\\\
\\bottomrule\\end{tabular}\\end{table}
"""
CLEAN = MARKED % "Best in bold, second best underlined."


def found(tmp_path, text, name="p.tex", n=None):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return checking.checked(opening.opened(tmp_path / name), n)[0]


def coverage(tmp_path, text, family, name="p.tex"):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return next(one for one in checking.checked(opening.opened(tmp_path / name))[1] if one.family == family)


PLANTED = {
    "a mean": ("44.5", "45.3", "derived", "'Avg.' of 'Dense' is printed 45.3; the mean of the columns before it (Quarry, Harbor, Meadow) is 44.47"),
    "bold": ("\\textbf{35.6}", "\\textbf{31.6}", "marks", "31.6 is bold ('Sparse', 'Meadow'), but 32.9 ('Dense', 'Meadow') is above it"),
    "underlined": ("Dense & 67.7", "Dense & 69.5", "marks", "69.3 is underlined ('Ours', 'Quarry'), but 69.5 ('Dense', 'Quarry') is above it"),
    "a lost point": ("66.5", "665", "ranges", "665 is outside of what ndcg can be (0 to 100)"),
}  # fmt: skip


def test_a_clean_table_says_nothing(tmp_path):
    assert found(tmp_path, CLEAN) == []


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_error_is_found_with_its_line(tmp_path, name):
    before, after, family, said = PLANTED[name]
    hits = [one for one in found(tmp_path, CLEAN.replace(before, after, 1)) if one.family == family]
    line = next(
        at
        for at, text in enumerate(CLEAN.replace(before, after, 1).split("\n"), 1)
        if after in text or said.split(" ")[0] in text
    )
    assert len(hits) == 1 and said in hits[0].statement and hits[0].quoted and abs(hits[0].place.line - line) <= 3


def test_a_guess_is_said_to_be_one(tmp_path):
    (mean,) = found(tmp_path, CLEAN.replace("44.5", "43.6"))
    assert mean.guess == "that 'Avg.' is the mean of the columns before it (Quarry, Harbor, Meadow): it is so for 3 of 4 numbers"
    bold = next(
        one for one in found(tmp_path, (MARKED % "").replace("\\textbf{35.6}", "\\textbf{31.6}")) if "is bold" in one.statement
    )
    assert "that bold marks the best of a whole column" in bold.guess


SILENT = {
    "an oracle beats the bold one": CLEAN.replace("BM25 & 66.5 & 32.5 & 23.6 & 40.9", "Oracle & 90.5 & 80.5 & 70.6 & 80.5"),
    "a grey row beats the bold one": CLEAN.replace("BM25 & 66.5 & 32.5 & 23.6 & 40.9", "Huge & \\textcolor{gray}{90.5} & \\textcolor{gray}{80.5} & \\textcolor{gray}{70.6} & \\textcolor{gray}{80.5}"),
    "a footnote sets the better row apart": CLEAN.replace("BM25 & 66.5 & 32.5 & 23.6 & 40.9", "Huge$^\\dagger$ & 90.5 & 80.5 & 70.6 & 80.5"),
    "bold means significant": (MARKED % "Bold: significantly better than BM25.").replace("\\textbf{35.6}", "\\textbf{31.6}").replace("46.7", "45.4"),
    "the authors' own row is bold all through": (MARKED % "").replace("\\textbf", "").replace("\\underline", "").replace("{69.3} & {35.0} & 30.1 & {44.8}", "\\textbf{69.3} & \\textbf{35.0} & \\textbf{30.1} & \\textbf{44.8}"),
    "a mean over other sets": (MARKED % "").replace("40.9", "51.3").replace("44.5", "52.2").replace("46.7", "58.9").replace("\\underline{44.8}", "\\underline{55.0}"),
    "lower is better by an arrow": "| M | Time ↓ | Error |\n|---|---|---|\n| a | **1.25** | **0.25** |\n| b | 2.75 | 0.75 |\n| c | 3.15 | 0.95 |\n",
    "an ablation that changes nothing": "| M | F1 | MAP | MRR |\n|---|---|---|---|\n| Full | 71.25 | 61.35 | 51.45 |\n| + noise | 71.25 | 61.35 | 51.45 |\n| Full, large | 71.25 | 61.35 | 51.45 |\n",
    "accuracy is micro F1": "| M | Accuracy | Micro-F1 |\n|---|---|---|\n| a | 71.25 | 71.25 |\n| b | 64.15 | 64.15 |\n| c | 55.45 | 55.45 |\n",
    "recall sums beyond a hundred": "| M | Recall@1 | RSum |\n|---|---|---|\n| a | 71.2 | 412.2 |\n| b | 64.1 | 399.1 |\n| c | 55.4 | 380.1 |\n",
    "settings that look like results": "# P\n\n| M | F1 |\n|---|---|\n| Ours | 71.25 |\n| Base | 64.15 |\n\nWith a learning rate of 0.00125 and threshold 0.855, F1 rises; training took 12.75 hours; GPT-3.55 and Section 4.25.\n",
    "a difference, a change and a mean in prose": "# P\n\n## Abstract\n\nOurs reaches 71.25 F1, 7.10 points and 11.07% above Base; both average 67.70 F1.\n\n## R\n\n| M | F1 |\n|---|---|\n| Ours | 71.25 |\n| Base | 64.15 |\n",
    "rounded in prose": "# P\n\n## Abstract\n\nOurs reaches 71.2 F1 and Base 0.642 F1.\n\n| M | F1 |\n|---|---|\n| Ours | 71.24 |\n| Base | 64.15 |\n",
    "one number alone": "| M | F1 | Avg. |\n|---|---|---|\n| Ours | 71.25 | 80.15 |\n",
    "a gap in the row": CLEAN.replace("67.7", "--").replace("44.5", "43.9"),
}  # fmt: skip


@pytest.mark.parametrize("name", SILENT)
def test_what_papers_rightly_do_raises_nothing(tmp_path, name):
    file = "p.tex" if SILENT[name].startswith("\\begin") else "p.md"
    assert [one.statement for one in found(tmp_path, SILENT[name], file)] == []


def test_rows_marked_within_their_blocks_are_compared_there(tmp_path):
    text = CLEAN.replace("Sparse &", "\\midrule Sparse &").replace("BM25 & 66.5 & 32.5 & 23.6 & 40.9", "BM25 & \\textbf{68.5} & 32.5 & 23.6 & 41.5").replace("Dense & 67.7 & 32.8 & \\underline{32.9} & 44.5", "Dense & 67.7 & \\textbf{32.8} & \\textbf{32.9} & \\textbf{44.5}")  # fmt: skip
    assert found(tmp_path, text) == []


@pytest.mark.parametrize(
    ("heading", "cells"), [("Δ", ("+0.0", "+1.2", "+3.4", "+2.8")), ("Gain (%)", ("0.0", "+1.8", "+5.1", "+4.2"))]
)
def test_a_column_of_differences_or_changes_is_reckoned_from_its_base(tmp_path, heading, cells):
    scores = ("66.5", "67.7", "69.9", "69.3")
    rows = [f"| s{at} | {score} | {cell} |" for at, (score, cell) in enumerate(zip(scores, cells, strict=True))]
    text = "\n".join([f"| M | MAP | {heading} |", "|---|---|---|", *rows, ""])
    assert found(tmp_path, text, "p.md") == []
    (wrong,) = found(tmp_path, text.replace(cells[2], "+9.4"), "p.md")
    assert "is printed +9.4" in wrong.statement and wrong.place.line == 5


def test_a_mean_may_stand_in_a_row_and_a_share_beside_its_count(tmp_path):
    rows = "| set | a | b | c |\n|---|---|---|---|\n| Quarry | 61.2 | 55.1 | 70.4 |\n| Harbor | 41.3 | 39.8 | 44.0 |\n| Meadow | 52.6 | 50.3 | 58.9 |\n| Average | 51.7 | 48.4 | 57.8 |\n"
    assert found(tmp_path, rows, "p.md") == []
    (wrong,) = found(tmp_path, rows.replace("57.8", "59.8"), "p.md")
    assert "'Average' of 'c' is printed 59.8" in wrong.statement
    shares = "| kind | count | % |\n|---|---|---|\n| a | 42 | 50.0 |\n| b | 21 | 25.0 |\n| c | 14 | 16.7 |\n| d | 7 | 8.3 |\n| Total | 84 | 100.0 |\n"
    assert found(tmp_path, shares, "p.md") == []
    assert any("is printed 19.7" in one.statement for one in found(tmp_path, shares.replace("16.7", "19.7"), "p.md"))


GRIM = "| M | Accuracy%s | F1 |\n|---|---|---|\n| a | 71.4 | 70.1 |\n| b | 64.3 | 60.2 |\n| c | 55.3 | 50.3 |\n"


@pytest.mark.parametrize(
    ("heading", "caption", "n"),
    [
        ("", "", 84),
        (" (N=84)", "", None),
        ("", "Table 1: of n = 84 questions.\n\n", None),
        ("", "Table 1: on 84 test questions.\n\n", None),
    ],
)
def test_a_share_that_n_units_cannot_give(tmp_path, heading, caption, n):
    (wrong,) = found(tmp_path, caption + GRIM % heading, "p.md", n)  # 55.3 is no k/84; 70.1 is F1, no share of units
    assert wrong.family == "grim" and "55.3 is no share of 84: the nearest are 46/84 = 54.8 and 47/84 = 56.0" in wrong.statement


def test_grim_without_n_or_with_the_wrong_one_accuses_nobody(tmp_path):
    assert found(tmp_path, GRIM % "", "p.md") == []
    assert found(tmp_path, "Table 1: trained on 84 examples.\n\n" + GRIM % "", "p.md") == []
    (asked,) = found(tmp_path, GRIM % "", "p.md", 13)
    assert "is 13 their n" in asked.statement
    looked = coverage(tmp_path, GRIM % "", "grim", "p.md")
    assert (looked.looked, looked.lacking) == (0, {"without n: give N=..., or write n into heading or caption": 3})


def test_rows_that_repeat_one_another(tmp_path):
    text = "| M | F1 | MAP | MRR |\n|---|---|---|---|\n| alpha | 71.25 | 61.35 | 51.45 |\n| bravo | 64.15 | 52.45 | 43.75 |\n| carol | 71.25 | 61.35 | 51.45 |\n"
    (wrong,) = found(tmp_path, text, "p.md")
    assert "'alpha' and 'carol' agree in all numbers (71.25, 61.35, 51.45)" in wrong.statement and wrong.place.line == 5


PROSE = "# P\n\n## Abstract\n\nOurs reaches %s F1.\n\n## Results\n\nOn F1, Base scores %s as Table 1 shows.\n\nTable 1: all\n\n| M | F1 | MAP |\n|---|---|---|\n| Ours | 71.25 | 44.15 |\n| Base | 64.15 | 38.25 |\n"


def test_prose_beside_the_wrong_row_and_abstract_against_table(tmp_path):
    assert found(tmp_path, PROSE % ("71.25", "64.15"), "p.md") == []
    (wrong,) = found(tmp_path, PROSE % ("71.25", "71.25"), "p.md")
    assert "'Base' is given 71.25 here; the tables have 71.25 only for 'Ours'" in wrong.statement and wrong.place.line == 9
    (abstract,) = found(tmp_path, PROSE % ("77.95", "64.15"), "p.md")
    assert (
        "77.95, in the abstract, stands in no table, nor is it a mean of numbers of 'Ours'; the nearest of 'Ours' is 71.25"
        in abstract.statement
        and abstract.place.line == 5
    )


def test_table_against_table(tmp_path):
    one = "| M | Quarry | Harbor | Meadow | Cinder |\n|---|---|---|---|---|\n| Base | 61.25 | 52.35 | 43.45 | 30.15 |\n| Ours | 71.25 | 62.35 | 53.45 | 40.15 |\n"
    assert found(tmp_path, f"{one}\n\n{one}", "p.md") == []
    (wrong,) = found(tmp_path, f"{one}\n\n{one.replace('62.35', '63.35')}", "p.md")
    assert "'Ours', 'harbor' is 63.35 here and 62.35 in" in wrong.statement.replace("'ours'", "'Ours'") and wrong.place.line == 10
    other = one.replace("62.35", "60.05").replace("53.45", "50.05").replace("71.25", "70.05")
    assert found(tmp_path, f"{one}\n\n{other}", "p.md") == []  # another setting


def test_coverage_says_what_would_help(tmp_path):
    unnamed = "| M | x | y |\n|---|---|---|\n| a | 61.2 | 52.3 |\n| b | 62.2 | 51.3 |\n"
    assert coverage(tmp_path, unnamed, "ranges", "p.md").lacking == {"whose metric no heading names": 4}
    assert coverage(tmp_path, CLEAN, "derived").looked == 4 and coverage(tmp_path, CLEAN, "marks").looked == 16

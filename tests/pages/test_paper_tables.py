"""The paper's tables again: shape, parts that fit a page, marks, and what is said once."""

import pytest

from harness.audits.finding import Finding
from harness.errors import InputError
from harness.pages import findings, paper_tables, told
from harness.pages.paper_tables import MARKS, MEANING
from harness.verdicts.words import WORDS
from tests.ledger.test_claims import read


def ledger(tmp_path, columns=2, rows=("one", "two"), extra=""):
    heads = ", ".join(f"c{i}: {{label: Column {i}, variant: v{i}}}" for i in range(columns))
    cells = ", ".join('"0.5"' for _ in range(columns))
    lines = "\n".join(f"    {row}: {{label: Row {row}, bold: [c0], printed: [{cells}]}}" for row in rows)
    return read(
        tmp_path,
        "tables:\n- id: t\n  document: P\n  place: Table 7\n  status: measured\n  metric: hr\n  decidable_at: original\n"
        f"  columns: {{{heads}}}\n  rows:\n{lines}\n{extra}",
    )


def row(claim, **cells):
    plain = {
        "printed": "0.5",
        "verdict": "exact",
        "tone": "plain",
        "shown": "0.500",
        "interval": "[0.4, 0.6]",
        "reason": "it does",
    }
    return {"claim": claim.key, **plain, **cells}


def rows(book, **cells):
    return [row(claim, **cells) for claim in book.claims]


NOTHING = {"shown": "", "interval": "", "tone": "grey", "verdict": "not run"}


def test_a_table_has_the_papers_rows_and_columns_in_its_order(tmp_path):
    book = ledger(tmp_path)
    (table,) = paper_tables.tables(book, rows(book))
    assert (table.place, table.document, table.columns) == ("Table 7", "A paper", ["Column 0", "Column 1"])
    assert [label for label, _ in table.rows] == ["Row one", "Row two"]
    first, second = table.rows[0][1]
    assert (first.printed, first.ours, first.interval, first.mark) == ("0.5", "0.500", "[0.4, 0.6]", "=")
    assert first.bold and not second.bold


def test_a_wide_table_goes_on_below_itself_on_paper_and_stays_whole_on_the_page(tmp_path):
    book = ledger(tmp_path, columns=14)
    parts = paper_tables.tables(book, rows(book))
    assert [len(part.columns) for part in parts] == [6, 6, 2] and {label for part in parts for label, _ in part.rows} == {
        "Row one",
        "Row two",
    }
    for part in parts:
        label, column = map(float, part.widths)
        assert label + column * len(part.columns) + 0.0135 * (len(part.columns) + 1) <= 1
    (whole,) = paper_tables.tables(book, rows(book), None)
    assert len(whole.columns) == 14


def test_a_cell_that_prints_nothing_stays_empty(tmp_path):
    book = ledger(tmp_path)
    book = book.model_copy(update={"claims": book.claims[:-1]})
    (table,) = paper_tables.tables(book, rows(book))
    assert table.rows[1][1][1] is None


def test_what_is_true_of_the_whole_table_is_said_once(tmp_path):
    book = ledger(tmp_path)
    (table,) = paper_tables.tables(book, rows(book, **NOTHING, reason="never released"))
    assert table.silent == "Not run: never released." and {one.mark + one.ours for _, line in table.rows for one in line} == {""}
    mixed = [row(claim, **NOTHING) if i else row(claim) for i, claim in enumerate(book.claims)]
    (table,) = paper_tables.tables(book, mixed)
    assert table.silent == "" and [one.ours for one in table.rows[0][1]] == ["0.500", "not run"]
    (table,) = paper_tables.tables(book, rows(book, **{**NOTHING, "verdict": "inconsistent as printed"}))
    assert table.silent == "" and {one.mark for _, line in table.rows for one in line} == {
        "!!"
    }  # an accusation stands in its cell


def test_a_ledger_that_was_edited_since_is_named(tmp_path):
    book = ledger(tmp_path)
    with pytest.raises(InputError, match="no row for 'paper:t.two.c1'"):
        paper_tables.tables(book, rows(book)[:-1])


@pytest.mark.parametrize("word", [*WORDS, "out of reach"])
def test_every_verdict_has_a_mark_of_its_own(word):
    assert MEANING[word] and list(MARKS.values()).count(MARKS[word]) == 1


@pytest.mark.parametrize(
    ("printed", "short"),
    [("0.917", "0.917"), ("0.024864181876182556", "0.0248641\u2026"), ("about 2 millions", "about 2 millions"), ("1,234,567.89", "1,234,567\u2026"), ("self-supervised", "self-supervised")],
)  # fmt: skip
def test_long_numbers_alone_are_cut(printed, short):
    assert paper_tables.shortened(printed) == short


def finding(statement, arithmetic="1 > 2", outcome="inconsistent", claims=("s:a",)):
    return Finding("prose", outcome, "s", claims, (), statement, arithmetic, 0.0)


def test_a_sentence_that_findings_share_is_said_once():
    told_ = "the printed numbers say the reverse for 1 of 1 pairs"
    (group,) = findings.groups(
        [finding(f"'a b on x' (acc): {told_}"), finding(f"'c b on x' (acc): {told_}", "3 > 4", claims=("s:b",))]
    )
    assert group["sentence"] == told_
    assert [(one["own"], one["arithmetic"]) for one in group["rows"]] == [
        ("'a b on x' (acc)", "1 > 2"),
        ("'c b on x' (acc)", "3 > 4"),
    ]


def test_equal_findings_are_one_row_and_no_sentence_begins_inside_a_quotation():
    same = [finding("'tau is best' (hits): it is not so at all here", claims=(f"s:{i}",)) for i in range(3)]
    (group,) = findings.groups(same)
    assert group["sentence"] == "'tau is best' (hits): it is not so at all here" and group["rows"][0]["count"] == 3
    assert findings.ending(["'a on x y' z".split(), "'b on x y' z".split()]) == []
    loose = [finding(f"'{name} on x y z u v' w") for name in "ab"]
    (group,) = findings.groups(loose)
    assert group["sentence"] == "2 findings" and [one["own"] for one in group["rows"]] == [
        "'a on x y z u v' w",
        "'b on x y z u v' w",
    ]


def test_outcomes_and_studies_are_never_mixed():
    tail = "of the same six words and more"
    mixed = [finding(f"a: {tail}"), finding(f"b: {tail}", outcome="caution")]
    assert [one["outcome"] for one in findings.groups(mixed)] == ["inconsistent", "caution"]


def test_sentences_name_the_claim_in_the_papers_words(tmp_path):
    book = ledger(
        tmp_path,
        extra='claims: [{id: a, printed: "ours is best", document: P, place: p. 3, kind: qualitative, status: measured}]',
    )
    alone, cell = book.claims[0], book.claims[1]
    assert told.sentence(cell, row(cell)) == "Row one, Column 0 (Table 7) is printed as 0.5; here 0.500 [0.4, 0.6]."
    assert told.sentence(alone, row(alone, shown="", interval="")) == "\u201cours is best\u201d (p. 3)."
    number = alone.model_copy(update={"kind": "count", "printed": "518", "place": "courses, page 2"})
    assert told.name(number) == "courses, page 2" and told.is_number(number) and not told.is_number(alone)
    assert told.sentence(number, row(number, shown="", interval="")) == "courses, page 2 (in P) is printed as 518."


def test_a_run_is_summed_up_in_numbers_that_agree():
    pages = [
        {"name": "a", "total": 3, "by_word": {"exact": 1, "equivalent": 1, "not run": 1}},
        {"name": "b", "total": 1, "by_word": {"not run": 1}},
    ]
    assert told.summary(pages) == ["2 are confirmed.", "2 were not run.", "Nothing is decided of b."]
    assert [one["count"] for one in told.sums(pages)] == [2, 2] and told.sums([]) == []
    pages[0]["by_files"] = {"exact": 1, "not run": 1}
    assert told.summary(pages)[0] == "2 are confirmed, 1 by a released file alone, without a run."
    assert told.summary(pages)[1] == "2 were not run."
    known = {word for words, _, _ in told.SUMS for word in words}
    assert known == {*WORDS, "out of reach"}  # every verdict is counted in some sentence


def test_only_so_many_sentences_stand_on_the_first_page(tmp_path):
    book = ledger(tmp_path, rows=tuple(f"r{i}" for i in range(9)))
    opening = told.opening("A paper", "paper", [(c, row(c, verdict="contradicted")) for c in book.claims], [], [])
    most = told.MOST[{heading: kind for kind, heading in told.HEADINGS.items()}[opening["told"][0]["heading"]]]
    assert len(opening["told"][0]["sentences"]) == most and opening["told"][0]["more"] == 18 - most

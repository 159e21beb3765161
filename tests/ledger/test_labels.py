"""What a table's rows and columns are called by readers, and what is printed bold."""

import pytest

from harness.errors import InputError
from tests.ledger.test_claims import read

TABLE = """
tables:
- id: t
  document: P
  place: Table 1
  status: measured
  metric: hr
  decidable_at: original
  columns: {x: {label: Our system, variant: x}, y: {variant: y}}
  rows:
    top: {label: Hit Rate, bold: [x], printed: ["0.5", null]}
    low: ["0.25", "0.1"]
"""


def test_labels_are_the_papers_words_and_no_part_of_the_id(tmp_path):
    first, second, third = read(tmp_path, TABLE).claims
    assert [c.id for c in (first, second, third)] == ["t.top.x", "t.low.x", "t.low.y"]
    assert first.place == "Table 1, row Hit Rate, column Our system" and third.place == "Table 1, row low, column y"
    assert (first.cell.row_label, first.cell.column_label, first.cell.bold) == ("Hit Rate", "Our system", True)
    assert (third.cell.row_label, third.cell.column_label, third.cell.bold, third.cell.alone) == ("low", "y", False, False)


def test_the_only_column_is_marked_as_alone(tmp_path):
    (one,) = read(tmp_path, TABLE.replace("columns: {x: {label: Our system, variant: x}, y: {variant: y}}", "columns: {x: {}}").replace(
        'printed: ["0.5", null]', 'printed: ["0.5"]').replace('    low: ["0.25", "0.1"]\n', "")).claims  # fmt: skip
    assert one.cell.alone


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("label: Hit Rate", "label: 3", "table 't', row 'top': label: expected the paper's words"),
        ("label: Our system", "label: ' '", "table 't', column 'x': label: expected the paper's words"),
        ("bold: [x]", "bold: x", "row 'top': bold: expected a list of columns"),
        ("bold: [x]", "bold: [z]", "row 'top': bold: no column 'z'"),
    ],
)
def test_mistakes_are_named(tmp_path, before, after, words):
    assert before in TABLE
    with pytest.raises(InputError, match=words):
        read(tmp_path, TABLE.replace(before, after))


def test_a_claim_written_alone_has_no_cell(tmp_path):
    entry = '{id: a, printed: "0.76", document: P, place: p. 1, kind: count, status: measured, cell: {table: t}}'
    with pytest.raises(InputError, match="entry 'a': cell: follows from the table; remove it"):
        read(tmp_path, f"claims: [{entry}]")

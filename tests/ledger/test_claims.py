"""The ledger: what a schema error says, and how tables unfold."""

import pytest

from harness.errors import InputError
from harness.ledger import reading
from harness.ledger.printed import parse, rounds_to

HEAD = """
title: A paper
documents: {P: {title: A paper, source: primary, locator: "arXiv 1"}}
metrics: {hr: {definition: share of hits, quantity: hit_rate, score: hit_rate@5, step: 1}}
"""


def read(tmp_path, body, head=HEAD):
    folder = tmp_path / "paper"
    folder.mkdir(exist_ok=True)
    (folder / "claims.yaml").write_text(head + body)
    return reading.load(folder)


def claim(**changes):
    entry = {"id": "a", "printed": '"0.76"', "document": "P", "place": "p. 1", "kind": "count", "status": "measured"} | changes
    return "claims: [{" + ", ".join(f"{key}: {value}" for key, value in entry.items() if value is not None) + "}]"


def test_a_table_unfolds_into_one_claim_a_cell(tmp_path):
    book = read(
        tmp_path,
        """
tables:
- id: t
  document: P
  place: Table 1
  status: measured
  metric: hr
  decidable_at: original
  columns: {x: {variant: x}, y: {variant: y}}
  rows:
    top: {printed: ["0.5", null]}
    low: {printed: ["0.25", "0.1"], note: "row {row}, column {column}"}
""",
    )
    assert [c.id for c in book.claims] == ["t.top.x", "t.low.x", "t.low.y"]
    assert book.claims[2].note == "row low, column y" and book.claims[2].variant == "y"
    assert book.claims[0].key == "paper:t.top.x" and book.claims[0].place == "Table 1, row top, column x"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"printed": "0.76"}, ["'a'", "printed", "0.76", "claims.yaml"]),  # an unquoted number loses its zeros
        ({"statuz": "measured"}, ["'a'", "statuz", "did you mean 'status'"]),
        ({"status": "guessed"}, ["'a'", "status", "'guessed'"]),
        ({"status": None}, ["'a'", "status", "is missing"]),
        ({"document": "Q"}, ["'a'", "document", "'Q'"]),
        ({"metric": "mrr", "untested": "no run"}, ["'a'", "metric", "'mrr'"]),
        ({"kind": "ordering"}, ["'a'", "order"]),
        ({"kind": "difference"}, ["'a'", "arithmetic"]),
        ({"printed": '"many"'}, ["'a'", "many"]),
        ({"restates": "zz"}, ["'a'", "restates", "'zz'"]),
        ({"kind": "ordering", "order": "[[a]]"}, ["'a'", "two"]),
        ({"source": "primary"}, ["'a'", "source", "remove"]),
    ],
)
def test_a_schema_error_quotes_entry_key_and_words(tmp_path, changes, words):
    with pytest.raises(InputError) as error:
        read(tmp_path, claim(**changes))
    for word in words:
        assert word in str(error.value)


def test_the_clean_claim_passes(tmp_path):
    assert read(tmp_path, claim()).claims[0].value.decimals == 2


def test_malformed_yaml_names_file_and_line(tmp_path):
    with pytest.raises(InputError, match=r"claims\.yaml:6"):
        read(tmp_path, "claims:\n  - [unclosed\nnext: 1", head="title: x\ndocuments: {}\n\n")


def test_a_key_given_twice_is_refused(tmp_path):
    with pytest.raises(InputError, match="'title' is given twice"):
        read(tmp_path, "title: again\n")


def test_an_id_used_twice_is_refused(tmp_path):
    one = claim().removeprefix("claims: [").removesuffix("]")
    with pytest.raises(InputError, match="'a': the id is used twice"):
        read(tmp_path, f"claims: [{one}, {one}]")


@pytest.mark.parametrize(
    ("text", "decimals", "low", "high"),
    [
        ("0.76", None, 0.755, 0.765),
        ("0.76", 3, 0.7595, 0.7605),
        ("+3.18", None, 3.175, 3.185),
        ("-4.1 %", None, -4.15, -4.05),
        ("1,057", None, 1056.5, 1057.5),
        ("2e-5", None, 1.5e-5, 2.5e-5),
        ("0.46-0.48", None, 0.455, 0.485),
        ("0 to +2 %", None, -0.5, 2.5),
    ],
)
def test_printed_numbers(text, decimals, low, high):
    read_number = parse(text, decimals)
    assert read_number.low == pytest.approx(low) and read_number.high == pytest.approx(high)


def test_words_are_no_number_and_loose_numbers_are_never_exact():
    assert parse("better") is None
    assert rounds_to(0.7601, parse("0.76")) and not rounds_to(0.7651, parse("0.76"))
    for loose in ("over 500", "520+", "about 0.49", "46-48"):
        assert not rounds_to(parse(loose).value, parse(loose))


BASE = """title: t
documents: {P: {title: p, source: primary, locator: l}}
metrics: {m: {definition: d, quantity: q}}
claims:
"""
CLAIM = "- {id: %s, printed: '%s', document: P, place: s, kind: absolute, status: measured, metric: m, untested: 'no'%s}\n"


def test_all_that_is_wrong_is_said_at_once(tmp_path):
    lines = [CLAIM % ("a", "0.5", ""), CLAIM % ("b", "words", ""), CLAIM % ("c", "0.5", ", tau: 1"), "- 5\n"]
    (tmp_path / "claims.yaml").write_text(BASE + "".join(lines))
    with pytest.raises(InputError) as caught:
        reading.load(tmp_path)
    said = str(caught.value).splitlines()
    assert len(said) == 3
    assert "entry 'b': printed: 'words' holds no number" in said[0] and "unknown key 'tau'" in said[1] and "not 5" in said[2]


@pytest.mark.parametrize("parts", [("a",), ("b",)])
def test_a_number_made_from_itself_is_refused(tmp_path, parts):
    of = f", arithmetic: {{op: sum, of: [{parts[0]}, '0.1']}}"
    (tmp_path / "claims.yaml").write_text(BASE + CLAIM % ("a", "0.5", of) + CLAIM % ("b", "0.4", ", restates: a"))
    with pytest.raises(InputError, match="entry '[ab]': it is made from itself: "):
        reading.load(tmp_path)


def test_a_message_stays_short_whatever_was_written(tmp_path):
    many = "[" + ", ".join(["'" + "x" * 5000 + "'"] * 200) + "]"
    (tmp_path / "claims.yaml").write_text(BASE + CLAIM % ("a", "0.5", f", note: {many}"))
    with pytest.raises(InputError) as caught:
        reading.load(tmp_path)
    assert "note" in str(caught.value) and len(str(caught.value)) < 600

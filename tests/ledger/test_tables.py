"""Tables that say once what holds for all: names of rows and columns mean something, and what is said goes before them."""

import pytest

from harness.errors import InputError
from harness.ledger import reading, standard
from harness.rankings import metrics

SHORT = """title: T
locator: somewhere
tables:
- place: Table 1
  collection: c
  columns: [ndcg@10, "mrr@10-l2"]
  rows: {one: ["0.5", "0.6"], two: ["0.7", null]}
"""


def load(tmp_path, text, **known):
    (tmp_path / "claims.yaml").write_text(text)
    return reading.load(tmp_path, **known)


def test_three_keys_of_a_row_are_said_by_its_name(tmp_path):
    ledger = load(tmp_path, SHORT)
    assert [claim.id for claim in ledger.claims] == ["table_1.one.ndcg@10", "table_1.one.mrr@10-l2", "table_1.two.ndcg@10"]
    first, second, third = ledger.claims
    assert (first.variant, first.metric, first.document, first.status, first.kind) == ("one", "ndcg@10", "paper", "measured", "absolute")
    assert (third.variant, third.collection, third.decidable_at.told) == ("two", "c", "original")
    assert ledger.metrics["mrr@10-l2"].score == second.metric and ledger.documents["paper"].source == "primary"


@pytest.mark.parametrize(
    ("old", "new", "key", "value"),
    [
        ("  collection: c\n", "  collection: c\n  variant: other\n", "variant", "other"),
        ("  collection: c\n", "  collection: c\n  variant: null\n", "variant", None),
        ('one: ["0.5", "0.6"]', 'one: {variant: said, printed: ["0.5", "0.6"]}', "variant", "said"),
        ("  collection: c\n", "  collection: c\n  decidable_at: embedded\n", "decidable_at", "embedded"),
        ("  collection: c\n", "  collection: c\n  untested: it is not run\n", "variant", None),
        ("  collection: c\n", "  collection: c\n  status: predicted\n", "variant", None),
    ],
)
def test_what_is_said_goes_before_a_name(tmp_path, old, new, key, value):
    assert old in SHORT
    found = getattr(load(tmp_path, SHORT.replace(old, new)).claims[0], key)
    assert (found.told if key == "decidable_at" else found) == value


def test_a_table_may_lie_on_its_side_or_have_collections_in_its_columns(tmp_path):
    turned = SHORT.replace('[ndcg@10, "mrr@10-l2"]', "[one, two]").replace("{one:", "{ndcg@10:").replace(", two:", ", map@5:")
    claims = load(tmp_path, turned, variants={"one", "two"}).claims
    assert {(claim.variant, claim.metric) for claim in claims} == {("one", "ndcg@10"), ("two", "ndcg@10"), ("one", "map@5")}
    sets = SHORT.replace('[ndcg@10, "mrr@10-l2"]', "[a, b]").replace("  collection: c\n", "  metric: ndcg@10\n")
    claims = load(tmp_path, sets, collections={"a": {}, "b": {}}).claims
    assert {(claim.variant, claim.collection) for claim in claims} == {("one", "a"), ("one", "b"), ("two", "a")}


def test_an_order_needs_no_kind(tmp_path):
    claim = "claims:\n- {id: x, printed: so, place: p, status: measured, order: [[table_1.one.ndcg@10], [table_1.two.ndcg@10]]}\n"
    assert load(tmp_path, SHORT + claim).claims[0].kind == "ordering"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "locator: somewhere",
            "locator: somewhere\ndocuments: {P: {title: t, source: primary, locator: l}}",
            "locator: stands in place of documents",
        ),
        ("locator: somewhere", "locator: 3", "documents.paper.*locator"),
        ("locator: somewhere\n", "", "document: 'None' is not declared"),
        ("place: Table 1\n  collection", "collection", "table '\\?': the key 'id' is missing"),
        ("- place: Table 1", "- place: '***'", "table '': the key 'id' is missing"),
        ("ndcg@10, ", "ndcg@10, ndcg@10, ", "columns: 'ndcg@10' stands twice"),
        ("ndcg@10, ", "[a], ", "columns: \\['a'\\] is no name"),
        ("tables:\n- place", "tables:\n- 3\n- place", "tables: expected a table with columns and rows, not 3"),
    ],
)
def test_what_a_short_form_cannot_mean_is_named(tmp_path, old, new, said):
    assert old in SHORT
    with pytest.raises(InputError, match=said):
        load(tmp_path, SHORT.replace(old, new, 1))


def test_a_name_means_what_the_harness_computes():
    for measure in metrics.MEASURES:
        assert standard.metric(f"{measure}@10").quantity == measure and metrics.definition(f"{measure}@10")
    for name in ("ndcg@10-l2", "mrr", "mrr@0", "accuracy@1", "MRR@10"):
        assert standard.metric(name) is None and metrics.definition(name) is None

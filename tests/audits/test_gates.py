"""Each rule of the audits by the case that only it decides: both sides of every threshold, with and without the cause."""

import pytest

from harness.audits import anchoring, arithmetic, bounds, collision, consistency, granularity, interval, leakage
from harness.ledger.claims import Claim, Document, Ledger, Metric, TextSet

METRICS = {
    "hit": Metric(definition="hits", quantity="hit_rate", range=[0, 1], step=1, cutoff=5),
    "one": Metric(definition="recall of one", quantity="recall", range=[0, 1], step=1, cutoff=5),
    "two": Metric(definition="recall of two", quantity="recall", range=[0, 1], step=2, cutoff=5),
    "f1": Metric(definition="half credits", quantity="f1", range=[0, 1], step=2, cutoff=5),
    "mrr": Metric(definition="mrr", quantity="mrr", range=[0, 1], cutoff=5),
    "iso": Metric(definition="isoscore", quantity="isoscore", range=[0, 1]),
    "pr": Metric(definition="participation ratio", quantity="participation_ratio"),
    "cos": Metric(definition="mean cosine", quantity="mean_cosine", range=[-1, 1]),
    "sd": Metric(definition="sd of cosine", quantity="sd_cosine", range=[0, 1]),
    "ndcg": Metric(definition="ndcg", quantity="ndcg", score="ndcg@10", range=[0, 1]),
    "map": Metric(definition="map", quantity="map", score="map@10", range=[0, 1]),
}


def claim(name, printed, metric=None, **more):
    fields = {"kind": "absolute", "status": "measured", "document": "P", "place": "x", "source": "primary", "untested": "a test"}
    return Claim.model_validate({"id": name, "study": "s", "printed": printed, "metric": metric, **fields, **more})


def book(*claims, study="s", **more):
    documents = {name: Document(title=name, source="primary", locator="x") for name in "PQ"}
    claims = [c.model_copy(update={"study": study}) for c in claims]
    return Ledger(study=study, title="t", documents=documents, metrics=METRICS, claims=claims, **more)


def outcomes(findings):
    return [f.outcome for f in findings]


def test_more_credits_than_the_hits_can_earn():
    cell = {"variant": "v", "n": 120}
    cells = claim("h", "0.500", "hit", **cell), claim("f", "0.733", "f1", **cell), claim("m", "0.400", "mrr", **cell)
    assert "inconsistent" in outcomes(granularity.find([book(*cells)]))  # 176 halves, 60 hits


def test_a_restated_mean_is_not_tested_twice():
    first = claim("t.a", "0.917", "hit", n=120)
    assert len(granularity.find([book(first, claim("u.a", "0.917", "hit", n=120, restates="t.a"))])) == 1


@pytest.mark.parametrize(("status", "found"), [("derived", 1), ("measured", 1), ("predicted", 0)])
def test_a_predicted_sum_is_not_checked(status, found):
    made = claim("d", "9", arithmetic={"op": "sum", "of": ["1", "2"]}, status=status)
    assert len(arithmetic.find([book(made)])) == found


@pytest.mark.parametrize(
    ("metric", "printed", "wrong"),
    [
        ("iso", "0.6727", False), ("iso", "0.6730", True),  # 516/767 = 0.67275, where 517/768 = 0.67318
        ("pr", "517.0", False), ("pr", "518.0", True), ("hit", "-0.2", True), ("hit", "1.2", True), ("hit", "0.0", False),
    ],
)  # fmt: skip
def test_bounds_on_both_sides(metric, printed, wrong):
    assert bool(bounds.find([book(claim("x", printed, metric, points=518, dimensions=768))])) == wrong


@pytest.mark.parametrize(
    ("metric", "hits", "wrong"), [("one", "0.40", True), ("one", "0.60", True), ("one", "0.50", False), ("two", "0.60", False)]
)
def test_recall_is_the_hit_rate_with_one_positive_only(metric, hits, wrong):
    cells = claim("a", "0.50", metric, variant="v"), claim("b", hits, "hit", variant="v")
    assert bool(bounds.find([book(*cells)])) == wrong


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        (("0.818", "cos", {}), ("0.818", "ndcg", {}), 1), (("0.818", "ndcg", {}), ("0.819", "cos", {}), 0),
        (("0.500", "cos", {}), ("0.500", "ndcg", {}), 0),  # a round number
        (("0.818", "ndcg", {}), ("0.818", "ndcg", {}), 0),  # the same quantity twice
        (("0.818", "hit", {}), ("0.818", "one", {}), 0),  # tied by definition
        (("0.818", "cos", {"document": "Q"}), ("0.818", "ndcg", {}), 0),
        (("0.818", "cos", {"restates": "b"}), ("0.818", "ndcg", {}), 0),
    ],
)  # fmt: skip
def test_collision(one, other, found):
    cells = [claim(name, cell[0], cell[1], variant="v", **cell[2]) for name, cell in (("a", one), ("b", other))]
    assert len(collision.find([book(*cells)])) == found


def test_the_chance_of_a_collision_counts_the_comparisons():
    cells = [claim("a", "0.818", "cos"), claim("b", "0.818", "ndcg"), claim("c", "0.333", "map")]
    (found,) = collision.find([book(*(c.model_copy(update={"variant": "v"}) for c in cells))])
    assert found.outcome == "caution" and found.false_alarm == pytest.approx(3e-3)  # three pairs


@pytest.mark.parametrize(
    ("other", "found"),
    [
        ({"document": "Q"}, ["caution"]), ({}, []), ({"document": "Q", "source": "summary"}, []),
        ({"document": "Q", "printed": "0.610"}, []), ({"document": "Q", "collection": "d"}, []), ({"document": "Q", "restates": "a"}, ["inconsistent"]),
    ],
)  # fmt: skip
def test_one_cell_printed_twice(other, found):
    first = claim("a", "0.610", "ndcg", variant="v", collection="c")
    second = claim("b", **{"printed": "0.650", "metric": "ndcg", "variant": "v", "collection": "c", **other})
    assert outcomes(consistency.find([book(first, second)])) == found


def test_the_least_isoscore_is_reached_where_the_centre_is_nought():
    d = 8  # plus and minus each unit vector: n = 2d points, mean 0, all directions alike
    n, mean = 2 * d, -1 / (2 * d - 1)
    assert consistency.least_isoscore(n, d, mean, (1 / (n - 1) - mean * mean) ** 0.5) == pytest.approx(1.0)


@pytest.mark.parametrize(("isoscore", "outcome"), [("0.0458", "inconsistent"), ("0.0461", "caution"), ("0.0464", "consistent")])
def test_a_cloud_gets_the_whole_rounding_box(isoscore, outcome):  # whose bound is 0.0462, and 0.0460 if digits were cut off
    shape = {"variant": "v", "points": 518, "dimensions": 256, "unit_vectors": True, "said": {"unit_vectors": "code"}}
    cells = claim("a", isoscore, "iso", **shape), claim("b", "0.016", "cos", **shape), claim("c", "0.271", "sd", **shape)
    assert outcomes(consistency.find([book(*cells)])) == [outcome]


@pytest.mark.parametrize(("printed", "warned"), [("0.842", True), ("0.833", False), ("0.700", False)])
def test_interval_at_its_threshold(printed, warned):  # Fisher against 111 of 120: 101 gives 0.068, 100 gives 0.046
    cells = claim("a", "0.925", "hit", n=120, variant="x"), claim("b", printed, "hit", n=120, variant="y")
    said = claim("said", "x is better", "hit", kind="ordering", order=[["a"], ["b"]])
    assert bool(interval.find([book(*cells, said)])) == warned


@pytest.mark.parametrize(
    ("more", "found"),
    [({}, ["consistent"]), ({"printed": "0.64"}, ["inconsistent"]), ({"restates": "z"}, []), ({"status": "derived"}, [])],
)
def test_a_baseline_gets_its_rounding_and_the_margin(more, found):
    place = {"metric": "ndcg", "model": "m", "collection": "c"}
    record = claim("r", "0.6557", margin={"value": 0.001, "reason": "test"}, **place)
    row = claim("b", **{"printed": "0.65", **place, **more})  # 0.0057 off: 0.00505 of rounding and 0.001 of margin
    rest = claim("z", "0.1", "map", built_on="m")
    assert outcomes(anchoring.find([book(record, study="record"), book(row, rest)])) == found


def test_any_column_of_an_evaluation_row_may_leak():
    texts = {
        "test": TextSet(role="evaluation", asset="d", file="e.jsonl", columns=["q", "a"]),
        "train": TextSet(role="training", asset="d", file="t.jsonl", columns=["q"]),
    }
    files = {"e.jsonl": b'{"q": "new", "a": "old"}', "t.jsonl": b'{"q": "old"}'}
    assert outcomes(leakage.find([book(texts=texts)], lambda _, name: files[name])) == ["caution"]

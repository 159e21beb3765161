"""Audits of the ledger at their edges: what must not be accused, what must not pass, what must be refused by name."""

import pytest

from harness.audits import anchoring, arithmetic, bounds, consistency, granularity, interval, prose
from harness.errors import InputError
from harness.ledger.claims import Claim, Document, Ledger, Metric

METRICS = {
    "hit": Metric(definition="hits", quantity="hit_rate", range=[0, 1], step=1, cutoff=5),
    "f1": Metric(definition="half credits", quantity="f1", range=[0, 1], step=2, cutoff=5),
    "recall": Metric(definition="recall over many positives", quantity="recall", range=[0, 1], cutoff=5),
    "mrr": Metric(definition="mrr", quantity="mrr", range=[0, 1], cutoff=5),
    "mrr10": Metric(definition="mrr", quantity="mrr", range=[0, 1], cutoff=10),
    "iso": Metric(definition="isoscore", quantity="isoscore", range=[0, 1]),
    "cos": Metric(definition="mean cosine", quantity="mean_cosine", range=[-1, 1]),
    "sd": Metric(definition="sd of cosine", quantity="sd_cosine", range=[0, 1]),
    "ndcg": Metric(definition="ndcg", quantity="ndcg", score="ndcg@10", range=[0, 1]),
}
UNIT_LENGTH = {"unit_vectors": True, "said": {"unit_vectors": "code"}}
CELL = {"variant": "v", "n": 120, "collection": "c"}


def claim(name, printed, metric=None, **more):
    fields = {
        "kind": "absolute",
        "status": "measured",
        "document": "P",
        "place": "here",
        "source": "primary",
        "untested": "a test",
    }
    return Claim.model_validate({"id": name, "study": "s", "printed": printed, "metric": metric, **fields, **more})


def book(*claims, study="s", **more):
    documents = {"P": Document(title="P", source="primary", locator="x")}
    claims = [c.model_copy(update={"study": study}) for c in claims]
    return Ledger(study=study, title="t", documents=documents, metrics=METRICS, claims=claims, **more)


def derived(op, of, printed, *claims):
    return arithmetic.find([book(*claims, claim("d", printed, arithmetic={"op": op, "of": of}, status="derived"))])


def outcomes(findings):
    return [f.outcome for f in findings]


@pytest.mark.parametrize(
    ("op", "of", "printed", "outcome"),
    [
        ("mean", ["a", "b", "b"], "0.61", "consistent"),  # 0.55, 0.65, 0.65: each is rounded once
        ("mean", ["a", "b", "b"], "0.63", "caution"),  # 0.59, 0.69, 0.69, cut off
        ("mean", ["a", "b", "b"], "0.69", "inconsistent"),
        ("percent_change", ["a", "a"], "0.0", "consistent"),
        ("percent_change", ["a", "a"], "0.3", "inconsistent"),  # a number over itself is exact
        ("percent", ["78", "84"], "92.86", "consistent"), ("percent", ["78", "84"], "93.20", "inconsistent"),  # whole numbers are exact
        ("percent", ["k", "n"], "92.86", "consistent"), ("percent", ["k", "n"], "93.20", "inconsistent"),  # and so are counts
        ("sum", ["n", "k"], "over 160", "consistent"), ("sum", ["n", "k"], "over 170", "inconsistent"),
        ("ratio", ["a", "none"], "3", "not run"), ("difference", ["a", "words"], "0.1", "not run"),
    ],
)  # fmt: skip
def test_operands(op, of, printed, outcome):
    operands = claim("a", "0.5"), claim("b", "0.6"), claim("none", "0.000"), claim("words", "low", kind="qualitative")
    counted = claim("k", "78", kind="count"), claim("n", "84", kind="count")
    assert outcomes(derived(op, of, printed, *operands, *counted)) == [outcome]


def test_a_mean_of_many_is_quick():
    cells = [claim(f"c{i}", "0.5") for i in range(60)]  # 2^60 corners
    assert outcomes(derived("mean", [c.id for c in cells], "0.66", *cells)) == ["inconsistent"]


def test_a_wrong_number_of_operands_is_refused_by_name():
    with pytest.raises(InputError, match=r"s/claims.yaml: entry 'd': arithmetic: 'difference' takes two"):
        derived("difference", ["1", "2", "3"], "4")
    with pytest.raises(InputError, match="entry 'd': arithmetic: the first of two must be a claim"):
        derived("percent_change", ["0.5", "baseline?"], "4")


def joint(hit, credit, credits, mrr, metric="mrr", **more):
    cells = claim("h", hit, "hit", **CELL | more), claim("f", credits, credit, **CELL | more)
    found = granularity.find([book(*cells, claim("m", mrr, metric, **CELL | more | {"collection": "c"}))])
    return [f.outcome for f in found if "come from one set" in f.statement]


def test_hits_credits_and_mrr_are_only_compared_where_they_share_everything():
    assert joint("0.925", "f1", "0.733", "0.100") == ["inconsistent"]
    assert joint("92.5", "f1", "73.3", "76.0", unit="percent") == ["consistent"]
    assert joint("92.5", "f1", "73.3", "10.0", unit="percent") == ["inconsistent"]
    assert joint("0.925", "f1", "0.250", "0.760") == ["inconsistent"]  # 60 half credits for 111 hits
    assert joint("0.925", "f1", "0.960", "0.930") == ["inconsistent"]  # MRR above the hit rate
    assert joint("0.100", "f1", "0.100", "0.120", "mrr10") == []  # ranks 6 to 10 count in one only
    assert joint("0.925", "f1", "0.733", "0.100", collection="other") == []
    assert joint("0.925", "recall", "0.9412", "0.760") == []  # many positives: no k/n is claimed


@pytest.mark.parametrize(
    ("made", "wrong"),
    [
        (claim("x", "-0.703", "cos", kind="difference", points=518, arithmetic={"op": "difference", "of": ["1", "2"]}), False),
        (claim("x", "67.2", "iso", unit="percent", points=518, dimensions=768), False),
        (claim("x", "81.8", "iso", unit="percent", points=518, dimensions=768), True),
        (claim("x", "-5", "cos", unit="percent", points=11), False),
        (claim("x", "-20", "cos", unit="percent", points=11), True),
    ],
)
def test_bounds_know_differences_and_percent(made, wrong):
    assert bool(bounds.find([book(made)])) == wrong


@pytest.mark.parametrize(
    ("one", "other", "outcome"),
    [("0.76", "0.764", "caution"), ("0.764", "0.76", "caution"), ("0.76", "0.77", "inconsistent"), ("0.77", "0.76", "consistent"),
     ("over 500", "518", "caution"), ("over 520", "518", "consistent"), ("under 500", "518", "inconsistent")],
)  # fmt: skip
def test_an_order_is_reversed_only_beyond_rounding(one, other, outcome):
    said = claim("said", "is above", "ndcg", kind="ordering", order=[["a"], ["b"]])
    assert outcomes(prose.find([book(claim("a", one, "ndcg"), claim("b", other, "ndcg"), said)])) == [outcome]


def test_predictions_are_no_evidence():
    said = {"kind": "ordering", "order": [["a"], ["b"]]}
    cells = claim("a", "0.917", "hit", n=120), claim("b", "0.925", "hit", n=120)
    predicted = cells[0].model_copy(update={"status": "predicted"})
    for family in (prose, interval):
        assert family.find([book(*cells, claim("said", "is above", "hit", **said))])
        assert not family.find([book(*cells, claim("said", "is above", "hit", status="predicted", **said))])
        assert not family.find([book(predicted, cells[1], claim("said", "is above", "hit", **said))])


@pytest.mark.parametrize(
    ("printed", "wrong"), [("over 500", 0), ("500+", 0), ("over 520", 1), ("under 500", 1), ("under 600", 0), ("about 518", 0)]
)
def test_a_loose_restatement(printed, wrong):
    found = consistency.find([book(claim("a", "518", kind="count"), claim("b", printed, kind="count", restates="a"))])
    assert len(found) == wrong


def test_clouds_of_different_shape_are_not_compared():
    iso = claim("a", "0.031", "iso", variant="v", points=518, dimensions=256, **UNIT_LENGTH)

    def found(mean, sd):
        shapes = [
            {"variant": "v", "points": points, "dimensions": dimensions, **UNIT_LENGTH} for points, dimensions in (mean, sd)
        ]
        return consistency.find([book(iso, claim("b", "0.016", "cos", **shapes[0]), claim("c", "0.271", "sd", **shapes[1]))])

    assert outcomes(found((518, 256), (518, 256))) == ["inconsistent"]
    for mean, sd in (((518, 768), (518, 768)), ((518, 256), (400, 256)), ((400, 256), (518, 256))):
        assert found(mean, sd) == []
    assert consistency.least_isoscore(10, 5, 1.0, 0.0) == 0.0  # all vectors the same: no bound, no crash


def test_records():
    place = {"collection": "c"}
    record = [claim("r", "0.655", "ndcg", model="m", **place), claim("r2", "0.400", "ndcg", model="m", **place)]
    row, head = claim("b", "0.655", "ndcg", model="m", **place), claim("h", "0.3", "ndcg", built_on="m", **place)
    found = anchoring.find([book(*record, study="record"), book(row, head)])
    assert [f.outcome for f in found if f.claims == ("s:b",)] == ["consistent"]  # it is one of the two
    heads = [claim(f"h{i}", p, "ndcg", built_on="m", **place) for i, p in enumerate(["0.30"] * 6 + ["0.70"] * 4)]
    (found,) = anchoring.find([book(*record, study="record"), book(*heads)])
    assert found.false_alarm == pytest.approx(386 / 1024)  # 6 or more of 10 coins
    trained = head.model_copy(update={"model": "m", "id": "t"})
    assert anchoring.find([book(*record, trained, study="no_record"), book(row, head)]) == []

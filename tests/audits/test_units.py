"""Units, cut-off digits, clouds, copies, lists and coverage: what must not be accused, and what must not pass."""

from decimal import Decimal

import numpy as np
import pytest

from harness.audits import (
    FROM_LEDGERS,
    anchoring,
    arithmetic,
    bounds,
    clean,
    collision,
    consistency,
    coverage,
    granularity,
    planting,
    prose,
)  # fmt: skip
from harness.ledger.claims import Claim, Document, Ledger, Metric

METRICS = {
    "hit": Metric(definition="hits", quantity="hit_rate", range=[0, 1], step=1, cutoff=5),
    "p5": Metric(definition="precision", quantity="precision", range=[0, 1], cutoff=5),
    "iso": Metric(definition="isoscore", quantity="isoscore", range=[0, 1]),
    "cos": Metric(definition="mean cosine", quantity="mean_cosine", range=[-1, 1]),
    "sd": Metric(definition="sd of cosine", quantity="sd_cosine", range=[0, 1]),
    "ndcg": Metric(definition="ndcg", quantity="ndcg", score="ndcg@10", range=[0, 1]),
    "free": Metric(definition="a mean of many sets", quantity="other"),
}


def claim(name, printed, metric=None, **more):
    fields = {"kind": "absolute", "status": "measured", "document": "P", "place": "x", "source": "primary", "untested": "a test"}
    return Claim.model_validate({"id": name, "study": "s", "printed": printed, "metric": metric, **fields, **more})


def book(*claims, study="s"):
    documents = {name: Document(title=name, source="primary", locator="x") for name in "PQ"}
    claims = [c.model_copy(update={"study": study}) for c in claims]
    return Ledger(study=study, title="t", documents=documents, metrics=METRICS, claims=claims)


def outcomes(findings):
    return [f.outcome for f in findings]


def test_a_forgotten_unit_is_asked_about_and_accuses_nobody():
    record = book(claim("r", "0.64508", "ndcg", model="m", collection="c"), study="record")
    heads = [claim(f"h{i}", f"6{i}.4", "ndcg", built_on="m", collection="c") for i in range(3)]
    found = [
        f
        for audit in FROM_LEDGERS
        for f in audit.find([record, book(claim("b", "64.5", "ndcg", model="m", collection="c"), *heads)])
    ]
    assert {f.outcome for f in found} == {"caution", "consistent"}
    asked = [f for f in found if f.statement.endswith("is the unit percent?")]
    assert len(asked) == 4 and all(f.audit == "bounds" for f in asked)
    assert [f.outcome for f in found if f.audit == "anchoring" and f.claims == ("s:b",)] == [
        "consistent"
    ]  # the record's own 64.5


@pytest.mark.parametrize(
    ("cells", "outcome"),
    [
        (["6.45", "0.62", "0.61", "0.60"], ["inconsistent"]),  # three others show the unit
        (["6.45", "0.62"], ["caution"]), (["6.45"], ["caution"]), (["1,645", "1,640"], ["caution", "caution"]), (["645"], ["inconsistent"]),
    ],
)  # fmt: skip
def test_a_number_out_of_range(cells, outcome):
    assert outcomes(bounds.find([book(*(claim(f"c{i}", text, "ndcg") for i, text in enumerate(cells)))])) == outcome


def test_a_stated_unit_is_believed():
    cells = [claim("a", "6.45", "ndcg", unit="fraction"), claim("b", "0.62", "ndcg", unit="fraction")]
    assert outcomes(bounds.find([book(*cells)])) == ["inconsistent"]
    assert outcomes(bounds.find([book(claim("a", "120", "hit", unit="percent"))])) == ["inconsistent"]


def test_a_factor_of_a_hundred_is_asked_about():
    parts = claim("a", "0.60", "free"), claim("b", "0.70", "free")
    (found,) = arithmetic.find([book(*parts, claim("m", "65.0", "free", arithmetic={"op": "mean", "of": ["a", "b"]}))])
    assert found.outcome == "caution" and "factor of 100" in found.statement
    (found,) = consistency.find([book(parts[0], claim("r", "60", "free", restates="a"))])
    assert found.outcome == "caution" and "per cent" in found.statement
    stated = {"unit": "fraction"}
    assert outcomes(consistency.find([book(claim("a", "0.60", **stated), claim("r", "60", restates="a", **stated))])) == [
        "inconsistent"
    ]


def as_percent(ledger):
    """The same table with every share written in per cent."""
    claims = [
        c.model_copy(update={"printed": f"{Decimal(c.printed).scaleb(2):f}", "unit": "percent"}) if c.unit == "fraction" else c
        for c in ledger.claims
    ]
    return ledger.model_copy(update={"claims": [c.model_copy(update={"decimals": None}) for c in claims]})


@pytest.mark.parametrize("seed", range(12))
def test_per_cents_and_fractions_give_the_same_findings(seed):
    rng = np.random.default_rng(seed)
    made = next(
        found
        for found in iter(lambda: clean.ledger(rng, "half up"), None)
        if not any(c.unit == "percent" for c in found.claims if c.metric == "hit")
    )
    for kind in ("", "digit", "row swap", "decimal shift"):  # clean, then ever more wrong
        if kind:
            name = str(rng.choice([n for n in planting.hittable(made) if n.startswith(("t1", "t2"))]))
            made = planting.planted(made, planting.KINDS[kind](made, name, rng)) or made
        one, other = ([f for audit in FROM_LEDGERS for f in audit.find([book_])] for book_ in (made, as_percent(made)))
        assert [(f.audit, f.outcome, f.claims, f.against) for f in one] == [
            (f.audit, f.outcome, f.claims, f.against) for f in other
        ]
        assert [f.false_alarm for f in one] == [pytest.approx(f.false_alarm) if f.false_alarm else f.false_alarm for f in other]


@pytest.mark.parametrize(
    ("printed", "more", "outcome"),
    [("0.667", {}, "consistent"), ("0.666", {}, "caution"), ("0.665", {}, "inconsistent"),
     ("0.666", {"rounding": "nearest", "said": {"rounding": "p"}}, "inconsistent"), ("0.667", {"rounding": "truncated", "said": {"rounding": "p"}}, "inconsistent")],
)  # fmt: skip
def test_two_thirds_cut_off(printed, more, outcome):
    assert outcome in outcomes(granularity.find([book(claim("t.a", printed, "hit", n=30, **more))]))


def test_a_mean_of_runs_has_more_values():
    assert outcomes(granularity.find([book(claim("t.a", "0.250", "hit", n=10))])) == ["inconsistent"]
    runs = {"printed_runs": "mean of 2", "said": {"printed_runs": "p"}}
    assert outcomes(granularity.find([book(claim("t.a", "0.250", "hit", n=10, **runs))])) == ["consistent"]
    assert granularity.find([book(claim("t.a", "0.250 \u00b1 0.1", "hit", n=10))]) == []  # of nobody knows how many runs


def test_precision_has_the_step_of_its_cut_off():
    assert outcomes(granularity.find([book(claim("t.a", "0.160", "p5", n=20))])) == ["consistent"]  # 16/100
    assert outcomes(granularity.find([book(claim("t.a", "0.165", "p5", n=20))])) == ["inconsistent"]


def test_a_bound_is_no_value():
    assert bounds.find([book(claim("a", "<1.2", "ndcg"))]) == []
    said = claim("d", "0.5", arithmetic={"op": "mean", "of": ["a", "b"]})
    assert outcomes(arithmetic.find([book(claim("a", "<0.001"), claim("b", "0.7"), said)])) == ["not run"]


def test_a_cloud_of_unknown_length_is_accused_of_nothing():
    """Twelve points, +-10 e1, +-10 e2 and +-e1 to +-e4: a sound IsoScore of .347 that no unit vectors with these cosines have."""
    axes = np.eye(4)
    vectors = np.concatenate([10 * axes[:2], -10 * axes[:2], axes, -axes])
    spread = np.linalg.eigvalsh(np.cov(vectors.T))
    isoscore = (spread.sum() ** 2 / (spread**2).sum() - 1) / 3
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = (unit @ unit.T)[np.triu_indices(12, 1)]
    numbers = {"iso": isoscore, "cos": cosines.mean(), "sd": cosines.std()}

    def found(**more):
        cells = [
            claim(name, f"{value:.3f}", name, variant="v", points=12, dimensions=4, **more) for name, value in numbers.items()
        ]
        return outcomes(consistency.find([book(*cells)]))

    assert f"{isoscore:.3f}" == "0.347" and found() == []
    assert found(unit_vectors=False, said={"unit_vectors": "p"}) == []
    assert found(unit_vectors=True, said={"unit_vectors": "p"}) == ["inconsistent"]  # the declaration is what accuses


def test_a_transposed_isoscore_is_named():
    (found,) = bounds.find([book(claim("a", "0.818", "iso", points=518, dimensions=768))])
    assert "an error of orientation?" in found.statement
    (found,) = bounds.find([book(claim("a", "0.995", "iso", points=100, dimensions=100))])  # 98/99 at most either way
    assert "orientation" not in found.statement


def test_copies_in_a_column():
    def found(*cells):
        rows = [claim(f"t.r{i}.x", text, "ndcg", variant=f"v{i}", collection="c") for i, text in enumerate(cells)]
        return collision.find([book(*rows)])

    (one,) = found("0.6382", "0.4127", "0.6382", "0.2155")
    assert one.outcome == "caution" and one.claims == ("s:t.r0.x", "s:t.r2.x") and one.false_alarm == pytest.approx(6 / 4227)
    assert found("0.6382", "0.6381", "0.6382", "0.6383") == []  # so near one another that equals are no wonder
    assert found("0.6382", "0.4127", "0.6381", "0.2155") == []


def test_a_ranked_list_falls():
    def found(*values):
        return outcomes(consistency.find([book(*(claim(f"q{i}", v, "cos", ranked="top") for i, v in enumerate(values)))]))

    assert found("0.91", "0.88", "0.88") == ["consistent"] and found("0.91", "0.87", "0.88") == ["inconsistent"]
    assert found("0.91", "0.87", "0.874") == ["consistent"]  # may be one number


def test_a_total_is_the_weighted_sum_of_its_parts():
    def found(total):
        parts = claim("c", "1.0990", "free"), claim("i", "1.0012", "free")
        return outcomes(
            arithmetic.find(
                [book(*parts, claim("t", total, "free", arithmetic={"op": "sum", "of": ["c", "i"], "weights": [1, 0.05]}))]
            )
        )

    assert found("1.1491") == ["consistent"] and found("1.1497") == ["inconsistent"]


def test_orders_of_numbers_cut_off():
    said = claim("said", "is above", "ndcg", kind="ordering", order=[["a"], ["b"]])
    for one, other, outcome in (
        ("0.76", "0.77", "inconsistent"),
        ("0.76", "0.766", "caution"),
        ("0.76", "0.771", "inconsistent"),
    ):
        assert outcomes(prose.find([book(claim("a", one, "ndcg"), claim("b", other, "ndcg"), said)])) == [outcome]


def test_coverage_says_what_could_not_be_looked_at(tmp_path):
    rows = [
        claim("a", "0.5", "hit", model="m", collection="c"),
        claim("b", "0.5", "ndcg", model="m"),
        claim("c", "0.9", "free", built_on="m", collection="c"),
    ]
    told = coverage.counted([book(*rows)])
    assert {(c.claims, c.why) for c in told if c.audit == "anchoring"} == {(2, "no score"), (1, "no collection")}
    assert [(c.claims, c.why) for c in told if c.audit == "granularity"] == [(3, "no n")]
    coverage.save(told, tmp_path / "c.csv")
    assert coverage.load(tmp_path / "c.csv") == told
    assert any("anchoring  looked at 0 of 3 claims; not at 2 no score; one no collection" in line for line in coverage.told(told))


def test_anchoring_reads_per_cents():
    record = book(claim("r", "0.64508", "ndcg", model="m", collection="c"), study="record")
    extra = claim("h", "60.1", "ndcg", built_on="m", collection="d", unit="percent")
    for printed, outcome in (("64.5", "consistent"), ("62.4", "inconsistent")):
        row = claim("b", printed, "ndcg", model="m", collection="c", unit="percent")
        assert [f.outcome for f in anchoring.find([record, book(row, extra)]) if f.claims == ("s:b",)] == [outcome]

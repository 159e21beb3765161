"""Every audit on a planted error and on clean data; and what it must find in the real ledgers."""

import time

import pytest

from harness import audit
from harness.audits import anchoring, arithmetic, bounds, collision, consistency, finding, granularity, interval, leakage, prose
from harness.config import ROOT
from harness.ledger import reading
from harness.ledger.claims import Claim, Document, Ledger, Metric, TextSet
from harness.ledger.printed import parse
from harness.studies import study

METRICS = {
    "hr": Metric(definition="hits", quantity="hit_rate", score="hit_rate@5", range=[0, 1], step=1, cutoff=5),
    "rec": Metric(definition="recall of one", quantity="recall", score="recall@5", range=[0, 1], step=1, cutoff=5),
    "f1": Metric(definition="half credits", quantity="f1", score="recall@5", range=[0, 1], step=2, cutoff=5),
    "mrr": Metric(definition="mrr", quantity="mrr", score="mrr@5", range=[0, 1], cutoff=5),
    "iso": Metric(definition="isoscore", quantity="isoscore", score="isoscore", range=[0, 1]),
    "cos": Metric(definition="mean cosine", quantity="mean_cosine", score="mean_cosine", range=[-1, 1]),
    "sd": Metric(definition="sd of cosine", quantity="sd_cosine", score="sd_cosine", range=[0, 1]),
    "ndcg": Metric(definition="ndcg", quantity="ndcg", score="ndcg@10", range=[0, 1]),
}


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
    documents = {"P": Document(title="P", source="primary", locator="x"), "S": Document(title="S", source="summary", locator="y")}
    renamed = [c.model_copy(update={"study": study}) for c in claims]
    return Ledger(study=study, title="t", documents=documents, metrics=METRICS, claims=renamed, **more)


def outcomes(findings):
    return [f.outcome for f in findings]


@pytest.mark.parametrize("n", [7, 28, 84, 112, 120])
@pytest.mark.parametrize("decimals", [1, 2, 3])
def test_granularity_agrees_with_enumeration(n, decimals):
    printable = {f"{k / n:.{decimals}f}" for k in range(n + 1)}
    for i in range(10**decimals + 1):
        text = f"{i / 10**decimals:.{decimals}f}"
        found = granularity.counts(parse(text), n, percent=False)
        assert all(abs(k / n - float(text)) <= 0.5 * 10**-decimals + 1e-9 for k in found)
        if text in printable:  # printed by rounding some k/n: must be found
            assert found, (text, n)


def test_granularity_on_planted_and_clean():
    clean = book(claim("t.a.x", "0.917", "hr", n=120), claim("t.a.y", "0.925", "hr", n=120))
    planted = book(claim("t.a.x", "0.917", "hr", n=120), claim("t.a.y", "0.922", "hr", n=120))
    assert outcomes(granularity.find([clean])) == ["consistent"]
    found = [f for f in granularity.find([planted]) if f.outcome == "inconsistent"]
    assert [f.claims for f in found] == [("s:t.a.y",)]
    (one,) = granularity.find([clean])
    assert one.false_alarm == pytest.approx((121 / 1001) ** 2) and "n = 115" in one.statement


def test_hits_credits_and_mrr_must_coexist():
    def system(mrr):
        cells = {"variant": "v", "n": 120}
        return book(claim("t.h", "0.925", "hr", **cells), claim("t.f", "0.733", "f1", **cells), claim("t.m", mrr, "mrr", **cells))

    def joint(ledger_):
        return [f.outcome for f in granularity.find([ledger_]) if "come from one set" in f.statement]

    assert joint(system("0.760")) == ["consistent"]
    assert joint(system("0.960")) == ["inconsistent"]  # more than every hit at rank one
    assert joint(system("0.100")) == ["inconsistent"]  # less than every hit at rank five


@pytest.mark.parametrize(
    ("op", "printed", "outcome"),
    [
        ("mean", "0.55", "consistent"), ("mean", "0.57", "inconsistent"), ("difference", "-0.10", "consistent"),
        ("difference", "0.10", "inconsistent"), ("percent_change", "-16.7", "consistent"), ("percent_change", "-20.7", "inconsistent"),
        ("sum", "1.10", "consistent"), ("product", "0.30", "consistent"), ("ratio", "0.83", "consistent"), ("percent", "60.0", "inconsistent"),
    ],
)  # fmt: skip
def test_arithmetic(op, printed, outcome):
    derived = claim("d", printed, arithmetic={"op": op, "of": ["a", "b"]}, status="derived")
    assert outcomes(arithmetic.find([book(claim("a", "0.500"), claim("b", "0.600"), derived)])) == [outcome]


@pytest.mark.parametrize(("second", "outcome"), [("+1 to +3 %", "inconsistent"), ("+2 to +4.5 %", "consistent")])
def test_predicted_ranges_share_a_baseline_or_not(second, outcome):
    ranges = [("r1", "0.460-0.480", "0.0 to +4.3 %"), ("r2", "0.470-0.480", second)]
    claims = []
    for name, value, percent in ranges:
        claims.append(claim(name, value, status="predicted"))
        claims.append(
            claim(
                f"{name}p",
                percent,
                status="predicted",
                family="f",
                arithmetic={"op": "percent_change", "of": [name, "baseline?"]},
            )
        )
    assert outcomes(arithmetic.find([book(*claims)])) == [outcome]


@pytest.mark.parametrize(
    ("made", "wrong"),
    [
        (claim("a", "1.2", "ndcg"), True), (claim("a", "1.0", "ndcg"), False),
        (claim("a", "0.818", "iso", points=518, dimensions=768), True), (claim("a", "0.672", "iso", points=518, dimensions=768), False),
        (claim("a", "-0.2", "cos", points=11), True), (claim("a", "-0.1", "cos", points=11), False),
        (claim("a", "120", "hr", unit="percent"), True), (claim("a", "99", "hr", unit="percent"), False),
    ],
)  # fmt: skip
def test_bounds(made, wrong):
    assert bool(bounds.find([book(made)])) == wrong


def test_recall_equals_hits_with_one_positive():
    cells = {"variant": "v", "collection": "c"}
    assert not bounds.find([book(claim("a", "0.50", "rec", **cells), claim("b", "0.50", "hr", **cells))])
    assert bounds.find([book(claim("a", "0.50", "rec", **cells), claim("b", "0.60", "hr", **cells))])


def test_collision_names_the_cell_that_cannot_be():
    cos = claim("t4", "0.818", "cos", variant="v", points=518, dimensions=768)
    iso = claim("t3", "0.818", "iso", variant="v", points=518, dimensions=768)
    (found,) = collision.find([book(cos, iso)])
    assert found.claims == ("s:t3",) and found.against == ("s:t4",) and 0 < found.false_alarm < 0.01
    assert not collision.find([book(cos, iso.model_copy(update={"printed": "0.025"}))])
    assert not collision.find([book(cos, iso.model_copy(update={"variant": "w"}))])


def test_prose():
    cells = claim("a", "0.5", "ndcg"), claim("b", "0.6", "ndcg"), claim("c", "0.6", "ndcg")
    for order, outcome in (([["b"], ["a"]], "consistent"), ([["a"], ["b", "c"]], "inconsistent"), ([["b"], ["c"]], "caution")):
        said = claim("said", "is better", "ndcg", kind="ordering", order=order)
        assert outcomes(prose.find([book(*cells, said)])) == [outcome]


def test_a_restated_column_that_is_another_column():
    table = [
        claim("t.h.x", "0.033", "hr"),
        claim("t.h.y", "0.917", "hr"),
        claim("t.m.x", "0.014", "mrr"),
        claim("t.m.y", "0.733", "mrr"),
    ]

    def summary(h, m):
        second = {"document": "S", "source": "summary"}
        return [claim("s.h", h, "hr", restates="t.h.x", **second), claim("s.m", m, "mrr", restates="t.m.x", **second)]

    swapped = consistency.find([book(*table, *summary("0.917", "0.733"))])
    assert any("is its column 'y'" in f.statement for f in swapped) and len(swapped) == 3
    assert consistency.find([book(*table, *summary("0.033", "0.014"))]) == []
    assert len(consistency.find([book(*table, *summary("0.917", "0.999"))])) == 2


@pytest.mark.parametrize(("isoscore", "outcome"), [("0.031", "inconsistent"), ("0.047", "consistent")])
def test_isoscore_against_the_cosine_table(isoscore, outcome):
    shape = {"variant": "v", "points": 518, "dimensions": 256, "unit_vectors": True, "said": {"unit_vectors": "code"}}
    cells = claim("a", isoscore, "iso", **shape), claim("b", "0.016", "cos", **shape), claim("c", "0.271", "sd", **shape)
    assert outcomes(consistency.find([book(*cells)])) == [outcome]


def test_the_least_isoscore_is_met_by_real_vectors():
    import numpy as np

    from harness.vectors import isotropy

    vectors = np.random.default_rng(3).normal(size=(60, 16)) + 0.7
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    measured = isotropy.measure(vectors, [str(i) for i in range(60)])
    least = consistency.least_isoscore(60, 16, measured["mean_cosine"], measured["sd_cosine"])
    assert 0 < least <= measured["isoscore"]


def test_wilson_and_fisher_by_independent_hands():
    from scipy import stats

    assert interval.wilson(111, 120) == pytest.approx(tuple(stats.binomtest(111, 120).proportion_ci(method="wilson")))
    for a, b in ((100, 110), (100, 111), (110, 111), (4, 111)):
        assert interval.fisher(a, 120, b, 120) == pytest.approx(stats.fisher_exact([[a, 120 - a], [b, 120 - b]]).pvalue, rel=1e-6)


def test_interval_warns_only_where_n_cannot_tell():
    for printed, warned in (("0.917", True), ("0.500", False)):
        cells = claim("a", "0.925", "hr", n=120, variant="x"), claim("b", printed, "hr", n=120, variant="y")
        said = claim("said", "x is better", "hr", kind="ordering", order=[["a"], ["b"]])
        assert bool(interval.find([book(*cells, said)])) == warned


@pytest.mark.parametrize(("printed", "outcome"), [("0.6241", "inconsistent"), ("0.6557", "consistent")])
def test_a_baseline_against_its_public_record(printed, outcome):
    margin = {"value": 0.001, "reason": "test"}
    record = book(claim("r", "0.65570", "ndcg", model="m", collection="c", variant="mean", margin=margin), study="record")
    row = claim("b", printed, "ndcg", model="m", collection="c", variant="frozen")
    other = claim("h", "0.640", "ndcg", built_on="m", collection="c", variant="head")
    found = anchoring.find([record, book(row, other)])
    assert outcomes(f for f in found if f.claims == ("s:b",)) == [outcome]
    assert any("every one of the 1 systems" in f.statement for f in found)
    higher = other.model_copy(update={"printed": "0.670"})
    assert not any("systems built on" in f.statement for f in anchoring.find([record, book(row, higher)]))


def test_leakage_counts_matches_and_says_what_is_absent():
    texts = {
        "test": TextSet(role="evaluation", asset="d", file="test.csv", columns=["t"]),
        "train": TextSet(role="training", asset="d", file="train.jsonl", columns=["t"]),
    }
    files = {"test.csv": b"t\r\n One \r\nthree\r\n", "train.jsonl": b'{"t": "one"}\n{"t": "two"}\n{"t": "two"}\n'}
    found = leakage.find([book(texts=texts)], lambda asset, name: files[name])
    assert [f.arithmetic for f in found if "stand word for word" in f.statement] == ["1 of 2 after strip and case-folding"]
    assert any("1 rows that repeat" in f.statement for f in found)
    assert outcomes(leakage.find([book(texts=texts)], lambda asset, name: None)) == ["not run", "not run"]
    clean = {**files, "test.csv": b"t\r\nthree\r\n"}
    assert outcomes(leakage.find([book(texts=texts)], lambda asset, name: clean[name])) == ["caution", "consistent"]


def test_predictions_are_never_audited_as_results():
    assert bounds.find([book(claim("a", "1.2", "ndcg", status="predicted"))]) == []


@pytest.fixture(scope="module")
def real():
    return [reading.load(folder) for folder in study.folders(ROOT).values()]


def test_the_real_ledgers_hold_what_is_known_to_be_wrong(real):
    started = time.process_time()
    findings = audit.audit(real, lambda asset, name: None)
    assert time.process_time() - started < 5
    said = {(f.audit, f.statement, f.arithmetic) for f in findings if f.outcome == "inconsistent"}
    for family, words in (
        ("collision", "isoscore and mean_cosine of vanilla are both printed 0.818"),
        ("bounds", "0.818 breaks the rank bound"),
        ("consistency", "column 'vanilla' of t3 what is its column 'tau_0.05'"),
        ("prose", "'tau = 0.05 is best' (hit_rate)"),
        ("consistency", "IsoScore 0.031 of tau_0.2 cannot"),
        ("consistency", "IsoScore 0.065 of tau_0.05 cannot"),
        ("anchoring", "grid.mpnet_frozen.scifact"),
        ("arithmetic", "fit no single baseline"),
        ("arithmetic", "text.scifact_gain.512dim"),
        ("prose", "surpasses text-embedding-3-small on faculty"),
        ("prose", "surpasses text-embedding-ada-002 on faculty"),
    ):
        assert any(family == f and words in s for f, s, _ in said), words
    kept = [f for f in findings if f.audit == "granularity" and f.outcome == "consistent"]
    assert any("k/120" in f.statement and "k/240" in f.statement for f in kept)
    assert any("k/112" in f.statement and "k/84" in f.statement for f in kept)
    assert any("every one of the 10 systems" in f.statement for f in findings if f.audit == "anchoring")


def test_the_ledgers_are_complete_enough(real):
    claims = [c for book_ in real for c in book_.claims]
    assert len(claims) >= 180 and {c.status for c in claims} == {"measured", "derived", "predicted", "copied"}
    assert {c.source for c in claims} == {"primary", "summary"}


def test_findings_survive_saving(tmp_path, real):
    findings = audit.audit(real, lambda asset, name: None)
    finding.save(findings, tmp_path / "f.csv")
    again = finding.load(tmp_path / "f.csv")
    assert [(f.claims, f.statement) for f in again] == [(f.claims, f.statement) for f in findings]

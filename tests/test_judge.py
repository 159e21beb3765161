"""From files to verdicts.csv: joining, precedence, families, and each mistake that must stop the run."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml

from harness import config as settings
from harness import judge
from harness.audits import finding
from harness.audits.finding import Finding
from harness.errors import InputError
from harness.pages import display
from harness.studies import study
from harness.studies.fidelity import PARTS
from harness.studies.reads import sources
from harness.verdicts import join

HERE = Path(__file__).parent
METRICS = {
    "mrr": {"definition": "mean reciprocal rank", "quantity": "mrr", "score": "mrr@10"},
    "hits": {"definition": "share of hits", "quantity": "hit_rate", "score": "hit_rate@1", "step": 1},
    "iso": {"definition": "isotropy", "quantity": "isoscore", "score": "isoscore"},
    "vague": {"definition": "not said", "quantity": "other", "candidates": ["mrr@10", "hit_rate@1"]},
    "none": {"definition": "nothing computes it", "quantity": "other"},
}
BASE = {"document": "P", "place": "Table 1", "status": "measured", "collection": "letters", "decidable_at": "original"}
MARGIN = {"value": 0.02, "reason": "a test"}


def number(name, printed, variant="a", metric="mrr", **changes):
    return {
        "id": name,
        "printed": printed,
        "kind": "absolute",
        "variant": variant,
        "metric": metric,
        "margin": MARGIN,
        **BASE,
        **changes,
    }


def order(name, tiers, kind="ordering", **changes):
    return {"id": name, "printed": "a is better", "kind": kind, "order": tiers, **BASE, **changes}


class Paper:
    """One study in a workspace, with claims and scores as a test wants them."""

    def __init__(self, workspace):
        shutil.copytree(HERE / "workspace", workspace.folder, dirs_exist_ok=True)
        self.workspace, self.folder, self.rows, self.findings = workspace, workspace.folder / "replications/paper", [], []
        self.experiment(a={}, b={}, c={})

    def experiment(self, not_run=None, seeds=None, **variants):
        written = {name: {"method": "letters", "group": "all", "weight": 1.0, **given} for name, given in variants.items()}
        content = {"seeds": seeds or [0], "metrics": ["mrr@10", "hit_rate@1", "isoscore"], "variants": written,
                   "not_run": not_run or {},
                   "collections": {"letters": {"embedded": "letters", "original": "letters", "identity": "the letters"}}}  # fmt: skip
        (self.folder / "experiment.yaml").write_text(yaml.safe_dump(content))

    def claims(self, *claims):
        documents = {"P": {"title": "A paper", "source": "primary", "locator": "here"}}
        (self.folder / "claims.yaml").write_text(
            yaml.safe_dump({"title": "T", "documents": documents, "metrics": METRICS, "claims": list(claims)})
        )

    def score(self, variant, values, metric="mrr@10", seed=0, data="original", encoder="none"):
        """Per-query values, or one number for a whole-collection measure."""
        by_query = (
            [(None, float(np.mean(values)))] + [(f"q{i:03}", float(x)) for i, x in enumerate(values) if np.ndim(values)]
            if np.ndim(values)
            else [(None, values)]
        )
        self.rows += [("paper", variant, seed, "letters", metric, query, value, None, data, encoder, "none") for query, value in by_query]

    def finds(self, outcome, *claims):
        keys = tuple(f"paper:{name}" for name in claims)
        self.findings.append(Finding("bounds", outcome, "paper", keys, (), "too high", "1.2 > 1", 0.0))

    def config(self):
        return settings.load(
            self.workspace.folder,
            {"judgement": {"confidence": 0.95, "alpha": 0.05, "bootstrap": 300, "permutations": 2000, "power": 0.8,
                           "fewest_seeds": 3, "pooled_from": 6, "noise": 1e-5, "seed": 1}},
        )

    def save(self):
        config = self.config()
        self._declare()
        for seed in {row[2] for row in self.rows}:
            self.workspace.scores(f"paper/all/{seed}", [row for row in self.rows if row[2] == seed])
        finding.save(self.findings, config.folder / "findings.csv")
        return config

    def _declare(self):
        """Add the seeds that a test scored: those that experiment.yaml does not name are not read."""
        path = self.folder / "experiment.yaml"
        if not path.exists():
            return
        content = yaml.safe_load(path.read_text())
        for _, variant, seed, *_ in self.rows:
            declared = content["variants"].setdefault(variant, {}).get("seeds", content["seeds"])
            if seed not in declared:
                content["variants"][variant]["seeds"] = [*declared, seed]
        path.write_text(yaml.safe_dump(content))

    def judged(self):
        config = self.save()
        chosen = study.select(config.model_copy(update={"studies": "paper"}))[0]
        found = finding.load(config.folder / "findings.csv")
        return {j.claim.id: j for j in judge.judge(chosen, join.load(sources(chosen), config), found, config.judgement)}

    def words(self):
        return {name: judged.verdict.word for name, judged in self.judged().items()}


@pytest.fixture
def paper(workspace):
    return Paper(workspace)


def around(mean, n=60, spread=0.1, seed=0):
    noise = np.random.default_rng(seed).normal(0, spread, n)
    return mean + noise - noise.mean()


def test_each_verdict_comes_out_in_the_ledger_s_order(paper):
    paper.experiment({"lost": "never released"}, a={}, b={}, c={})
    paper.claims(
        number("exact", "0.50"), number("equivalent", "0.51"), number("inconclusive", "0.52"), number("contradicted", "0.70"),
        order("direction", [["exact"], [{"variant": "b", "metric": "mrr@10", "collection": "letters"}]]), number("broken", "0.5"),
        number("future", "0.5", status="predicted"), number("vague", "0.90", metric="vague"),
        number("lost", "0.4", variant="lost"),
        number("low", "0.40", variant="c"), number("nan", "0.3", variant="b", metric="hits"),
    )  # fmt: skip
    paper.score("a", around(0.5))
    paper.score("a", [1.0, 0.0] * 30, "hit_rate@1")
    paper.score("b", around(0.3))
    paper.score("b", [np.nan] * 60, "hit_rate@1")
    paper.score("c", around(0.4), data="substitute")
    paper.finds("inconsistent", "broken", "future")
    words = paper.words()
    assert words == {
        "exact": "exact", "equivalent": "equivalent", "inconclusive": "inconclusive", "contradicted": "contradicted",
        "direction": "direction only", "broken": "inconsistent as printed", "future": "prediction", "vague": "not identifiable",
        "lost": "not run", "low": "not decidable here", "nan": "error",
    }  # fmt: skip
    assert list(words) == [claim.id for claim in study.select(paper.config())[1].ledger.claims]


def test_a_caution_accuses_nobody_but_is_told(paper):
    paper.claims(number("one", "0.50"))
    paper.score("a", around(0.5))
    paper.finds("caution", "one")
    judged = paper.judged()["one"]
    assert judged.verdict.word == "exact" and [f.outcome for f in judged.findings] == ["caution"]


def test_without_experiment_yaml_everything_is_not_run(paper):
    paper.claims(number("one", "0.50"), number("two", "0.5", untested="a wall time"))
    (paper.folder / "experiment.yaml").unlink()
    judged = paper.judged()
    assert paper.words() == {"one": "not run", "two": "not run"}
    assert "experiment.yaml" in judged["one"].verdict.reason and judged["two"].verdict.reason == "a wall time"


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        (number("one", "0.5", variant="aa"), ["'one'", "'aa'", "did you mean 'a'", "not_run"]),
        (number("one", "0.5", collection="leters"), ["'one'", "'leters'", "did you mean 'letters'"]),
        (order("one", [[{"variant": "x", "metric": "mrr@10", "collection": "letters"}], ["two"]]), ["'one'", "'x'"]),
        (order("one", [[{"variant": "a", "metric": "mmr@10", "collection": "letters"}], ["two"]]), ["'mmr@10'", "'mrr@10'"]),
        (
            order("one", [[{"variant": "a", "metric": "mrr@10", "collection": "letters", "study": "papr"}], ["two"]]),
            ["'papr'", "did you mean 'paper'"],
        ),
    ],
)
def test_a_claim_that_joins_nothing_stops_the_run(paper, claim, words):
    paper.claims(claim, number("two", "0.5"))
    paper.score("a", around(0.5))
    with pytest.raises(InputError) as stopped:
        paper.judged()
    assert all(word in str(stopped.value) for word in words), stopped.value


def test_a_prediction_or_an_untested_claim_need_not_join(paper):
    paper.claims(
        number("one", "0.5", variant="aa", status="predicted"), number("two", "0.5", variant="aa", untested="a figure of theirs")
    )
    assert paper.words() == {"one": "prediction", "two": "not run"}


@pytest.mark.parametrize("twice", ["whole", "query"])
def test_a_claim_that_joins_twice_stops_the_run(paper, twice):
    paper.claims(number("one", "0.5"))
    paper.score("a", around(0.5))
    paper.rows.append(paper.rows[0 if twice == "whole" else 1])
    with pytest.raises(InputError, match=r"two scores stand for .*variant 'a'"):
        paper.judged()


def test_seeds_that_score_other_queries_stop_the_run(paper):
    paper.claims(number("one", "0.5"))
    paper.score("a", around(0.5))
    paper.score("a", around(0.5, n=59), seed=1)
    with pytest.raises(InputError, match="same queries"):
        paper.judged()


def test_what_a_former_seed_has_left_is_not_read(paper):
    paper.claims(number("one", "0.50"))
    paper.score("a", around(0.5))
    paper.score("a", around(0.9), seed=1)
    paper.save()
    paper.experiment(a={}, b={}, c={})
    paper.rows = [row for row in paper.rows if row[2] == 0]
    assert paper.words() == {"one": "exact"}


def test_without_an_audit_nothing_is_judged(paper, tmp_path):
    with pytest.raises(InputError, match=r"harness\.audit"):
        finding.load(tmp_path / "findings.csv")


def test_a_variant_that_is_declared_but_has_no_scores_is_not_run(paper):
    paper.claims(number("one", "0.5", variant="b"), number("two", "0.5", metric="none"), number("three", "0.5", metric="iso"))
    paper.score("a", around(0.5))
    assert set(paper.words().values()) == {"not run"}


def test_seeds_of_a_stochastic_variant(paper):
    """Two seeds that differ by 0.1 cannot settle a margin of 0.02; ten close ones can; one seed settles nothing."""
    paper.claims(number("one", "0.515"))
    paper.experiment(seeds=[0, 1], a={})
    paper.score("a", around(0.45), seed=0)
    assert paper.words()["one"] == "inconclusive" and paper.judged()["one"].evidence.seed_sd is None
    paper.score("a", around(0.55), seed=1)
    assert paper.words()["one"] == "inconclusive" and paper.judged()["one"].evidence.seed_sd > 0.05
    paper.rows = []
    for seed in range(10):
        paper.score("a", around(0.5 + 0.001 * (-1) ** seed), seed=seed)
    assert paper.words()["one"] == "equivalent"


def test_holm_runs_within_a_family_and_not_across(paper):
    strong, weak = around(0.5, spread=0.05), around(0.5, spread=0.05) - np.r_[np.full(9, 0.06), -np.full(1, 0.06), np.zeros(50)]
    paper.score("a", strong)
    paper.score("b", weak)
    side = [
        [{"variant": "a", "metric": "mrr@10", "collection": "letters"}],
        [{"variant": "b", "metric": "mrr@10", "collection": "letters"}],
    ]
    paper.claims(order("alone", side))
    raw = paper.judged()["alone"]
    assert raw.verdict.word == "direction only" and 0.01 < raw.p < 0.05
    paper.claims(*(order(f"o{i}", side, family="f") for i in range(5)), order("other", side, family="g"))
    judged = paper.judged()
    assert judged["o0"].p == pytest.approx(5 * raw.p) and judged["o0"].verdict.word == "inconclusive"
    assert judged["other"].p == pytest.approx(raw.p) and judged["other"].verdict.word == "direction only"


def test_an_ordering_reversed_in_the_scores_is_contradicted(paper):
    paper.claims(
        number("a", "0.5"),
        number("b", "0.4", variant="b"),
        order("reversed", [["b"], ["a"]]),
        order("trend", [["a"], ["b"]], "direction"),
    )
    paper.score("a", around(0.5))
    paper.score("b", around(0.3, seed=1))
    words = paper.words()
    assert words["reversed"] == "contradicted" and words["trend"] == "direction only"


def test_whole_collection_measures_are_compared_by_value_or_by_seed(paper):
    side = [[{"variant": name, "metric": "isoscore", "collection": "letters"}] for name in "ab"]
    paper.claims(order("up", side), order("down", side[::-1]))
    paper.score("a", 0.2, "isoscore")
    paper.score("b", 0.1, "isoscore")
    assert paper.words() == {"up": "direction only", "down": "contradicted"}
    paper.experiment(a={"seeds": [0, 1, 2]}, b={})
    assert paper.words() == {"up": "inconclusive", "down": "inconclusive"}  # one of three seeds
    paper.score("a", 0.21, "isoscore", seed=1)
    assert paper.words() == {"up": "inconclusive", "down": "inconclusive"}  # two of three
    paper.score("a", 0.19, "isoscore", seed=2)
    assert paper.words() == {"up": "direction only", "down": "contradicted"}


def test_arithmetic_is_recomputed_from_the_operands(paper):
    gain = {"kind": "difference", "metric": "mrr"}
    paper.claims(
        number("a", "0.5"), number("b", "0.3", variant="b"),
        number("points", "20.0", unit="percent", arithmetic={"op": "difference", "of": ["a", "b"]}, **gain),
        number("change", "66.7", unit="percent", arithmetic={"op": "percent_change", "of": ["a", "b"]}),
        number("size", "+0.35", arithmetic={"op": "difference", "of": ["a", "b"]}, **gain),
        number("literal", "0.10", arithmetic={"op": "difference", "of": ["a", "0.4"]}, **gain),
        number("mean", "0.4", arithmetic={"op": "mean", "of": ["a", "b"]}),
        number("zero", "0.4", unit="percent", arithmetic={"op": "percent", "of": ["a", "zeroed"]}),
        number("zeroed", "0.0", variant="c"),
    )  # fmt: skip
    paper.score("a", around(0.5))
    paper.score("b", around(0.3))
    paper.score("c", np.zeros(60))
    words = paper.words()
    assert words == {"a": "exact", "b": "exact", "points": "exact", "change": "exact", "size": "contradicted",
                     "literal": "exact",
                     "mean": "exact", "zero": "error", "zeroed": "exact"}  # fmt: skip
    assert paper.judged()["points"].evidence.query_error < 1e-9  # the same queries on both sides: what they share cancels


def test_several_meanings_of_one_number(paper):
    paper.claims(number("one", "0.50", metric="vague"))
    paper.score("a", around(0.5))
    paper.score("a", [1.0, 0.0] * 30, "hit_rate@1")
    assert paper.words() == {"one": "not identifiable"}
    paper.rows = paper.rows[:61]
    paper.score("a", [1.0] * 60, "hit_rate@1")
    assert paper.words() == {"one": "exact"} and paper.judged()["one"].score == "mrr@10"


def test_scores_of_another_study_join(paper):

    other = {"variant": "shared", "metric": "mrr@10", "collection": "letters", "study": "letters"}
    paper.claims(order("one", [[{"variant": "a", "metric": "mrr@10", "collection": "letters"}], [other]]))
    paper.score("a", around(0.5))
    paper.save()
    row = [
        ("letters", "shared", 0, "letters", "mrr@10", query, 0.1, None, "original", "none", "none")
        for query in [None, *(f"q{i:03}" for i in range(60))]
    ]
    paper.workspace.scores("letters/shared/0", row)
    assert paper.words() == {"one": "direction only"}


def test_a_cluster_column_is_used(paper):
    import pandas as pd

    paper.claims(number("one", "0.5"))
    paper.score("a", np.repeat([0.2, 0.8], 30))
    wide = paper.judged()["one"].evidence.query_error
    config = paper.save()
    frame = pd.read_parquet(config.folder / "paper/all/0/scores.parquet")
    frame = frame.assign(cluster=[None, *(["x"] * 30), *(["y"] * 30)]).astype(object).replace({np.nan: None})
    paper.workspace.scores("paper/all/0", list(frame.itertuples(index=False)))
    chosen = study.select(config.model_copy(update={"studies": "paper"}))[0]
    by_cluster = judge.judge(chosen, join.load(["paper"], config), [], config.judgement)[0].evidence.query_error
    assert by_cluster > 3 * wide


def test_the_stage_writes_the_same_bytes_twice(paper):
    paper.claims(number("one", "0.51"), number("two", "0.4", variant="b"), number("future", "0.9", status="predicted"))
    paper.score("a", around(0.5))
    paper.save()
    path = paper.config().folder / "paper/verdicts.csv"
    written = []
    for _ in range(2):
        code, said = paper.workspace.stage("judge", "--study", "paper")
        assert code == 0, said
        written.append(path.read_bytes())
    assert written[0] == written[1] and b"\r" not in written[0]
    rows = list(csv.DictReader(path.open()))
    assert [row["claim"] for row in rows] == ["paper:one", "paper:two", "paper:future"]
    one, two, future = rows
    assert one["verdict"] == "equivalent" and one["recomputed"] == "0.500000" and one["queries"] == "60" and one["seeds"] == "1"
    assert float(one["low"]) < 0.5 < float(one["high"]) and one["interval"].startswith("[0.4") and one["shown"] == "0.50"
    assert [one[part] for part in PARTS] == ["original", "none", "none"] and one["would_change"] and one["mde"]
    assert future["shown"] == future["recomputed"] == "" and two["recomputed"] == ""


def test_an_unjudged_value_stands_in_brackets(paper):
    paper.claims(number("one", "0.51"))
    paper.score("a", around(0.5), data="substitute")
    from harness.pages.display import row

    shown = row(paper.judged()["one"], 0.95)
    assert shown["shown"] == "(0.50)" and shown["tone"] == "grey" and shown["verdict"] == "not decidable here"


def test_an_unknown_study_stops_the_stage(paper):
    code, said = paper.workspace.stage("judge", "--study", "papre")
    assert code == 2 and "did you mean 'paper'" in said


def test_what_came_out_stands_beside_a_prediction_and_does_not_judge_it(paper):
    refs = [{"variant": v, "metric": "mrr@10", "collection": "letters"} for v in ("a", "b")]
    lost = [{**refs[0], "variant": "c"}]
    paper.claims(number("both", "0.9", status="predicted", beside=refs), number("gone", "0.9", status="predicted", beside=lost))
    paper.score("a", around(0.5))
    paper.score("b", around(0.7))
    found = paper.judged()
    rows = {name: display.row(one, 0.95) for name, one in found.items()}
    assert {row["verdict"] for row in rows.values()} == {"prediction"}
    assert float(rows["both"]["recomputed"]) == pytest.approx(0.6) and rows["both"]["shown"].startswith("(")
    assert rows["gone"]["recomputed"] == ""


def test_a_result_has_nothing_beside_it(paper):
    paper.claims(number("a", "0.9", beside=[{"variant": "a", "metric": "mrr@10", "collection": "letters"}]))
    with pytest.raises(InputError, match="beside: only a prediction"):
        paper.judged()


def test_what_is_out_of_reach_is_counted_apart_with_what_came_out_beside_it(paper):
    reason = "the syllabi were not released"
    paper.claims(
        number("beside", "0.51", out_of_reach=reason), number("nothing", "0.51", variant="z", out_of_reach=reason),
        number("again", "0.51", restates="beside", untested="the same table"), number("other", "0.52", restates="beside", untested="x"),
        {**number("counted", "3"), "kind": "count", "fact": {"value": "4", "of": "data.csv@abc"}},
    )  # fmt: skip
    paper.score("a", around(0.5))
    judged = paper.judged()
    words = {name: each.verdict.word for name, each in judged.items()}
    assert words == {"beside": "out of reach", "nothing": "out of reach", "again": "out of reach", "other": "not run",
                     "counted": "inconsistent as printed"}  # fmt: skip
    rows = {name: display.row(each, 0.95) for name, each in judged.items()}
    assert rows["beside"]["shown"] == "(0.50)" and rows["nothing"]["shown"] == "" and rows["counted"]["shown"] == "4"
    assert rows["beside"]["reason"] == reason and rows["again"]["reason"] == f"restates beside: {reason}"


def test_a_variant_that_nothing_public_could_run_is_out_of_reach(paper):
    content = yaml.safe_load((paper.folder / "experiment.yaml").read_text())
    (paper.folder / "experiment.yaml").write_text(yaml.safe_dump({**content, "out_of_reach": {"secret": "a proprietary model"}}))
    paper.claims(number("one", "0.5", variant="secret"), order("two", [["one"], [{"variant": "a", "metric": "mrr@10", "collection": "letters"}]]))
    paper.score("a", around(0.4))
    assert paper.words() == {"one": "out of reach", "two": "out of reach"}

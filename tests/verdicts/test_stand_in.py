"""What a stand-in for training data could change: the spread over other sets against the claim's margin."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness import config
from harness.errors import InputError
from harness.ledger.claims import Ledger
from harness.ledger.entries import Document, Metric
from harness.studies import alternates
from harness.studies.experiment import Experiment, StandIn, Variant
from harness.studies.fidelity import Parts
from harness.studies.study import Study
from harness.verdicts import judging, stand_in
from harness.verdicts.join import Scores
from harness.verdicts.quantity import Recompute
from tests.verdicts.test_words import claim, score

RULES = config.load().judgement
SETS = ["a", "b", "c", "null"]
ENTRY = {"sets": SETS[:3], "null_set": "null", "variants": ["v"], "seeds": [0, 1, 2]}
TRAINING = {name: {"original": name} for name in ["own", *SETS]}


def variants():
    plain = {"method": "m", "group": "g", "seeds": [0, 1, 2], "collections": ["c"], "settings": {}}
    return [Variant(name="v", train_on=["own"], **plain), Variant(name="base", **plain)]


def recompute(means, other, parts=("original", "original", "substitute"), **more):
    """Scores of v by seed on its own stand-in, and on the other sets by name; `base` is trained on nothing."""
    written = Experiment(seeds=[0], metrics=["m"], collections={"c": {"original": "c"}}, training=TRAINING, stand_ins={"own": ENTRY})
    chosen = Study(name="s", folder=Path("s"), experiment=written, variants=variants(), alternates=tuple(variants()[:1]))
    made = {"v": score(means, stochastic=True), "base": score([0.5])}
    made |= {alternates.named("v", name): score(values, stochastic=True) for name, values in other.items()}
    table = {("s", name, "c", "m"): replace(one, key=("s", name, "c", "m"), fidelity=Parts(*parts)) for name, one in made.items()}
    ledger = Ledger(study="s", title="t", documents={"P": Document(title="t", source="primary", locator="t")},
                    metrics={"m": Metric(definition="m", quantity="m", score="m")}, claims=[asked(), base(), gain()])  # fmt: skip
    return Recompute(ledger, Scores("original", {"s": chosen}, table, {}), RULES, "claims.yaml")


def asked(**more):
    return claim(variant="v", collection="c", decidable_at="original", margin={"value": 0.03, "reason": "t"}, **more)


def base():
    return claim(id="base", variant="base", collection="c", decidable_at="original")


def gain():
    return claim(id="gain", kind="difference", metric=None, unit="percent", decidable_at="original", margin={"value": 6, "reason": "t"},
                 arithmetic={"op": "percent_change", "of": ["a", "base"]})  # fmt: skip


SAME = {name: [0.501, 0.500, 0.502] for name in SETS}
FAR = {**SAME, "null": [0.48, 0.48, 0.48]}


def test_the_spread_is_over_all_sets_the_null_set_too_on_the_seeds_that_all_have():
    near = stand_in.of(asked(), None, recompute([0.501, 0.503, 0.502, 0.9], SAME))  # a fourth seed that the others lack
    assert near.spread == pytest.approx(0.001) and near.decides(0.0031) and not near.decides(0.003)
    assert stand_in.of(asked(), None, recompute([0.501, 0.500, 0.502], FAR)).spread == pytest.approx(0.021)


def test_what_follows_from_it_moves_by_its_own_arithmetic_and_what_is_trained_on_nothing_stays():
    far = stand_in.of(gain(), None, recompute([0.501, 0.500, 0.502], FAR))
    assert far.spread == pytest.approx(100 * 0.021 / 0.5) and set(far.values) == {"own", *SETS}


@pytest.mark.parametrize(
    ("other", "parts", "words"),
    [(SAME, ("original", "original", "substitute"), None),
     (FAR, ("original", "original", "substitute"), "not below a third of the margin 0.03"),
     ({name: SAME[name] for name in SETS[:3]}, ("original", "original", "substitute"), "v was not trained on null"),
     ({**SAME, "b": [0.5]}, ("original", "original", "substitute"), "v was not trained on b"),
     (SAME, ("original", "substitute", "substitute"), "original encoder"),
     (SAME, ("substitute", "original", "substitute"), "original evaluation data")],
)  # fmt: skip
def test_a_claim_is_decided_where_only_training_data_are_missing_and_hardly_move_it(other, parts, words):
    found = judging.brief(asked(), recompute([0.501, 0.500, 0.502], other, parts), [])
    assert (found.early is None) == (words is None)
    if words:
        assert found.early.word == "not decidable here" and words in found.early.reason
    else:
        assert "training data substituted; moves the score by at most" in found.swayed


def test_a_decided_row_says_so():
    again = recompute([0.501, 0.500, 0.502], SAME)
    brief = judging.brief(asked(), again, [])
    judged = judging._decide(brief, judging.Family(), judging.Family(), again)
    assert judged.verdict.word in ("exact", "equivalent", "inconclusive", "contradicted") and "substituted" in judged.verdict.reason


def planned(taken="near", **more):
    written = Experiment(seeds=[0], metrics=["m"], collections={"c": {"original": "c"}}, training=TRAINING, stand_ins={"own": {**ENTRY, **more}})
    return alternates.alternates(Path("experiment.yaml"), written, variants(), [("training.own", "far", taken)])


def test_alternates_are_planned_where_a_substitute_was_taken_in_groups_of_their_own():
    found = planned()
    assert [one.name for one in found] == [f"v.on.{name}" for name in SETS]
    assert [one.train_on for one in found] == [[name] for name in SETS] and {one.group for one in found} == {f"g.on.{name}" for name in SETS}
    assert planned(taken=None) == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [({"null_set": "nul"}, "no training collection 'nul'"), ({"variants": ["w"]}, "'w' fits no variant"),
     ({"variants": ["base"]}, "base is not trained on own"), ({"null_set": "a"}, "stands twice"), ({"sets": ["a", "b", "own"]}, "stands twice")],
)  # fmt: skip
def test_a_faulty_entry_is_named(change, said):
    with pytest.raises(InputError, match=said):
        planned(**change)


def test_three_sets_at_least():
    with pytest.raises(ValueError, match="at least 3"):
        StandIn(**{**ENTRY, "sets": ["a", "b"]})


def test_shuffled_pairs_mean_nothing_and_lose_nothing():
    from harness.data.collection import Collection
    from replications.projection_grid.collections.shuffled import build

    triples = [(f"q{i}", f"p{i}", f"n{i}") for i in range(50)]
    names = [name for _, *both in triples for name in both]
    source = Collection("t", "train", names, [""] * 100, names, [q for q, _, _ in triples], ["?"] * 50, {}, None, {}, False, triples)
    made = build({"seed": 1}, {}, {"t": source})
    assert sorted(t[1:] for t in made["triples"]) == sorted(t[1:] for t in triples) and [t[0] for t in made["triples"]] == [t[0] for t in triples]
    assert np.mean([q[1:] == p[1:] for q, p, _ in made["triples"]]) < 0.1 and build({"seed": 1}, {}, {"t": source}) == made

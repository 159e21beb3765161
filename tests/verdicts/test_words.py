"""One test a verdict: a verdict that cannot come out is a defect."""

import numpy as np
import pytest

from harness import config
from harness.ledger.claims import Claim
from harness.rankings.scores import Measured
from harness.verdicts import words
from harness.verdicts.ordering import Ordering, Pair
from harness.verdicts.quantity import Quantity
from harness.verdicts.words import Sample

RULES = config.load().judgement


def claim(**more):
    fields = {"id": "a", "study": "s", "printed": "0.500", "document": "P", "place": "x", "kind": "absolute", "status": "measured",
              "source": "primary", "metric": "m", "decidable_at": "substitute", "margin": {"value": 0.01, "reason": "t"}}  # fmt: skip
    return Claim.model_validate(fields | more)


def leaf(mean, data="original", encoder="original", seeds=1, stochastic=False):
    return Measured(("s", "v", "c", "m"), tuple(range(seeds)), np.full(seeds, mean), None, (), None, stochastic, data, encoder)


def quantity(value, seed_sd=0.0, freedom=None, data="original", error=None):
    draws = np.full(10, value) if error is None else np.random.default_rng(0).normal(value, error, 4000)
    one = leaf(value, data)
    if error is not None:
        one = Measured(
            one.key, one.seeds, one.means, np.full((300, 1), value), tuple(map(str, range(300))), None, False, data, "original"
        )
    return Quantity((one,), value, draws, None if error is None else draws, seed_sd, freedom)


def size(value, c=None, p=None, n=None, **more):
    return words.of_size(c or claim(), quantity(value, **more), Sample(n, False), p, RULES).word


def test_sizes_on_the_papers_own_data():
    assert size(0.5004) == "exact"
    assert size(0.5006) == "equivalent"
    assert size(0.515) == "contradicted" and size(0.485) == "contradicted"
    assert size(0.5097) == "inconclusive"  # the rounding of the printed value straddles the margin
    assert size(0.515, c=claim(margin=None)) == "inconclusive"


def test_seeds_widen_the_question():
    assert size(0.502, seed_sd=0.001, freedom=4) == "equivalent"
    assert size(0.502, seed_sd=0.02, freedom=4) == "inconclusive"
    assert size(0.6, seed_sd=0.02, freedom=4) == "contradicted"
    assert size(0.502, seed_sd=None) == "inconclusive" and size(0.5001, seed_sd=None) == "exact"


def test_other_data_bring_both_sampling_errors():
    assert size(0.502, data="substitute", error=0.02) == "inconclusive"
    assert size(0.502, data="substitute", error=0.001, n=300) == "equivalent"
    assert size(0.502, data="substitute", error=0.003) == "equivalent"
    assert size(0.502, data="substitute", error=0.003, n=30) == "inconclusive"  # ten times fewer printed units


def test_a_difference_may_hold_in_direction_only():
    arithmetic = {"kind": "difference", "printed": "+0.100", "arithmetic": {"op": "difference", "of": ["b", "c"]}}
    assert size(0.05, claim(**arithmetic), p=0.001) == "direction only"
    assert size(-0.05, claim(**arithmetic), p=0.001) == "contradicted"
    assert size(0.104, claim(**arithmetic), p=0.001) == "equivalent"


def order(gap, p):
    pair = Pair(leaf(0.5 + gap), leaf(0.5), gap, p, gap, gap, 0.01, "" if p is not None else "too few seeds")
    return words.of_ordering(Ordering((pair,)), p, RULES).word


def test_orderings():
    assert order(0.1, 0.001) == "direction only"
    assert order(-0.1, 0.001) == "contradicted"
    assert order(0.1, 0.2) == order(-0.1, 0.2) == order(0.1, None) == "inconclusive"


def test_what_needs_no_statistics():
    assert words.before_statistics(claim(status="predicted"), ["x"]).word == "prediction"
    assert words.before_statistics(claim(untested="y"), ["x"]).word == "inconsistent as printed"
    assert words.before_statistics(claim(untested="y"), []).word == "not run"
    assert words.before_statistics(claim(), []) is None
    assert words.not_run("z").word == "not run" and words.unusable("z").word == "error"


@pytest.mark.parametrize(
    ("need", "data", "encoder", "word"),
    [("original", "original", "none", None), ("original", "original", "substitute", "not decidable here"),
     ("substitute", "substitute", "original", None), ("substitute", "embedded", "original", "not decidable here")],
)  # fmt: skip
def test_the_weakest_fidelity_decides(need, data, encoder, word):
    found = words.too_low(claim(decidable_at=need), data, encoder)
    assert (found and found.word) == word


def test_several_definitions():
    made = {name: words.Verdict(word, "", "") for name, word in (("a", "exact"), ("b", "contradicted"), ("c", "exact"))}
    assert words.of_candidates({"a": made["a"], "b": made["b"]})[1].word == "exact"
    assert words.of_candidates({"a": made["a"], "c": made["c"]})[1].word == "not identifiable"
    assert words.of_candidates({"b": made["b"], "d": made["b"]})[1].word == "not identifiable"

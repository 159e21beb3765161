"""One test a verdict: a verdict that cannot come out is a defect."""

import numpy as np
import pytest
from pydantic import ValidationError

from harness import config
from harness.ledger.claims import Claim
from harness.rankings.scores import Measured
from harness.studies.fidelity import Parts
from harness.verdicts import estimate, words
from harness.verdicts import size as sizes
from harness.verdicts.join import NotRun, OutOfReach
from harness.verdicts.ordering import Ordering, Pair
from harness.verdicts.print_error import Sample
from harness.verdicts.quantity import Quantity
from harness.verdicts.words import Family

RULES = config.load().judgement


def claim(**more):
    fields = {"id": "a", "study": "s", "printed": "0.500", "document": "P", "place": "x", "kind": "absolute", "status": "measured",
              "source": "primary", "metric": "m", "decidable_at": "substitute", "margin": {"value": 0.01, "reason": "t"}}  # fmt: skip
    return Claim.model_validate(fields | more)


def score(means, queries=300, stochastic=False, data="original", name="v", spread=0.1):
    """A score of these means by seed over so many queries, which differ by `spread`."""
    means = np.atleast_1d(np.asarray(means, dtype=float))
    wave = spread * np.sqrt(2) * np.cos(2 * np.pi * (np.arange(queries) + 0.5) / queries)
    values = means[None, :] + wave[:, None]
    names, seeds = tuple(map(str, range(queries))), tuple(range(len(means)))
    return Measured(("s", name, "c", "m"), seeds, means, values, names, None, stochastic, Parts(data, "original", "none"))


def judged(found, c=None, n=None, sign=None):
    c = c or claim()
    size = sizes.of(c, found, Sample(n), RULES)
    return words.of_size(c, found, size, Family(sign), sizes.detectable(size, c, RULES, 1), Family(size.beyond), RULES)


def size(means, c=None, n=None, **more):
    return judged(Quantity(estimate.of_score(score(means, **more), None), None), c, n).word


def test_sizes_on_the_papers_own_data():
    assert size(0.5004) == "exact"
    assert size(0.5006) == "equivalent"
    assert size(0.515) == "contradicted" and size(0.485) == "contradicted"
    assert size(0.5097) == "inconclusive"  # the rounding of the printed value straddles the margin
    assert size(0.515, c=claim(margin=None)) == "inconclusive"


def test_seeds_widen_the_question_and_two_tell_too_little():
    assert size([0.5015, 0.502, 0.5025, 0.5018, 0.5022], stochastic=True) == "equivalent"
    assert size([0.48, 0.502, 0.524, 0.49, 0.514], stochastic=True) == "inconclusive"
    assert size([0.6, 0.602, 0.598, 0.601, 0.599], stochastic=True) == "contradicted"
    for few in ([0.9], [0.9, 0.901]):
        assert size(few, stochastic=True) == "inconclusive"


def test_exact_is_said_where_luck_is_not_likely():
    assert size([0.5001, 0.5, 0.5002], stochastic=True) == "exact"
    verdict = judged(Quantity(estimate.of_score(score([0.2, 0.5, 0.8], stochastic=True), None), None))
    assert verdict.word == "inconclusive" and "rounds to the printed string, which a value ±0.01 away does with a chance of" in verdict.reason


def test_what_was_printed_decides_how_far_one_run_may_lie():
    means = [0.51, 0.5, 0.49, 0.505, 0.495]
    said = {"printed": "0.520", "margin": {"value": 0.002, "reason": "t"}}
    one, mean = (claim(**said, printed_runs=runs, said={"printed_runs": "p"}) for runs in ("one", "mean of 10"))
    assert size(means, c=one, stochastic=True) == size(means, c=claim(**said), stochastic=True) == "inconclusive"
    assert size(means, c=mean, stochastic=True) == "contradicted"


def test_other_data_bring_both_sampling_errors():
    other = {"data": "substitute"}
    assert size(0.502, spread=0.35, n=300, **other) == "inconclusive"
    assert size(0.502, spread=0.02, n=300, **other) == "equivalent"
    assert size(0.502, spread=0.02, n=3, **other) == "inconclusive"  # a hundred times fewer printed units
    assert size(0.6, spread=0.02, **other) == "inconclusive"  # how many units were printed is not known: no error can be given


@pytest.mark.parametrize("data", ["original", "substitute"])
def test_a_single_query_is_no_evidence(data):
    assert size(0.9, queries=1, data=data, n=1, stochastic=False) == ("contradicted" if data == "original" else "inconclusive") or data == "original"
    assert size([0.9, 0.91, 0.92], queries=1, data=data, n=1, stochastic=True) == "inconclusive"


ARITHMETIC = {"kind": "difference", "printed": "+0.100", "arithmetic": {"op": "difference", "of": ["b", "c"]}}


def difference(gap, p):
    one = estimate.of_difference(score(0.5 + gap), score(0.5, name="w"), None)
    return judged(Quantity(one, one), claim(**ARITHMETIC), sign=p).word


def test_a_difference_far_from_its_size_is_contradicted_even_where_the_sign_holds():
    assert difference(0.05, 0.001) == difference(-0.05, 0.001) == "contradicted"
    assert difference(0.104, 0.001) == "equivalent"


def test_a_difference_without_a_margin_may_hold_in_direction_only():
    one = estimate.of_difference(score(0.55), score(0.5, name="w"), None)
    bare = claim(**ARITHMETIC, margin=None)
    assert judged(Quantity(one, one), bare, sign=0.001).word == "direction only"
    assert judged(Quantity(one, one), bare, sign=0.2).word == "inconclusive"


def order(gap, p, margin=0.0):
    apart = estimate.of_difference(score(0.5 + gap), score(0.5, name="w"), None)
    pair = Pair(*apart.leaves, apart, p, 0.0001, "" if p is not None else "too few seeds")
    return words.of_ordering(Ordering((pair,)), Family(p), RULES, margin).word


def test_orderings():
    assert order(0.1, 0.001) == "direction only"
    assert order(-0.1, 0.001) == "contradicted"
    assert order(0.1, 0.2) == order(-0.1, 0.2) == order(0.1, None) == "inconclusive"
    assert order(0.1, 0.001, margin=0.05) == "direction only" and order(-0.1, 0.001, margin=0.05) == "contradicted"
    assert order(0.1, 0.001, margin=0.2) == order(-0.1, 0.001, margin=0.2) == "inconclusive"


def test_a_family_that_no_result_could_pass_says_so():
    assert "no result could pass" in words.out_of_reach(2.0**-3, Family(0.2, 1), RULES)
    assert "times the 10 tests of the family" in words.out_of_reach(0.01, Family(0.2, 10), RULES)
    assert words.out_of_reach(0.001, Family(0.2, 10), RULES) == ""


def test_a_limit_and_a_forgotten_unit_are_asked_about():
    assert words.not_a_value(claim(printed="<0.001"), []).word == "inconclusive"
    assert words.not_a_value(claim(), []) is None
    asked = words.hundredfold(claim(printed="56.9"), [0.569])
    assert asked and "is the unit percent?" in asked[0] and words.not_a_value(claim(printed="56.9"), asked).word == "inconclusive"
    assert words.hundredfold(claim(printed="0.569"), [56.9]) and not words.hundredfold(claim(printed="0.569"), [0.3, 0.0, 5.69])


def test_what_needs_no_statistics():
    assert words.before_statistics(claim(status="predicted"), ["x"]).word == "prediction"
    assert words.before_statistics(claim(untested="y"), ["x"]).word == "inconsistent as printed"
    assert words.before_statistics(claim(untested="y"), []).word == "not run"
    assert words.before_statistics(claim(), []) is None
    assert words.not_run(NotRun("z")).word == "not run" and words.not_run(OutOfReach("z")).word == "out of reach" and words.unusable("z").word == "error"


@pytest.mark.parametrize(
    ("need", "used", "lacking"),
    [("original", ("original", "none", "none"), None),
     ("original", ("original", "substitute", "none"), "original encoder"),
     ("original", ("substitute", "original", "embedded"), "original evaluation data and original training data"),
     ("substitute", ("substitute", "original", "none"), None),
     ("substitute", ("embedded", "original", "none"), "substitute evaluation data"),
     ({"evaluation": "original", "encoder": "original", "training": "substitute", "reason": "t"}, ("original", "original", "substitute"), None),
     ({"evaluation": "original", "encoder": "original", "training": "substitute", "reason": "t"}, ("original", "original", "embedded"), "substitute training data")],
)  # fmt: skip
def test_every_part_that_was_used_must_be_as_good_as_the_claim_asks(need, used, lacking):
    found = words.too_low(claim(decidable_at=need), Parts(*used))
    assert (found and found.word) == (lacking and "not decidable here")
    assert found is None or found.reason.endswith(f"it takes {lacking}")


def test_without_a_word_only_the_sources_own_materials_decide():
    assert words.too_low(claim(decidable_at=None, untested="x"), Parts("original", "substitute", "none"))


@pytest.mark.parametrize(
    ("written", "said"),
    [("orignal", "did you mean 'original'"), ({"evaluation": "original", "encoder": "original"}, "training"),
     ({"evaluation": "original", "encoder": "original", "training": "substitute"}, "reason: missing"),
     ({"evaluation": "original", "encoder": "original", "training": "none", "reason": "t"}, "training"), (3, "decidable_at")],
)  # fmt: skip
def test_a_faulty_decidable_at_is_named(written, said):
    with pytest.raises(ValidationError, match=said):
        claim(decidable_at=written)


def test_several_definitions():
    made = {name: words.Verdict(word, "", "") for name, word in (("a", "exact"), ("b", "contradicted"), ("c", "exact"))}
    assert words.of_candidates({"a": made["a"], "b": made["b"]})[1].word == "exact"
    assert words.of_candidates({"a": made["a"], "c": made["c"]})[1].word == "not identifiable"
    assert words.of_candidates({"b": made["b"], "d": made["b"]})[1].word == "not identifiable"

"""Settings and counts against public files, and claims that only repeat another one."""

import pytest
from pydantic import ValidationError

from harness.errors import InputError
from harness.ledger.claims import Claim
from harness.verdicts import facts
from harness.verdicts.join import Scores
from harness.verdicts.words import Verdict


def claim(printed="10,000", **more):
    fields = {"id": "a", "study": "s", "printed": printed, "document": "P", "place": "x", "kind": "count", "status": "measured",
              "source": "primary"}  # fmt: skip
    return Claim.model_validate(fields | more)


def code(value, **more):
    return claim(fact={"value": value, "of": "train.py@abc, --rate"}, **more)


@pytest.mark.parametrize(
    ("printed", "value", "word"),
    [("2e-5", "0.00002", "exact"), ("1e-3", "2e-5", "inconsistent as printed"), ("about 2", "2.6", "inconsistent as printed"),
     ("48,433", "48433", "exact"), ("1.2", "1.18", "exact"), ("1.2", "1.3", "inconsistent as printed")],
)  # fmt: skip
def test_a_setting_is_held_against_the_released_code(printed, value, word):
    verdict = facts.judge(code(value, printed=printed), value)
    assert verdict.word == word and "train.py@abc" in verdict.reason


def test_words_hold_or_do_not():
    yes, no = (claim("two layers", kind="qualitative", fact={"holds": holds, "of": "model.py@abc"}) for holds in (True, False))
    assert facts.judge(yes, None).word == "exact" and facts.judge(no, None).word == "inconsistent as printed"


def test_a_count_is_that_of_the_sources_own_collection():
    counted = claim(fact={"collection": "courses", "count": "documents"})
    scores = Scores("embedded", {}, {}, {}, counts={("s", "courses", "documents"): 10000})
    assert facts.told(counted, scores, "f") == "10000" and facts.judge(counted, "10000").word == "exact"
    assert facts.judge(counted, "9999").word == "contradicted"
    with pytest.raises(InputError, match="no count of documents is pinned for the source's own 'courses'"):
        facts.told(counted, Scores("embedded", {}, {}, {}), "f")


@pytest.mark.parametrize(
    ("fact", "said"),
    [({}, "one of value"), ({"value": "1"}, "need 'of'"), ({"value": "1", "holds": True, "of": "x"}, "one of value"),
     ({"collection": "c"}, "needs 'count'"), ({"value": "many", "of": "x"}, "holds no number")],
)  # fmt: skip
def test_a_faulty_fact_is_named(fact, said):
    with pytest.raises(ValidationError, match=said):
        claim(fact=fact)


def test_a_fact_is_no_reason_to_stay_untested_and_words_need_holds():
    with pytest.raises(ValidationError, match="exclude one another"):
        code("1", untested="x")
    with pytest.raises(ValidationError, match="say holds"):
        code("1", printed="many", kind="qualitative")


@pytest.mark.parametrize(
    ("printed", "word", "expected"),
    [("0.50", "exact", "exact"), ("0.50", "not decidable here", "not decidable here"), ("0.50", "out of reach", "out of reach"),
     ("0.50", "not run", None), ("0.50", "error", None), ("0.5", "exact", None)],
)  # fmt: skip
def test_what_restates_a_claim_gets_its_verdict_where_it_says_the_same(printed, word, expected):
    first = claim("0.50", kind="absolute")
    again = claim(printed, kind="absolute", id="b", restates="a", untested="as above")
    found = facts.restated(again, first, Verdict(word, "why", "what"))
    assert (found and found.word) == expected and (found is None or found.reason == "restates a: why")


def test_a_count_stays_the_sources_own_where_its_collection_gave_way_to_a_substitute():
    from harness import config
    from harness.studies import study
    from harness.verdicts.join import own_counts

    settings, known = config.load(), study.folders(config.ROOT)
    missing = {"collection triples_v1_48k": "cannot be had"}
    chosen = study.load(known["projection_grid"], known, "original", missing)
    assert chosen.experiment.training["triples_48k"].original == "triples_48k"  # which repeats queries, and holds other triples
    assert own_counts(chosen, settings)["triples_48k", "triples"] == 48433

"""Role probes: both directions, measures by hand, lexical scorers, settings."""

import numpy as np
import pytest
import yaml

from harness import config
from harness.config import ROOT
from harness.data.collection import Collection
from harness.data.loading import load
from harness.errors import InputError
from harness.studies.method import load as load_method
from replications.association_gap import asked, probes
from replications.association_gap.recipe import Settings

HERE = ROOT / "replications" / "association_gap"


def small(folds=True):
    """Two courses, two roles asked in both directions, two wordings each."""
    rows, passages = [], {}
    for course in ("chemistry", "history"):
        for role, wrong in (("ta", "instructor"), ("instructor", "ta")):
            ids = [f"{course}.{name}" for name in (role, wrong)]
            passages |= {name: f"{name} text" for name in ids}
            rows += [asked.Probe(f"{course}.{role}.{w}", course, role, wrong, w, f"who is {role} {w}", *ids) for w in (0, 1)]
    return Collection(name="small", split="test", made=True, **asked.content(rows, passages, described=False))


def scored(collection, **wins):
    """Scores of 1 for the passages that win a query, 0 for the rest; a query that is not named has its relevant one win."""
    found = np.zeros((len(collection.query_ids), len(collection.document_ids)))
    for row, (query, right, _) in enumerate(collection.triples):
        found[row, collection.document_ids.index(wins.get(query.replace(".", "_"), right))] = 1
    return found


def values(measured, metric):
    return {query: value for name, query, value in measured if name == metric}


def test_every_pair_is_asked_in_both_directions_with_the_same_two_passages():
    collection = load("made_probes", config.load())
    asked_of = {query: (right, wrong) for query, right, wrong in collection.triples}
    assert len(asked_of) == 8 * 14 * 2 * 2
    assert all((wrong, right) in set(asked_of.values()) for right, wrong in asked_of.values())
    labels = collection.labels
    for query, (right, wrong) in asked_of.items():
        assert labels["passage_course"][right] == labels["passage_course"][wrong] == labels["cluster"][query]
        assert labels["passage_role"][right] == labels["role"][query] != labels["passage_role"][wrong]
    assert {labels["fold"][query] for query in asked_of} == {"0", "1"}
    by_course = {(labels["cluster"][query], labels["fold"][query]) for query in asked_of}
    assert len(by_course) == 8  # no course is in both folds


def test_the_wrong_passage_counts_as_an_error_and_so_does_a_tie():
    assert probes.errors({"a": (0.5, 0.4), "b": (0.4, 0.5), "c": (0.5, 0.5)}) == {"a": 0, "b": 1, "c": 1}


def test_errors_are_parted_by_the_roles_that_a_training_may_see_and_by_wording():
    collection = small()
    error = probes.errors(probes.paired(collection, scored(collection, chemistry_ta_1="chemistry.instructor")))
    measured = probes.of_error(collection, error, frozenset({"ta"}))
    assert np.mean(list(values(measured, "association_error").values())) == 1 / 8
    mixed = values(measured, "association_error[mixed]")
    assert set(mixed) == {q for q in collection.query_ids if q.endswith(".1")} and mixed["chemistry.ta.1"] == 1 and sum(mixed.values()) == 1
    assert not values(measured, "association_error[seen]") and not values(measured, "association_error[unseen]")
    assert probes.stratum(("ta", "instructor"), frozenset({"ta", "instructor"})) == "unseen"
    assert probes.stratum(("ta", "instructor"), frozenset()) == "seen"


def test_one_passage_that_always_wins_is_seen():
    collection = small()
    blind = {f"{course}_{role}_{w}": f"{course}.ta" for course in ("chemistry", "history") for role in ("ta", "instructor") for w in (0, 1)}
    for wins, expected in ((blind, 1.0), ({}, 0.0)):
        measured = probes.of_pairs(collection, probes.paired(collection, scored(collection, **wins)))
        assert set(values(measured, "same_passage").values()) == {expected}
        assert set(values(measured, "ties").values()) == {0.0}


def test_a_tie_says_nothing_of_which_passage_wins():
    collection = small()
    measured = probes.of_pairs(collection, dict.fromkeys(collection.query_ids, (1.0, 1.0)))
    assert set(values(measured, "same_passage").values()) == {0.5} and set(values(measured, "ties").values()) == {1.0}


def test_a_role_that_is_none_is_named():
    with pytest.raises(InputError, match="here: no role 'midtem' .did you mean 'midterm'"):
        load_method(HERE)._known(["textbook", "midtem"], "here")


def test_gap_and_nearness_are_worked_out_by_hand():
    collection = small()
    near = {"chemistry.ta": [1, 0], "chemistry.instructor": [0.6, 0.8], "history.ta": [0.8, 0.6], "history.instructor": [0, 1]}
    documents = np.array([near[name] for name in collection.document_ids], dtype=float)
    measured = probes.of_cosines(collection, dict.fromkeys(collection.query_ids, (0.7, 0.5)), documents)
    assert values(measured, "gap")["history.ta.0"] == pytest.approx(0.2)
    assert values(measured, "cosine_same_course")["chemistry.ta.0"] == pytest.approx(0.6)
    assert values(measured, "cosine_same_role")["chemistry.ta.0"] == pytest.approx(0.8)
    assert values(measured, "cosine_same_role")["chemistry.instructor.1"] == pytest.approx(0.8)


def settings(name):
    written = yaml.safe_load((HERE / "experiment.yaml").read_text())["variants"][name]
    return Settings.model_validate({"task": written["task"]})


def test_word_overlap_is_the_share_of_the_querys_words():
    collection = small()
    found = probes.lexical(collection, settings("overlap").task, 0, None)
    row, column = collection.query_ids.index("chemistry.ta.0"), collection.document_ids.index("chemistry.ta")
    assert found[row, column] == 1 / 4  # who is TA 0 against chemistry ta text
    assert found[row, collection.document_ids.index("chemistry.instructor")] == 0


def test_the_three_words_are_measured_two_by_two():
    class Three:
        query_ids = ["king"]  # noqa: RUF012
        document_ids = ["queen", "ruler"]  # noqa: RUF012

    found = probes.named(Three(), np.array([[1.0, 0]]), np.array([[0.8, 0.6], [0.6, 0.8]]))
    assert {name: pytest.approx(value) for name, _, value in found} == {
        "cosine_king_queen": 0.8, "cosine_king_ruler": 0.6, "cosine_queen_ruler": 0.96,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ({"scorer": "level", "level": None}, "level: needed by scorer level"),
        ({"scorer": "cosine", "level": 0.5}, "level: needed by scorer level"),
        ({"scorer": "bm25"}, "bm25: needed by scorer bm25"),
    ],
)
def test_settings_that_do_not_fit_their_scorer_are_refused(task, said):
    with pytest.raises(ValueError, match=said):
        Settings.model_validate({"task": {**settings("minilm").task.model_dump(), **task}})


def test_every_variant_of_the_experiment_has_settings_that_are_read():
    module = load_method(HERE)
    for name, entry in yaml.safe_load((HERE / "experiment.yaml").read_text())["variants"].items():
        module.Settings.model_validate({"task": entry["task"]}), name

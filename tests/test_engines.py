"""Three engines on the same rankings: what ranx says, ir-measures and mteb must say too."""

import importlib.util
import os
import random
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import engines
from harness.data.collection import Collection
from harness.errors import InputError
from harness.rankings import metrics, trec_eval

CUTOFFS = (1, 3, 7, 10, 100)
NAMES = [f"{measure}@{cutoff}" for measure in metrics.MEASURES for cutoff in CUTOFFS]
LEVELS = [f"{m}@{k}-l{level}" for m in metrics.MEASURES if m not in metrics.GRADED for k in (3, 10) for level in (1, 2, 3, 7)]
ids = st.sampled_from(["d1", "d10", "d2", "D2", "é", "zz", "a b", *(f"x{i}" for i in range(20))])
# Few levels, so that most rankings hold ties; two of them differ in the last bit of a double and are one float32.
levels = st.sampled_from([-1.0, 0.0, 0.3, 0.3 + 1e-12, 0.5, 7e8])
rankings = st.dictionaries(ids, levels, max_size=25).map(lambda found: list(found.items()))
judgements = st.dictionaries(ids, st.sampled_from([-9, -2, -1, 0, 1, 2, 3]), min_size=1, max_size=15)
queries = st.sampled_from(["q1", "q2", "q3", "q4"])

has_mteb = importlib.util.find_spec("mteb") is not None
needs_mteb = pytest.mark.skipif(not has_mteb and not os.environ.get("CI"), reason="the optional extra mteb is not installed")


@settings(deadline=None, max_examples=150)
@given(st.dictionaries(queries, rankings), st.dictionaries(queries, judgements, min_size=1))
def test_ranx_and_ir_measures_agree_on_every_query(run, qrels):
    first, second = metrics.evaluate(run, qrels, [*NAMES, *LEVELS]), trec_eval.values(run, qrels, [*NAMES, *LEVELS])
    for name in [*NAMES, *LEVELS]:
        assert first[name] == pytest.approx(second[name], abs=trec_eval.SAME), name


@pytest.mark.parametrize("grade", [-1, -2, -3, -100])
def test_a_negative_grade_is_worth_what_0_is_worth_in_both_engines(grade):
    run = {"q": [("a", 3.0), ("b", 2.0), ("c", 1.0)], "r": [("a", 1.0)]}
    qrels, plain = ({"q": {"a": g, "b": 2, "c": 1}, "r": {"a": g}} for g in (grade, 0))
    for engine in (metrics.evaluate, trec_eval.values):  # pytrec_eval itself crashes below -1
        assert engine(run, qrels, [*NAMES, *LEVELS]) == engine(run, plain, [*NAMES, *LEVELS])


def sample(seed, documents=80, asked=15):
    """A collection and a run with ties, grades, an empty ranking and a missing one."""
    draw = random.Random(seed)
    names, ids = [f"d{i}" for i in range(documents)], [f"q{i}" for i in range(asked)]
    qrels = {q: {d: draw.choice([0, 1, 1, 2]) for d in draw.sample(names, 9)} | {names[0]: 1} for q in ids}
    empty = [""] * documents
    collection = Collection("toy", "test", names, empty, ["t"] * documents, ids, ["t"] * asked, qrels, None, {}, True)
    run = {q: [(d, draw.choice([0.1, 0.2, 0.3, 0.3 + 1e-12])) for d in draw.sample(names, 60)] for q in ids[2:]}
    return collection, {**run, ids[0]: []}


@needs_mteb
@pytest.mark.parametrize("seed", [1, 2])
def test_three_engines_agree_on_a_small_collection(seed):
    collection, run = sample(seed)
    rows = engines.compare(run, collection, NAMES)
    assert [name for name, means, same in rows if not same] == []
    assert {len(means) for name, means, _ in rows if not name.startswith("f1")} == {3}
    assert any(0.01 < means[0] < 0.99 for _, means, _ in rows)


@needs_mteb
@pytest.mark.parametrize("engine", ["evaluate", "values", "mteb_means"])
def test_an_engine_that_differs_is_noticed(engine, monkeypatch):
    collection, run = sample(3)
    module = {"evaluate": metrics, "values": trec_eval}.get(engine, engines)
    honest = getattr(module, engine)

    def off(*arguments):
        found = honest(*arguments)
        shift = {"ndcg@10": found["ndcg@10"] + 2e-5} if engine == "mteb_means" else {"ndcg@10": {**found["ndcg@10"], "q5": 2.0}}
        return {**found, **shift}

    monkeypatch.setattr(module, engine, off)
    rows = {name: same for name, _, same in engines.compare(run, collection, ["ndcg@10", "mrr@10"])}
    assert rows == {"ndcg@10": False, "mrr@10": True}


@needs_mteb
def test_mteb_is_not_asked_for_levels_and_gets_no_negative_grade():
    collection, run = sample(1)
    collection.qrels["q4"]["d3"] = -2
    rows = {name: (len(means), same) for name, means, same in engines.compare(run, collection, ["mrr@10", "mrr@10-l2"])}
    assert rows == {"mrr@10": (3, True), "mrr@10-l2": (2, True)}
    assert engines.mteb_means(run, collection, ["mrr@10-l2"]) == {}


@needs_mteb
def test_mteb_sees_the_collection_as_beir_joins_it():
    collection, _ = sample(1)
    task = engines.mteb_task(collection, [5])
    task.load_data()
    split = task.dataset["default"]["test"]
    assert list(split["corpus"]["id"]) == collection.document_ids and split["relevant_docs"] == collection.qrels
    assert 5 in task.k_values


def test_without_mteb_the_message_says_what_to_install(monkeypatch):
    for name in list(sys.modules):
        if name == "mteb" or name.startswith("mteb."):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mteb", None)
    collection, run = sample(1)
    with pytest.raises(InputError, match=r"mteb is not installed.*bootstrap\.py mteb"):
        engines.mteb_means(run, collection, ["ndcg@10"])


def test_a_metric_of_vectors_is_no_metric_of_rankings():
    with pytest.raises(InputError, match="'isoscore'"):
        trec_eval.values({}, {"q": {"d": 1}}, ["isoscore"])

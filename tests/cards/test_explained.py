"""Which settings give a printed score: readings, conventions by hand, luck, and the folder's own encode as the oracle."""

import json
import math
import shutil

import numpy as np
import pytest

from harness import config
from harness.cards import axes, passes, scoring, told
from harness.cards.explained import Score, Tried, explain, judged
from harness.cards.passes import Task
from harness.data.collection import Collection
from harness.ledger.printed import parse
from harness.studies.models import model_folder
from harness.vectors.encoder import THROUGHOUT


def small(**more):
    content = {
        "document_ids": ["a", "b", "c", "d"], "titles": ["Red", "", "Blue", ""], "texts": ["a red fox", "a hen", "a blue hen", "a hen"],
        "query_ids": ["q", "b"], "queries": ["red hen", "hen"], "qrels": {"q": {"a": 2, "b": 1}, "b": {"d": 1}},
        "candidates": None, "labels": {}, "made": True,
    }  # fmt: skip
    return Collection(name="small", split="test", **(content | more))


def test_readings_come_fewest_changes_first_and_change_one_encoding_at_most():
    found = list(axes.readings({"prompt": ["none"], "length": ["64"], "pooling": ["cls", "max"], "gain": []}, 2))
    assert found[0] == {} and [len(one) for one in found] == sorted(len(one) for one in found)
    assert {"prompt": "none", "pooling": "max"} in found and {"prompt": "none", "length": "64"} not in found
    assert axes.passes(found) == [{}, {"prompt": "none"}, {"length": "64"}]
    assert axes.words({}) == "as saved and as defined" and "first token" in axes.words({"pooling": "cls"})


SCORES = np.array([[1.0, 0.5, 0.25, 0.5], [0.5, 0.75, 0.25, 0.75]], dtype=np.float32)


@pytest.mark.parametrize(
    ("reading", "first", "second"),
    [
        ({}, ["a", "d", "b", "c"], ["d", "b", "a", "c"]),
        ({"ties": "ascending"}, ["a", "b", "d", "c"], ["b", "d", "a", "c"]),
        ({"ties": "file"}, ["a", "b", "d", "c"], ["b", "d", "a", "c"]),
        ({"ties": "relevant first"}, ["a", "b", "d", "c"], ["d", "b", "a", "c"]),
        ({"own": "excluded"}, ["a", "d", "b", "c"], ["d", "a", "c"]),
    ],
)
def test_ties_and_a_querys_own_document(reading, first, second):
    assert scoring.orders(SCORES, small(), reading, 10) == {"q": first, "b": second}


def test_a_collection_that_excludes_a_querys_own_document_does_so_until_a_reading_keeps_it():
    excluding = small(self_retrieval="excluded")
    assert scoring.orders(SCORES, excluding, {}, 10)["b"] == ["d", "a", "c"]
    assert scoring.orders(SCORES, excluding, {"own": "kept"}, 10)["b"] == ["d", "b", "a", "c"]


def test_ties_at_the_cut_are_decided_by_the_rule():
    assert scoring.orders(SCORES, small(), {}, 2)["q"] == ["a", "d"] and scoring.orders(SCORES, small(), {"ties": "file"}, 2)["q"] == ["a", "b"]


def test_conventions_of_the_metrics_by_hand():
    order, log = {"q": ["b", "a", "c", "d"], "b": ["b", "d"]}, math.log2
    here, second = small(), 1 / log(3)
    linear = ((1 + 2 / log(3)) / (2 + 1 / log(3)) + second) / 2
    exponential = ((1 + 3 / log(3)) / (3 + 1 / log(3)) + second) / 2
    assert scoring.values(order, here, ["ndcg@10", "mrr@10"], {}) == pytest.approx([linear, 0.75])
    assert scoring.values(order, here, ["ndcg@10", "mrr@10"], {"gain": "exponential"}) == pytest.approx([exponential, 0.75])
    assert scoring.values(order, here, ["ndcg@10", "mrr@10"], {"level": "2"}) == pytest.approx([linear, 0.25])
    assert scoring.values(order, here, ["recall@10"], {"cutoff": "1"}) == pytest.approx([0.25])
    bare = small(qrels={"q": {"a": 2, "b": 1}, "b": {"d": 0}})
    assert scoring.values(order, bare, ["mrr@10"], {}) == [0.5]
    assert scoring.values(order, bare, ["mrr@10"], {"queries": "with a relevant one"}) == [1.0]


def test_similarities_by_hand():
    queries, documents = np.array([[3.0, 4.0]], dtype=np.float32), np.array([[6.0, 8.0], [3.0, 0.0]], dtype=np.float32)
    assert scoring.similarities(queries, documents, "dot").tolist() == [[50.0, 9.0]]
    assert scoring.similarities(queries, documents, "cosine")[0] == pytest.approx([1.0, 0.6])
    assert scoring.similarities(queries, documents, "euclidean").tolist() == [[-25.0, -16.0]]


def test_only_what_can_differ_is_tried(tmp_path):
    folder = model_folder("minilm", config.load())
    plain = small(titles=["", "", "", ""], qrels={"q": {"a": 1}}, query_ids=["q"], queries=["red hen"])
    found = passes.possible(folder, Task(plain, {}), passes.poolings(folder))
    assert found["title"] == found["own"] == found["gain"] == found["level"] == found["queries"] == found["split"] == []
    assert found["prompt"] == ["e5", "instruction"] and found["length"] == ["64", "128", "512"] and found["similarity"] == ["dot", "euclidean"]
    rich = passes.possible(folder, Task(small(), {"dev": plain}), passes.poolings(folder))
    assert rich["split"] == ["dev"] and rich["gain"] == ["exponential"] and rich["own"] == ["excluded"] and len(rich["title"]) == 2


def test_a_dot_product_of_vectors_that_are_scaled_is_the_cosine(prompted, settings, tmp_path):
    folder = shutil.copytree(prompted, tmp_path / "dot")
    saved = {"prompts": {}, "similarity_fn_name": "dot"}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(saved))
    assert passes.scaled(folder) and passes.possible(folder, Task(small(), {}), passes.poolings(folder))["similarity"] == ["dot", "euclidean"]
    found = explain(folder, Task(small(), {}), [Score("ndcg@10", parse("0.99999"))], settings)
    saved["similarity_fn_name"] = "cosine"
    (folder / "config_sentence_transformers.json").write_text(json.dumps(saved))
    assert explain(folder, Task(small(), {}), [Score("ndcg@10", parse("0.99999"))], settings) == found


def test_what_luck_gives_as_easily_is_no_explanation_and_what_it_does_not_is_one():
    found = [{}] + [{"cutoff": str(i)} for i in range(1, 100)]
    rows = [[0.5 + i / 1000, 0.6 + (i * 37 % 100) / 1000] for i in range(100)]
    one = [row[:1] for row in rows]
    sharp = judged(Tried(found, rows, 1), [Score("ndcg@10", parse("0.51700")), Score("mrr@10", parse("0.62900"))], 0.05)
    assert sharp.best[0].reading == {"cutoff": "17"} and sharp.best[0].found and sharp.best[0].given == (True, True)
    coarse = judged(Tried(found, one, 1), [Score("ndcg@10", parse("0.5"))], 0.05)
    assert coarse.best and not any(one.found for one in coarse.best)
    nowhere = judged(Tried(found, one, 1), [Score("ndcg@10", parse("0.90000"))], 0.05)
    assert nowhere.best == [] and nowhere.nearest[0].reading == {"cutoff": "99"}


def test_what_the_model_as_saved_gives_is_no_evidence_for_a_change():
    found = [{}] + [{"cutoff": str(i)} for i in range(1, 100)]
    rows = [[0.5 + i / 1000, 0.6, 0.7] if i < 50 else [0.5 + i / 1000, 0.1 + i / 500, 0.2 + i / 500] for i in range(100)]
    coarse = [Score("ndcg@10", parse("0.51")), Score("mrr@10", parse("0.60000")), Score("recall@5", parse("0.70000"))]
    met = judged(Tried(found, rows, 1), coarse, 0.05)
    assert sum(met.best[0].given) == 3 and met.best[0].chance > 0.05 and not any(one.found for one in met.best)
    assert "none is an explanation" in told.explanation(met, coarse)
    sharp = [Score("ndcg@10", parse("0.51700")), *coarse[1:]]
    assert judged(Tried(found, rows, 1), sharp, 0.05).best[0].found
    nowhere = judged(Tried(found, rows, 1), [Score("ndcg@10", parse("0.90000")), *coarse[1:]], 0.05)
    assert "None gives more of the printed scores than the model as saved." in told.explanation(nowhere, coarse)
    as_saved = judged(Tried(found, [row[1:2] for row in rows], 1), coarse[1:2], 0.05)
    assert not any(one.found for one in as_saved.best)


def test_the_fewest_changes_stand_for_readings_that_give_the_same():
    found = [{}, {"title": "left out"}, {"title": "left out", "ties": "file"}]
    (one,) = judged(Tried(found, [[0.3], [0.4], [0.4]], 2), [Score("ndcg@10", parse("0.40000"))], 0.05).best
    assert one.reading == {"title": "left out"} and one.alike == 1


@pytest.fixture(scope="module")
def prompted(tmp_path_factory):
    """all-MiniLM-L6-v2 with saved prompts, as a folder of its own."""
    folder = tmp_path_factory.mktemp("model")
    for path in model_folder("minilm", config.load()).rglob("*"):
        if path.is_file():
            (folder / path.relative_to(model_folder("minilm", config.load()))).parent.mkdir(exist_ok=True)
            shutil.copy(path.resolve(), folder / path.relative_to(model_folder("minilm", config.load())))
    (folder / "config_sentence_transformers.json").write_text(json.dumps({"prompts": {"query": "search query: ", "document": "title: none | text: "}}))
    return folder


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return config.load(overrides={"cache": str(tmp_path_factory.mktemp("cache"))})


def test_the_standard_is_the_folders_own_encode(prompted, settings):
    from sentence_transformers import SentenceTransformer

    own = SentenceTransformer(str(prompted), local_files_only=True)
    here = small()
    asked, told_ = passes.encoded(Task(here, {}), {}, prompted, ["saved"], settings)["saved"]
    assert scoring.similarities(asked, told_, "cosine") == pytest.approx(
        np.asarray(own.encode_query(here.queries) @ own.encode_document(here.document_texts).T), abs=1e-5
    )


def test_bfloat16_is_tried_as_others_run_it_with_all_states_rounded(prompted, settings, monkeypatch):
    found = []
    monkeypatch.setattr(passes, "fill", lambda *given: (found.append(given[4]), ({}, 0))[1])
    for precision in ("bfloat16", "float16"):
        passes.encoded(Task(small(), {}), {"precision": precision}, prompted, ["saved"], settings)
    assert found == [THROUGHOUT, "float16"]


def test_texts_of_every_prompt_and_title(prompted):
    here = small()
    assert passes.texts(here, {}, prompted)[0][0] == "search query: red hen"
    assert passes.texts(here, {"prompt": "none", "title": "left out"}, prompted) == (["red hen", "hen"], here.texts)
    swapped = passes.texts(here, {"prompt": "swapped"}, prompted)
    assert swapped[0][0].startswith("title: none") and swapped[1][0] == "search query: Red a red fox"
    assert passes.texts(here, {"prompt": "e5", "title": "joined by a full stop"}, prompted)[1][:2] == ["passage: Red. a red fox", "passage: a hen"]


def test_texts_are_encoded_once_for_all_readings(prompted, settings, capsys):
    heard = []
    scores = [Score("ndcg@10", parse("0.99999"))]
    first = explain(prompted, Task(small(), {}), scores, settings, lambda done, of: heard.append((done, of)))
    assert first.passes == len(heard) - 1 and first.readings > 100 and heard[-1] == (first.passes, first.passes)
    assert explain(prompted, Task(small(), {}), scores, settings) == first
    text = told.explanation(first, scores)
    assert f"{first.readings} readings" in text and "chance by luck" in text

"""Cards and result files as records: every number letter by letter, what is no retrieval by name; the field's own libraries are the oracle."""

import json

import pytest
import yaml
from huggingface_hub import EvalResult, EvalResultEntry, eval_result_entries_to_yaml
from huggingface_hub.repocard_data import eval_results_to_model_index, model_index_to_eval_results
from mteb.results import TaskResult

from harness.cards import eval_results, front, metrics, model_index, mteb_json, opening
from harness.errors import InputError
from tests.cards.conftest import write

KNOWN = frozenset({"SciFact", "mteb/scifact"})
CARD = """---
license: mit
language: [en, no]
model-index:
- name: tiny
  results:
  - task: {type: Retrieval}
    dataset: {type: mteb/scifact, name: MTEB SciFact (default), config: default, split: test, revision: abc123}
    metrics:
    - {type: ndcg_at_10, value: 64.50}
    - {type: main_score, value: 64.50}
    - {type: mrr_at_10, value: 60.958000000000006}
    - {type: nauc_ndcg_at_10_max, value: 12.5}
  - task: {type: STS}
    dataset: {type: mteb/sts12, name: MTEB STS12, config: default, split: test, revision: None}
    metrics:
    - {type: cosine_spearman, value: 72.37}
---
# tiny
"""
NEW = {
    "dataset_revision": "d56462d0", "task_name": "SciFact", "mteb_version": "2.1.0", "evaluation_time": 1.5, "kg_co2_emissions": None,
    "scores": {"test": [{"ndcg_at_10": 0.64508, "map_at_1000": 0.5, "recall_at_5": 1, "accuracy": 0.5, "nauc_map_at_1_std": float("nan"),
                         "main_score": 0.64508, "hf_subset": "default", "languages": ["eng-Latn"]}]},
}  # fmt: skip
OLD = {"dataset_revision": None, "mteb_dataset_name": "SciFact", "mteb_version": "1.1.0", "test": {"evaluation_time": 2.5, "ndcg_at_10": 0.64508}}


def plain(card):
    return [(one.task, one.dataset, one.revision, one.split, one.subset, one.metric, one.printed, one.unit, one.score) for one in card.records]


def test_a_model_index_is_read_letter_by_letter(tmp_path):
    card = model_index.read(write(tmp_path / "README.md", CARD), KNOWN)
    assert plain(card) == [
        ("SciFact", "mteb/scifact", "abc123", "test", "default", "ndcg_at_10", "64.50", "percent", "ndcg@10"),
        ("SciFact", "mteb/scifact", "abc123", "test", "default", "mrr_at_10", "60.958000000000006", "percent", "mrr@10"),
    ]
    assert (card.form, card.model, card.remarks) == ("model-index", "tiny", [])
    assert card.left_out[0] == "STS12: a task of the type STS, which is no retrieval"
    assert "nauc_ndcg_at_10_max" in card.left_out[1] and len(card.left_out) == 2


def test_a_model_index_holds_what_the_hubs_client_reads_in_it(tmp_path):
    card = model_index.read(write(tmp_path / "README.md", CARD), KNOWN)
    _, theirs = model_index_to_eval_results(yaml.safe_load(CARD.split("---")[1])["model-index"])
    kept = [one for one in theirs if one.task_type == "Retrieval" and one.metric_type in ("ndcg_at_10", "mrr_at_10")]
    assert [(one.dataset_type, one.dataset_split, one.dataset_revision, one.metric_type, one.metric_value) for one in kept] == [
        (one.dataset, one.split, one.revision, one.metric, float(one.printed)) for one in card.records
    ]


def test_what_the_hubs_client_writes_is_read_the_same(tmp_path):
    index = eval_results_to_model_index("tiny", [EvalResult("retrieval", "BeIR/x", "x", "ndcg_at_10", 0.5, dataset_split="test")])
    card = model_index.read(write(tmp_path / "card.yaml", yaml.safe_dump({"model-index": index})), KNOWN)
    assert plain(card) == [("x", "BeIR/x", None, "test", "", "ndcg_at_10", "0.5", "fraction", "ndcg@10")]
    assert "read as fractions" in card.remarks[0]


def test_the_unit_is_that_of_the_whole_card_never_of_one_value(tmp_path):
    text = CARD.replace("value: 60.958000000000006", "value: 0.9")
    assert {one.unit for one in model_index.read(write(tmp_path / "README.md", text), KNOWN).records} == {"percent"}


def test_sentence_transformers_own_names_are_known_and_its_map_is_not_ours():
    assert metrics.score("cosine_ndcg@10") == ("ndcg@10", "") and metrics.score("dot_accuracy@3") == ("hit_rate@3", "")
    score, why = metrics.score("cosine_map@100")
    assert score is None and "smaller of k" in why
    assert metrics.score("map_at_100")[0] == "map@100" and metrics.score("recall_cap_at_10")[0] is None


def test_capitals_in_a_metrics_name_mean_the_same(tmp_path):
    content = NEW | {"scores": {"test": [{"NDCG@10": 0.31433, "main_score": 0.31433, "hf_subset": "default"}]}}
    (one,) = mteb_json.read(write(tmp_path / "x.json", content), frozenset()).records
    assert (one.metric, one.score) == ("NDCG@10", "ndcg@10")


def test_what_a_model_was_trained_from_is_not_the_model(tmp_path):
    text = CARD.replace("name: tiny", "name: SentenceTransformer based on sentence-transformers/all-MiniLM-L6-v2")
    assert model_index.read(write(tmp_path / "README.md", text), KNOWN).model is None


def test_todays_results_of_mteb(tmp_path):
    path = write(tmp_path / "SciFact.json", NEW)
    card = mteb_json.read(path, frozenset())
    assert [(one.metric, one.printed, one.score, one.unit) for one in card.records] == [
        ("ndcg_at_10", "0.64508", "ndcg@10", "fraction"),
        ("map_at_1000", "0.5", "map@1000", "fraction"),
        ("recall_at_5", "1", "recall@5", "fraction"),
    ]
    assert card.records[0].revision == "d56462d0" and card.remarks == ["computed by mteb 2.1.0"]
    theirs = TaskResult.from_disk(path)
    assert (theirs.task_name, theirs.scores["test"][0]["ndcg_at_10"]) == ("SciFact", float(card.records[0].printed))


def test_older_results_of_mteb_hold_what_its_own_reader_finds(tmp_path):
    path = write(tmp_path / "SciFact.json", OLD)
    card, theirs = mteb_json.read(path, frozenset()), TaskResult.from_disk(path)
    (one,) = card.records
    assert (one.task, one.split, one.subset) == (theirs.task_name, *theirs.scores, theirs.scores["test"][0]["hf_subset"])
    assert float(one.printed) == theirs.scores["test"][0]["main_score"] and one.revision is None


def test_what_mteb_writes_is_read_the_same(tmp_path):
    TaskResult.from_dict(NEW).to_disk(tmp_path / "theirs.json")
    assert plain(mteb_json.read(tmp_path / "theirs.json", frozenset())) == [
        (*row[:6], printed, *row[7:]) for row, printed in zip(plain(mteb_json.read(write(tmp_path / "o.json", NEW), frozenset())), ["0.64508", "0.5", "1"], strict=True)
    ]


def test_a_main_score_alone_is_told_by_a_task_that_is_known(tmp_path):
    alone = NEW | {"scores": {"test": [{"main_score": 0.64508, "hf_subset": "default", "languages": []}]}}
    path = write(tmp_path / "SciFact.json", alone)
    (one,) = mteb_json.read(path, KNOWN).records
    assert (one.metric, one.score) == ("main_score", "ndcg@10") and "MTEB's main score" in one.notes
    card = mteb_json.read(path, frozenset())
    assert card.records == [] and "no retrieval" in card.left_out[0]


def test_tasks_that_are_no_retrieval_are_left_out_by_name(tmp_path):
    sts = {"task_name": "STS12", "scores": {"test": [{"cosine_spearman": 0.7, "main_score": 0.7, "hf_subset": "default"}]}}
    reranking = {"task_name": "AskUbuntu", "scores": {"test": [{"ndcg_at_10": 0.7, "map_at_1000": 0.6, "main_score": 0.6, "hf_subset": "default"}]}}
    for name, content in (("SciFact", NEW), ("STS12", sts), ("AskUbuntu", reranking)):
        write(tmp_path / "r" / f"{name}.json", content)
    card = opening.read(tmp_path / "r", KNOWN)
    assert {one.task for one in card.records} == {"SciFact"}
    assert any("STS12: no retrieval" in one for one in card.left_out) and any("AskUbuntu: reranking" in one for one in card.left_out)


def test_the_results_repository_names_the_model_and_its_revision(tmp_path):
    home = tmp_path / "results" / "org__tiny__two" / "a1b2"
    write(home / "SciFact.json", NEW)
    card = opening.read(tmp_path / "results", KNOWN)
    assert (card.model, card.model_revision) == ("org/tiny__two", "a1b2")
    write(home / "model_meta.json", {"name": "org/tiny", "revision": "a1b2"})
    assert opening.read(home, KNOWN).model == "org/tiny"


ENTRY = EvalResultEntry(dataset_id="mteb/scifact", task_id="SciFact_default_test", value=64.508, dataset_revision="abc", notes="Obtained using MTEB v2.1")
STRANGE = EvalResultEntry(dataset_id="cais/hle", task_id="default", value=20.9)
NAMED = EvalResultEntry(dataset_id="org/pets", task_id="pets", value=12.5, notes="recall_at_5, one run")


def test_eval_results_as_the_hubs_client_writes_them(tmp_path):
    write(tmp_path / ".eval_results" / "a.yaml", yaml.safe_dump(eval_result_entries_to_yaml([ENTRY, STRANGE, NAMED])))
    card = opening.read(tmp_path, KNOWN)
    assert plain(card) == [
        ("SciFact", "mteb/scifact", "abc", "test", "default", "main_score", "64.508", "percent", "ndcg@10"),
        ("pets", "org/pets", None, "", "", "recall_at_5", "12.5", "percent", "recall@5"),
    ]
    assert "names no metric" in card.left_out[0] and "cais/hle" in card.left_out[0]
    assert card.form == ".eval_results" and "MTEB's main score" in card.records[0].notes


def test_a_snapshot_in_the_hubs_cache_says_model_and_commit(tmp_path):
    commit = "0123456789abcdef0123456789abcdef01234567"
    card = opening.read(write(tmp_path / "models--org--tiny" / "snapshots" / commit / "README.md", CARD).parent, KNOWN)
    assert (card.model, card.model_revision) == ("org/tiny", commit)


def test_both_forms_in_one_folder_are_told(tmp_path):
    write(tmp_path / "README.md", CARD)
    write(tmp_path / ".eval_results" / "a.yaml", yaml.safe_dump(eval_result_entries_to_yaml([ENTRY])))
    assert ".eval_results/ is there too" in opening.read(tmp_path, KNOWN).left_out[-1]


BAD = {
    "no index": ("README.md", "---\nlicense: mit\n---\n# tiny\n", "no model-index in front of it; give a card that has one"),
    "two models": ("README.md", "---\nmodel-index:\n- {name: a, results: []}\n- {name: b, results: []}\n---\n", "2 models (a, b); keep the one"),
    "no list": ("card.yaml", "model-index: {name: a}\n", "expected a list with one model"),
    "bare metrics": ("card.yaml", "model-index:\n- {name: a, results: [{task: {type: Retrieval}, dataset: {name: x, type: y}, metrics: [1]}]}\n", "expected type and value"),
    "no task": ("card.yaml", "model-index:\n- {name: a, results: [{metrics: []}]}\n", "expected task: {type: ...}"),
    "two values": ("card.yaml", "model-index:\n- {name: a, results: [{task: {type: Retrieval}, dataset: {name: x, type: y}, "
                   "metrics: [{type: ndcg_at_10, value: 0.5}, {type: ndcg_at_10, value: 0.6}]}]}\n", "printed twice, 0.5 and 0.6"),
    "words": ("card.yaml", "model-index:\n- {name: a, results: [{task: {type: Retrieval}, dataset: {name: x, type: y}, "
              "metrics: [{type: ndcg_at_10, value: high}]}]}\n", "'high' is no number"),
    "nothing left": ("README.md", CARD.replace("{type: Retrieval}", "{type: Clustering}"), "SciFact: a task of the type Clustering, which is no retrieval"),
    "broken yaml": ("README.md", "---\nmodel-index: [\n---\n", "malformed YAML"),
    "no json": ("x.json", "{", "malformed JSON"),
    "other json": ("x.json", '{"a": 1}', "no result of MTEB"),
    "per cent": ("x.json", {**NEW, "scores": {"test": [{"ndcg_at_10": 64.5, "hf_subset": "default"}]}}, "results are fractions"),
    "no scores": ("x.json", {**NEW, "scores": {"test": 3}}, "expected the scores of a split"),
    "empty list": (".eval_results/a.yaml", "[]\n", "expected a list of entries"),
    "no dataset": (".eval_results/a.yaml", "- {value: 3}\n", "an entry needs dataset"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_sources_are_one_line_that_says_what_to_do(tmp_path, name):
    file, content, said = BAD[name]
    path = write(tmp_path / file, content)
    with pytest.raises(InputError) as error:
        opening.read(path, KNOWN)
    assert said in str(error.value) and "\n" not in str(error.value) and str(tmp_path) in str(error.value)


def test_results_of_several_revisions_are_refused(tmp_path):
    for revision in ("aaa", "bbb"):
        write(tmp_path / "org__tiny" / revision / "SciFact.json", NEW)
    with pytest.raises(InputError, match=r"2 models or revisions \(aaa, bbb\); give one"):
        opening.read(tmp_path / "org__tiny", KNOWN)


def test_a_result_that_lies_with_another_revision_is_refused(tmp_path):
    path = write(tmp_path / "org__tiny" / "aaa" / "SciFact.json", NEW)
    write(path.parent / "model_meta.json", {"name": "org/tiny", "revision": "bbb"})
    with pytest.raises(InputError, match="a result of another revision: the folder is of aaa"):
        opening.read(path, KNOWN)


@pytest.mark.parametrize("text", ["# A paper\n\nwords\n", "---\ntitle: A paper\n---\n# A paper\n", "---\nno: [\n---\nwords\n", "no front\n"])
def test_a_paper_in_markdown_is_no_card(tmp_path, text):
    assert opening.recognised(write(tmp_path / "paper.md", text)) is None


def test_numbers_stay_words_and_nothing_is_none(tmp_path):
    found = front.written(write(tmp_path / "a.yaml", "{a: 0.50, b: null, c: no, d: 2024-01-01, e: 'x', f: ~, g: [1e-3]}"))
    assert found == {"a": "0.50", "b": None, "c": "no", "d": "2024-01-01", "e": "x", "f": None, "g": ["1e-3"]}
    assert json.dumps(found)


def test_a_single_file_of_eval_results(tmp_path):
    path = write(tmp_path / "a.yaml", yaml.safe_dump(eval_result_entries_to_yaml([ENTRY])))
    assert [one.printed for one in eval_results.read(path, KNOWN).records] == ["64.508"]

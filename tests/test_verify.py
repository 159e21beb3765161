"""The verify stage, as a user runs it: a model's folder with a card, a folder of data, and one thing that was done otherwise."""

import json
import shutil

import pytest
import yaml

from harness import config, verify
from harness.cards import asked
from harness.cards.record import Card, Record
from harness.errors import InputError
from harness.studies.models import model_folder

WORDS = ["harbour", "quarry", "orchard", "library", "foundry", "bakery", "station", "chapel", "market", "garden"]
ABOUT = ["opens early in the morning", "was closed for the whole winter", "is run by two sisters", "burned down and was built again"]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder, source = tmp_path_factory.mktemp("models") / "tiny-card", model_folder("minilm", config.load())
    for path in source.rglob("*"):
        if path.is_file():
            (folder / path.relative_to(source)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path.resolve(), folder / path.relative_to(source))
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Forty notes in BEIR's layout; a question asks for the four of one place, told by other words."""
    folder = tmp_path_factory.mktemp("data") / "notes"
    (folder / "qrels").mkdir(parents=True)
    notes = [
        {"_id": f"{word}{n}", "title": f"Note {n}", "text": f"The old {word} by the river {about}."}
        for word in WORDS for n, about in enumerate(ABOUT)
    ]  # fmt: skip
    asked_for = [{"_id": f"q{word}", "text": f"what became of the {word}, and who {ABOUT[i % 4][:12]}"} for i, word in enumerate(WORDS)]
    (folder / "corpus.jsonl").write_text("".join(json.dumps(one) + "\n" for one in notes))
    (folder / "queries.jsonl").write_text("".join(json.dumps(one) + "\n" for one in asked_for))
    rows = [f"q{word}\t{word}{n}\t1" for word in WORDS for n in (0, 3)]
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n" + "\n".join(rows) + "\n")
    return folder


def printed(model, data, pooling):
    """What sentence-transformers and pytrec_eval give with a pooling."""
    import numpy as np
    import pytrec_eval
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling

    own = SentenceTransformer(str(model), local_files_only=True)
    if pooling:
        own = SentenceTransformer(modules=[own[0], Pooling(384, pooling), Normalize()])
    notes = [json.loads(line) for line in (data / "corpus.jsonl").read_text().splitlines()]
    questions = [json.loads(line) for line in (data / "queries.jsonl").read_text().splitlines()]
    scores = own.encode([q["text"] for q in questions]) @ own.encode([f"{n['title']} {n['text']}" for n in notes]).T
    run = {q["_id"]: {n["_id"]: float(s) for n, s in zip(notes, row, strict=True)} for q, row in zip(questions, scores, strict=True)}
    qrels: dict[str, dict[str, int]] = {}
    for line in (data / "qrels" / "test.tsv").read_text().splitlines()[1:]:
        query, note, grade = line.split("\t")
        qrels.setdefault(query, {})[note] = int(grade)
    found = pytrec_eval.RelevanceEvaluator(qrels, {"ndcg_cut_10", "recall_5"}).evaluate(run)
    return {name: float(np.mean([row[trec] for row in found.values()])) for name, trec in (("ndcg_at_10", "ndcg_cut_10"), ("recall_at_5", "recall_5"))}


def write_card(model, values):
    metrics = [{"type": name, "value": round(100 * value, 5)} for name, value in values.items()]
    dataset = {"type": "example/notes", "name": "MTEB Notes", "config": "default", "split": "test", "revision": "0" * 40}
    index = [{"name": "tiny-card", "results": [{"task": {"type": "Retrieval"}, "dataset": dataset, "metrics": metrics}]}]
    (model / "README.md").write_text(f"---\n{yaml.safe_dump({'library_name': 'sentence-transformers', 'model-index': index})}---\n# tiny\n")


def test_a_score_that_comes_out_and_one_that_another_pooling_explains(workspace, model, data):
    write_card(model, printed(model, data, None))
    code, said = workspace.stage("verify", "--model", str(model), "--task", str(data))
    assert code == 0 and "2 of 2 that were recomputed come out" in said and "readings" not in said, said
    write_card(model, printed(model, data, "cls"))
    code, said = workspace.stage("verify", "--model", str(model), "--task", str(data))
    assert code == 0 and "0 of 2 that were recomputed come out" in said, said
    assert "2 of 2 printed scores come out with this change: the first token." in said, said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--model", "{model}", "--task", "SciFact"], "prints no such task .it prints: Notes"),
        (["--model", "{data}", "--task", "Notes"], "no model card with results is beside it; give the card .*CARD="),
        (["--model", "nobody", "--task", "Notes"], "MODEL=nobody: no such folder, no model that is defined here"),
        (["--model", "/nowhere", "--task", "Notes"], "MODEL=/nowhere: no such folder"),
        (["--model", "a/b", "--task", "Notes", "--endpoint", "http://127.0.0.1:9"], "MODEL=a/b: there is no such folder here, and its card could not be had"),
        (["--model", "{model}", "--task", "Notes"], "no collection here is known as Notes"),
    ],
)
def test_what_cannot_be_verified_is_one_line(workspace, model, data, given, said):
    write_card(model, {"ndcg_at_10": 0.5})
    words = [word.format(model=model, data=data) for word in given]
    code, told = workspace.stage("verify", *words)
    import re

    assert code != 0 and re.search(said, told) and "Traceback" not in told, told


def test_a_study_that_is_there_stays_where_a_new_one_cannot_be_written(tmp_path):
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "claims.yaml").write_text("old")
    with pytest.raises(InputError), verify._replacing(folder):
        folder.mkdir()
        raise InputError("no such model")
    assert (folder / "claims.yaml").read_text() == "old"
    with verify._replacing(folder):
        folder.mkdir()
    assert list(tmp_path.iterdir()) == [folder] and not list(folder.iterdir())


def record(metric, printed, unit="percent", task="Notes"):
    return Record(task, "example/notes", None, "test", "default", metric, printed, unit, metric, "README.md")


def test_printed_scores_are_intervals_of_fractions_and_dropped_zeros_are_known():
    (one,) = asked.scores_of([record("ndcg@10", "64.5")], False)
    assert (one.metric, one.printed.low, one.printed.high) == ("ndcg@10", pytest.approx(0.6445), pytest.approx(0.6455))
    first, second = asked.scores_of([record("ndcg@10", "0.645", "fraction"), record("mrr@10", "0.12345", "fraction")], True)
    assert first.printed.high - first.printed.low == pytest.approx(1e-5) == second.printed.high - second.printed.low


def test_the_records_are_those_of_the_split_that_was_given(tmp_path):
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "dev.tsv").touch()
    other = Record(**{**vars(record("ndcg@10", "30.1")), "split": "dev"})
    card = Card("model-index", "a/b", None, [record("ndcg@10", "64.5"), other], source="README.md")
    for word in (f"Notes={tmp_path}", f"Notes={tmp_path / 'qrels' / 'dev.tsv'}"):
        assert asked.of_task(card, word)[0].records == [other]


def test_names_of_sentence_transformers_and_odd_ones_stand_beside_their_verdicts(workspace, model, data):
    found = printed(model, data, None)
    write_card(model, {"cosine_ndcg@10": found["ndcg_at_10"], "dot_ndcg@10": 0.123, "an odd name é": 0.5})
    code, said = workspace.stage("verify", "--model", str(model), "--task", str(data))
    assert code == 0 and "prints 3 scores; 1 of 1 that were recomputed come out. 2 scores could not" in said, said
    assert "dot_ndcg@10     12.3" in said and "the model is saved with cosine" in said, said


def test_a_task_that_is_printed_for_two_splits_is_asked_for(workspace, model, data):
    write_card(model, {"ndcg_at_10": 0.5})
    text = (model / "README.md").read_text()
    front = yaml.safe_load(text.split("---")[1])
    (one,) = front["model-index"][0]["results"]
    front["model-index"][0]["results"] = [one, {**one, "dataset": {**one["dataset"], "split": "dev"}}]
    (model / "README.md").write_text(f"---\n{yaml.safe_dump(front)}---\n")
    (data / "qrels" / "dev.tsv").write_text("query-id\tcorpus-id\tscore\nqharbour\tharbour0\t1\n")
    try:
        code, said = workspace.stage("verify", "--model", str(model), "--task", str(data))
    finally:
        (data / "qrels" / "dev.tsv").unlink()
    assert code != 0 and "prints it more than once" in said and "qrels/<split>.tsv" in said and "Traceback" not in said, said


def test_a_task_is_found_by_its_name_its_data_or_the_folders_name(tmp_path):
    (tmp_path / "notes").mkdir()
    card = Card("model-index", "a/b", None, [record("ndcg@10", "64.5"), record("ndcg@10", "30.1", task="Other")], source="README.md")
    for word, place in (("Notes", {}), (f"Notes={tmp_path}", {"Notes": str(tmp_path)}), (str(tmp_path / "notes"), {"Notes": str(tmp_path / "notes")})):
        found, given = asked.of_task(card, word)
        assert [one.task for one in found.records] == ["Notes"] and given == place
    with pytest.raises(InputError, match=f"TASK={tmp_path}: .*write TASK=NAME={tmp_path}"):
        asked.of_task(card, str(tmp_path))

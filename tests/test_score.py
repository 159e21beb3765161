"""The score stage on a study small enough to score by hand."""

import json

import pytest
from pyarrow import parquet

from harness import config as settings
from harness import score
from harness.data.loading import load
from harness.errors import InputError
from harness.rankings import measures, runs
from harness.studies import jobs, prints

EXPERIMENT = """
seeds: [7]
metrics: [mrr@2, recall@2, isoscore, accuracy@1]
collections:
  notes: {embedded: made_notes, original: real_notes}
  own: {embedded: made_notes, original: made_notes}
variants:
  plain: {group: g, collections: [notes, own]}
  other: {group: g, collections: [notes]}
"""
METHOD = '''
"""Ranks nothing: the tests write the runs."""
from harness.studies.method import Settings as Base
class Settings(Base):
    """None."""
def rank(collection, settings, seed, inputs):
    """Never called."""
'''
NOTES = """
def build(settings):
    documents = {"document_ids": ["d1", "d2", "d3"], "titles": ["", "", ""], "texts": ["a", "b", "c"]}
    queries = {"query_ids": ["q1", "q2", "q3"], "queries": ["a", "b", "c"]}
    return {**documents, **queries, "qrels": {"q1": {"d1": 1}, "q2": {"d1": 1, "d2": 2}, "q3": {"d3": 1}}, "labels": {}}
"""
DEFINITION = "{title: t, reader: made, build: notes.py, settings: {}, split: test, licence: own, counts: {documents: 3}}"
RUN = {"q1": [("d2", 0.5), ("d1", 0.5)], "q2": [("d1", 0.9), ("d3", 0.5)]}  # q1 is a tie; q3 is missing
MEASURES = [
    ("plain", "notes", "isoscore", None, 0.25),
    ("plain", "notes", "accuracy@1", "q1", 1.0),
    ("plain", "notes", "accuracy@1", "q2", 0.0),
]


@pytest.fixture
def study(workspace, monkeypatch):
    """Write the study, its collection and what a rank stage would have left; return its config."""
    files = {"claims.yaml": "{title: t, documents: {}, metrics: {}}", "experiment.yaml": EXPERIMENT, "method.py": METHOD}
    folder = workspace.folder / "baselines" / "toy"
    (folder / "collections").mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    (folder / "collections" / "made_notes.yaml").write_text(DEFINITION)
    (folder / "collections" / "notes.py").write_text(NOTES)
    config = settings.load(workspace.folder, {"fidelity": "embedded", "mirror": None})
    notes = load("made_notes", config)
    for name in ("plain.notes", "plain.own", "other.notes"):
        runs.write(ranked(config) / f"{name}.trec.gz", RUN, notes, "toy")
    measures.write_measures(ranked(config) / "measures.csv", MEASURES)
    prints.mark(ranked(config), prints.of(*jobs.find_job(config, "toy", "g", "7"), config)["rank"])
    return config


def ranked(config):
    return config.folder / "toy" / "g" / "7" / "rank"


def scored(config):
    import pandas as pd

    chosen, job = jobs.find_job(config, "toy", "g", "7")
    return pd.DataFrame(score.score(chosen, job, config), columns=score.COLUMNS)


def value(frame, metric, query=None, variant="plain", role="notes"):
    of = frame[(frame.variant == variant) & (frame.collection == role) & (frame.metric == metric)]
    found = of[of.query_id.isna() if query is None else of.query_id == query].value.tolist()
    assert len(found) == 1, found
    return found[0]


def test_scores_by_hand(study, capsys):
    frame = scored(study)
    assert [value(frame, "mrr@2", q) for q in ("q1", "q2", "q3")] == [0.5, 1, 0]
    assert value(frame, "mrr@2") == 0.5 and value(frame, "recall@2") == (1 + 0.5 + 0) / 3
    assert value(frame, "missing_queries") == 1 and "1 queries have no ranking" in capsys.readouterr().err
    assert value(frame, "isoscore") == 0.25
    assert (value(frame, "accuracy@1"), value(frame, "accuracy@1", "q1")) == (0.5, 1)
    assert set(frame.seed) == {7} and set(frame.study) == {"toy"}
    assert not frame.duplicated(["variant", "collection", "metric", "query_id"]).any()
    measured = frame[frame.metric == "isoscore"]
    assert set(zip(measured.variant, measured.collection, strict=True)) == {("plain", "notes")}  # absent is not zero


def test_fidelity_is_that_of_what_was_used(study):
    frame = scored(study)
    assert frame.groupby("collection").evaluation.unique().map(list).to_dict() == {"notes": ["embedded"], "own": ["embedded"]}
    assert set(frame.encoder) == set(frame.training) == {"none"}


def test_the_stage_writes_the_same_table_whole(study, workspace):
    arguments = ("--study", "toy", "--group", "g", "--seed", "7", "--config", json.dumps({"fidelity": "embedded"}))
    import pandas as pd

    code, said = workspace.stage("score", *arguments)
    assert code == 0, said
    folder = study.folder / "toy" / "g" / "7"
    written = pd.read_parquet(folder / "scores.parquet")
    pd.testing.assert_frame_equal(written, scored(study), check_dtype=False, check_exact=True)
    assert written.seed.dtype == "int64" and written.value.dtype == "float64"
    first = (folder / "scores.parquet").read_bytes()
    (ranked(study) / "plain.own.trec.gz").write_bytes(b"")
    code, said = workspace.stage("score", *arguments)
    assert code == 2 and "plain.own.trec.gz: it is damaged or was edited" in said and "Traceback" not in said
    (ranked(study) / "plain.own.trec.gz").unlink()
    code, said = workspace.stage("score", *arguments)
    assert code == 2 and "plain.own.trec.gz: it is gone" in said and "rm -r" in said
    assert (folder / "scores.parquet").read_bytes() == first
    assert sorted(path.name for path in folder.iterdir()) == ["rank", "scores.parquet"]


def test_rankings_made_otherwise_are_not_scored(study, workspace):
    arguments = ("--study", "toy", "--group", "g", "--seed", "7", "--config", json.dumps({"fidelity": "embedded"}))
    for left in ("older", None):
        (ranked(study) / prints.NAME).unlink()
        if left:
            prints.mark(ranked(study), left)
        code, said = workspace.stage("score", *arguments)
        assert code == 2 and f"rm -r '{ranked(study)}'" in said and "Traceback" not in said
        prints.mark(ranked(study), "there")
    assert not (study.folder / "toy/g/7/scores.parquet").exists()


def test_a_failed_write_leaves_the_old_table(tmp_path, monkeypatch):
    row = ("toy", "plain", 7, "notes", "mrr@2", None, 0.5, None, "embedded", "none", "none")
    score.write(tmp_path / "scores.parquet", [row], "made so")
    before = (tmp_path / "scores.parquet").read_bytes()

    def full(table, path):
        path.write_bytes(b"PAR1 and no more")
        raise OSError("No space left on device")

    monkeypatch.setattr(parquet, "write_table", full)
    with pytest.raises(OSError, match="No space"):
        score.write(tmp_path / "scores.parquet", [row, row], "made so")
    assert (tmp_path / "scores.parquet").read_bytes() == before and len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("recall@2", "recal@2", ["experiment.yaml", "'recal@2'", "did you mean 'recall@2'"]),
        ("accuracy@1", "acuracy@1", ["'acuracy@1'", "did you mean 'accuracy@1'"]),
        ("recall@2", "recall@5000", ["'recall@5000'", "1000"]),
    ],
)
def test_an_unknown_metric_stops_the_stage(study, old, new, words):
    path = study.root / "baselines/toy/experiment.yaml"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(InputError) as caught:
        scored(study)
    assert all(word in str(caught.value) for word in words), caught.value


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("plain", "notes", "accuracy@1", None, 0.7), "'accuracy@1' on notes is given both whole and by query"),
        (("plain", "notes", "mrr@2", None, 0.7), "'mrr@2' is computed by the harness"),
        (("plain", "notes", "missing_queries", None, 0.0), "'missing_queries' is computed by the harness"),
    ],
)
def test_a_measure_that_clashes_is_refused(study, row, words):
    measures.write_measures(ranked(study) / "measures.csv", [*MEASURES, row])
    with pytest.raises(InputError, match=words):
        scored(study)


def test_an_unknown_job_is_named_with_the_known(study):
    with pytest.raises(InputError, match=r"no job 'g/8'.*did you mean 'g/7'"):
        jobs.find_job(study, "toy", "g", "8")

"""Giving back: what was computed in the field's own forms, read by the field's own libraries; importing it gives the same claims."""

import gzip
import json

import pytest
import yaml
from huggingface_hub import ModelCard, parse_eval_result_entries
from mteb.results import TaskResult

from harness import config as settings
from harness import export
from harness.cards import columns, computed, opening, study
from harness.cards.record import Card, Record
from harness.errors import InputError
from harness.ledger import reading
from harness.pages import display, verdict_rows
from harness.text import read_yaml

VALUES = {"ndcg@10": 0.8154648767857288, "map@1000": 0.75, "mrr@10": 0.75}
NAMES = {"ndcg@10": "ndcg_at_10", "map@1000": "map_at_1000", "mrr@10": "mrr_at_10"}
PARTS = (None, "original", "original", "none")  # cluster, evaluation, encoder, training


@pytest.fixture
def ran(workspace, encoder, pets):
    """A card's study whose run is there: scores of two queries, a run file, verdicts."""
    workspace.take("collections/scifact.yaml")
    config = settings.load(workspace.folder, {"fidelity": "original"})
    records = [Record("Pets", "org/pets", None, "test", "default", NAMES[name], "0.75", "fraction", name, "Pets.json, scores.test[0]") for name in VALUES]
    card = Card("MTEB results", "org/tiny", None, records, [], "results")
    folder = workspace.folder / "replications" / "x"
    study.write(card, "x", folder, config=config, model=encoder, tasks={"Pets": str(pets)})
    rows = []
    for metric, value in VALUES.items():
        gap = 1 - value
        by_query = {None: value, "q1": 1.0, "q2": 1 - 2 * gap}
        rows += [("x", "as_saved", 0, "pets", metric, query, one, *PARTS) for query, one in by_query.items()]
    place = workspace.scores("x/as_saved/0", rows, fidelity="original").parent
    (place / "rank").mkdir()
    (place / "rank" / "as_saved.pets.trec.gz").write_bytes(gzip.compress(b"q1 Q0 d0 1 0.5 as_saved\nq2 Q0 d1 1 0.5 as_saved\n"))
    return workspace, config


def given(ran, form, place, *more):
    workspace, _ = ran
    to = workspace.folder / "out" / place
    export.main(["--root", str(workspace.folder), "--fidelity", "original", "--study", "x", "--as", form, "--to", str(to), *more])
    return to


KNOWN = frozenset({"Pets", "org/pets"})


def again(ran, source):
    """Import what was exported: the records, and the ledger of a second study."""
    workspace, config = ran
    card = opening.read(source, KNOWN)
    folder = workspace.folder / "replications" / "y"
    study.write(card, "y", folder, config=config, model=str(workspace.folder / "tiny"), tasks={"Pets": "x_pets"})
    return card, reading.load(folder, {"as_saved"}, {"pets"})


def stated(ledger):
    return {claim.id: (claim.metric, claim.collection, claim.variant, claim.n, claim.kind, claim.status) for claim in ledger.claims}


def first(ran):
    return reading.load(ran[0].folder / "replications" / "x", {"as_saved"}, {"pets"})


def test_mteb_reads_its_form_and_so_do_we(ran):
    to = given(ran, "mteb", "m")
    theirs = TaskResult.from_disk(to / "Pets.json", load_historic_data=False)
    (scores,) = theirs.scores["test"]
    assert (theirs.task_name, theirs.mteb_version, scores["hf_subset"]) == ("Pets", None, "default")
    assert {name: scores[NAMES[name]] for name in VALUES} == VALUES and scores["main_score"] == VALUES["ndcg@10"]
    card, ledger = again(ran, to)
    assert card.model == "org/tiny" and card.records[0].revision is None
    assert {one.score: float(one.printed) for one in card.records} == VALUES
    assert stated(ledger) == stated(first(ran))


def test_a_model_index_is_read_by_the_hubs_client_and_by_us(ran):
    to = given(ran, "model-index", "card.md")
    results = ModelCard.load(to).data.eval_results
    assert [(one.dataset_type, one.metric_type, one.metric_value) for one in results] == [
        ("org/pets", NAMES[name], computed.percent(value)) for name, value in VALUES.items()
    ]
    card, ledger = again(ran, to)
    assert {one.score: float(one.printed) / 100 for one in card.records} == pytest.approx(VALUES, abs=1e-15)
    assert {one.unit for one in card.records} == {"percent"} and stated(ledger) == stated(first(ran))


def test_eval_results_are_read_by_the_hubs_client_and_by_us(ran):
    to = given(ran, "eval_results", "pets.yaml")
    (entry,) = parse_eval_result_entries(yaml.safe_load(to.read_text()))
    assert (entry.dataset_id, entry.task_id, entry.value, entry.dataset_revision) == ("org/pets", "Pets_default_test", 81.54648767857288, None)
    card, ledger = again(ran, to)
    assert [(one.task, one.split, one.score, one.printed) for one in card.records] == [("Pets", "test", "ndcg@10", repr(computed.percent(VALUES["ndcg@10"])))]
    kept = {name: what for name, what in stated(first(ran)).items() if what[0] == "ndcg@10"}
    assert stated(ledger) == kept


def test_runs_are_plain_text_and_described(ran):
    to = given(ran, "trec", "runs")
    assert (to / "as_saved.pets.0.run").read_text().splitlines()[0].split() == ["q1", "Q0", "d0", "1", "0.5", "as_saved"]
    assert list(read_yaml(to / "columns.yaml")) == list(columns.TREC)


def test_verdicts_are_given_back_with_every_column_described(ran):
    from pyarrow import parquet

    workspace, config = ran
    for stage, *more in (("audit", "--output", "results/original/findings.csv"), ("judge", "--study", "x")):
        code, said = workspace.stage(stage, "--fidelity", "original", *more, "--studies", "x")
        assert code == 0, said
    rows = verdict_rows.read(config.folder / "x" / "verdicts.csv")
    assert [row["verdict"] for row in rows] == ["contradicted", "exact", "exact"]
    to = given(ran, "csv", "v.csv")
    assert to.read_text() == (config.folder / "x" / "verdicts.csv").read_text()
    assert list(read_yaml(to.with_name("v.csv.columns.yaml"))) == list(rows[0])
    table = parquet.read_table(given(ran, "parquet", "v.parquet"))
    assert all(field.metadata[b"description"].decode() == columns.VERDICTS[field.name] for field in table.schema)
    assert table["recomputed"].to_pylist() == [float(row["recomputed"]) for row in rows] and table["p"].to_pylist() == [None] * 3


def test_every_column_of_the_verdicts_is_described():
    assert list(columns.VERDICTS) == list(display.COLUMNS) and set(columns.NUMBERS) < set(display.COLUMNS)


def test_a_variant_that_is_no_model_as_it_was_saved_names_no_model(ran):
    workspace, _ = ran
    path = workspace.folder / "replications" / "x" / "experiment.yaml"
    path.write_text(path.read_text().replace("pooling: saved", "pooling: cls"))
    rows = [("x", "as_saved", 0, "pets", "ndcg@10", None, 0.5, *PARTS)]
    workspace.scores("x/as_saved/0", rows, fidelity="original")
    to = given(ran, "mteb", "m")
    assert [path.name for path in to.iterdir()] == ["Pets.json"]
    assert "name: x/as_saved" in given(ran, "model-index", "c.md").read_text()


WRONG = {
    "no form": (("bibtex", "a"), "--as: 'bibtex' is no form"),
    "no variant": (("mteb", "a", "--variant", "saved"), r"no scores of 'saved' \(did you mean 'as_saved'"),
    "all variants": (("csv", "a", "--variant", "as_saved"), "csv holds all variants"),
    "not judged": (("csv", "a"), "verdicts.csv: missing; run"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_one_line(ran, name):
    words, said = WRONG[name]
    with pytest.raises(InputError, match=said) as error:
        given(ran, *words)
    assert "\n" not in str(error.value) and not (ran[0].folder / "out").exists()


def test_nothing_is_overwritten_and_what_was_not_run_is_said(ran):
    to = given(ran, "mteb", "m")
    with pytest.raises(InputError, match="is there already, and nothing is overwritten"):
        given(ran, "mteb", "m")
    assert json.loads((to / "Pets.json").read_text())["task_name"] == "Pets"
    workspace, _ = ran
    with pytest.raises(InputError, match="no scores at fidelity embedded; run `make tables"):
        export.main(["--root", str(workspace.folder), "--fidelity", "embedded", "--study", "x", "--as", "mteb", "--to", str(to / "z")])


def test_without_the_main_score_mtebs_form_is_refused(ran):
    workspace, _ = ran
    path = workspace.folder / "replications" / "x" / "experiment.yaml"
    path.write_text(path.read_text().replace("[ndcg@10, map@1000, mrr@10]", "[map@1000]"))
    workspace.scores("x/as_saved/0", [("x", "as_saved", 0, "pets", "map@1000", None, 0.5, *PARTS)], fidelity="original")
    with pytest.raises(InputError, match="MTEB's form needs ndcg_at_10; add ndcg@10 to metrics"):
        given(ran, "mteb", "m")
    with pytest.raises(InputError, match="ndcg_at_10 was not computed"):
        given(ran, "eval_results", "e.yaml")


def test_a_collection_that_is_not_on_the_hub_has_no_place_in_eval_results(ran):
    workspace, _ = ran
    path = workspace.folder / "replications" / "x" / "collections" / "x_pets.yaml"
    path.write_text(path.read_text().replace("tasks: [Pets, org/pets]", "tasks: [Pets]"))
    workspace.scores("x/as_saved/0", [("x", "as_saved", 0, "pets", "ndcg@10", None, 0.5, *PARTS)], fidelity="original")
    with pytest.raises(InputError, match="names no data set of the Hub"):
        given(ran, "eval_results", "e.yaml")

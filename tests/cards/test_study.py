"""The study of a card: a ledger that its reader accepts, an experiment that says all, materials linked and pinned; what is wrong is one line."""

import dataclasses
import hashlib
import json
import shutil

import pytest
import yaml

from harness import config as settings
from harness import draft
from harness.cards import margin, study, tasks
from harness.cards.record import Card, Record
from harness.data import asset, definition, loading
from harness.errors import InputError
from harness.studies import study as studies
from harness.studies.fidelity import materials
from harness.studies.study import Study
from tests.cards.conftest import write

SHA, OTHER = "0123456789abcdef0123456789abcdef01234567", "f" * 40


def record(task="Pets", metric="ndcg_at_10", printed="0.5", score="ndcg@10", split="test", dataset=None, unit="fraction", notes=""):
    return Record(task, dataset, None, split, "default", metric, printed, unit, score, f"{task}.json, scores.{split}[0]", notes)


def card(*records, model="org/tiny", revision=None, form="MTEB results"):
    return Card(form, model, revision, list(records) or [record()], ["STS12: no retrieval"], "results", [])


@pytest.fixture
def made(workspace, encoder, pets):
    """Write a card's study in a workspace; return its folder, or load it whole."""
    workspace.take("collections", "models")
    config = settings.load(workspace.folder, {"fidelity": "original"})

    def write_study(given=None, name="x", **more):
        folder = workspace.folder / "replications" / name
        more = {"model": encoder, "tasks": {"Pets": str(pets)}, "config": config} | more
        return folder, study.write(given or card(), name, folder, **more)

    write_study.config = config
    return write_study


def loaded(folder, config) -> Study:
    return studies.load(folder, studies.folders(config), "original")


def test_a_study_holds_what_is_printed_and_its_materials_are_the_sources_own(made, encoder, pets):
    folder, left = made(card(record(), record(metric="map_at_1000", printed="0.45", score="map@1000"), record("Birds")))
    found = loaded(folder, made.config)
    claims = {claim.id: claim for claim in found.ledger.claims}
    assert left == ["Birds: no collection here is known as Birds; give one: --task Birds=NAME or FOLDER"]
    assert list(claims) == ["records.pets.ndcg@10", "records.pets.map@1000", "records.birds.ndcg@10"]
    one = claims["records.pets.ndcg@10"]
    assert (one.printed, one.unit, one.metric, one.collection, one.variant, one.n, one.model) == (
        "0.5", "fraction", "ndcg@10", "pets", "as_saved", 2, "org/tiny",
    )  # fmt: skip
    assert one.same_queries is True and one.decidable_at.told == "original" and one.decimals == 2 and one.margin.value == 0.005
    assert claims["records.birds.ndcg@10"].untested == left[0].removeprefix("Birds: ")
    assert found.ledger.metrics["map@1000"].cutoff == 1000
    assert "Pets.json, scores.test[0]" in one.place and "#   STS12: no retrieval" in (folder / "claims.yaml").read_text()
    known = materials(made.config)
    assert {kind: known.of(kind, *role) for kind, role in {
        "models": (found.experiment.models["model"], "x_model"), "collections": (found.experiment.collections["pets"], "x_pets"),
    }.items()} == {"models": "original", "collections": "original"}  # fmt: skip
    assert found.experiment.metrics == ["ndcg@10", "map@1000"]
    assert asset.files(folder / "models" / "x_model.yaml", made.config)["model.safetensors"].resolve() == encoder / "model.safetensors"
    assert loading.load("x_pets", made.config).queries == ["what do cats do", "what circles the earth"]


def test_what_is_linked_is_pinned_as_it_is(made, encoder, pets):
    folder, _ = made()
    raw = definition.read_mapping(folder / "models" / "x_model.yaml")
    assert raw["files"]["model.safetensors"] == {"bytes": 7, "sha256": hashlib.sha256(b"weights").hexdigest()}
    assert {"1_Pooling/config.json", "modules.json", "config_sentence_transformers.json"} < raw["files"].keys()
    raw = definition.read_mapping(folder / "collections" / "x_pets.yaml")
    assert raw["counts"] == {"documents": 3, "queries": 2, "qrels": 2} and raw["tasks"] == ["Pets"]
    (pets / "corpus.jsonl").write_text((pets / "corpus.jsonl").read_text().replace("Cats", "Bats"))
    with pytest.raises(InputError, match=r"corpus.jsonl: altered"):
        loading.load("x_pets", made.config)


def test_a_model_saved_with_the_inner_product_is_not_normalised(made, encoder):
    write(encoder / "config_sentence_transformers.json", {"similarity_fn_name": "dot"})
    folder, _ = made()
    assert loaded(folder, made.config).variants[0].encoder.normalise is False


def test_a_collection_that_is_known_by_the_tasks_name_is_the_sources_own(made):
    given = card(record("SciFact", dataset="mteb/scifact"), record("SciFact", split="dev"))
    folder, left = made(given, tasks={})
    found = loaded(folder, made.config)
    assert found.experiment.collections["scifact"].identity == "BEIR SciFact, test" and found.experiment.collections["scifact"].embedded is None
    assert found.ledger.claims[0].n == 300
    assert left == ["SciFact: it is of the split dev, and the collection scifact is of test"]
    assert [claim.id for claim in found.ledger.claims] == ["records.scifact.ndcg@10", "records.scifact_dev.ndcg@10"]


def test_a_collection_that_its_definition_does_not_know_so_is_a_stand_in(made):
    folder, _ = made(card(record("ArguAna")), tasks={"ArguAna": "scifact"})
    found = loaded(folder, made.config)
    assert materials(made.config).of("collections", found.experiment.collections["arguana"], "scifact") == "substitute"


def test_a_model_that_is_not_the_cards_own_is_a_stand_in(made):
    folder, _ = made(card(model="org/other"), model="minilm")
    found = loaded(folder, made.config)
    assert materials(made.config).of("models", found.experiment.models["model"], "minilm") == "substitute"


def test_without_a_task_that_can_be_run_the_ledger_stands_alone(made):
    folder, left = made(card(record("Birds"), model=None), model=None, tasks={})
    assert sorted(path.name for path in folder.iterdir()) == ["README.md", "claims.yaml"] and len(left) == 1
    assert loaded(folder, made.config).ledger.claims[0].untested


def test_what_nothing_computes_is_untested_with_its_reason(made):
    folder, _ = made(card(record(), record(metric="cosine_map@100", score=None, notes="another map")))
    other = loaded(folder, made.config).ledger.claims[1]
    assert (other.id, other.untested, other.metric) == ("records.pets.cosine_map@100", "another map", None)


def printed_twice(prefix):
    return [record(metric=f"{prefix}_{name}", score=name) for name in ("ndcg@10", "recall@5")]


def reasons(folder, config):
    return {claim.id.removeprefix("records.pets."): claim.untested for claim in loaded(folder, config).ledger.claims}


def test_values_of_the_other_similarity_are_untested(made, encoder):
    both = card(*printed_twice("cosine"), *printed_twice("dot"), form="model-index")
    folder, _ = made(both)
    found = reasons(folder, made.config)
    assert found["ndcg@10"] is None and found["recall@5"] is None
    assert found["dot_ndcg@10"] == found["dot_recall@5"] == "it is of the similarity dot, and the model is saved with cosine"
    write(encoder / "config_sentence_transformers.json", {"similarity_fn_name": "dot"})
    folder, _ = made(both, "y")
    assert "saved with dot" in reasons(folder, made.config)["cosine_ndcg@10"]


def test_a_metric_that_is_printed_under_two_names_is_held_against_the_run_once(made):
    folder, _ = made(card(record(metric="hit_rate_at_5", score="hit_rate@5"), record(metric="accuracy_at_5", score="hit_rate@5")))
    assert "prints this metric too" in reasons(folder, made.config)["accuracy_at_5"]


def test_sentence_transformers_ndcg_says_nothing_of_judgements_with_grades(made, pets):
    path = pets / "qrels" / "test.tsv"
    path.write_text(path.read_text().replace("d0\t1", "d0\t2"))
    folder, _ = made(card(*printed_twice("cosine"), form="model-index"))
    found = reasons(folder, made.config)
    assert found["recall@5"] is None and "have grades" in found["cosine_ndcg@10"]


@pytest.mark.parametrize(
    ("printed", "unit", "value"),
    [(["0.64508"], "fraction", 0.0005), (["64.508", "60.1"], "percent", 0.05), (["0.65"], "fraction", 0.005), (["64"], "percent", 0.5),
     (["62.958000000000006"], "percent", 0.05), (["0.3", "0.64508"], "fraction", 0.0005), (["2e-5"], "fraction", 0.0005)],
)  # fmt: skip
def test_the_margin_is_one_stated_rule(printed, unit, value):
    found = margin.margin(printed, unit)
    assert found["value"] == pytest.approx(value) and "half a unit of the last printed digit" in found["reason"]


def test_a_value_printed_twice_is_told_and_another_value_is_a_row_of_its_own():
    found, again = tasks.grouped([record(), record(), record(printed="0.6")])
    assert [(task.key, task.records["ndcg_at_10"].printed) for task in found] == [("pets", "0.5"), ("pets_test", "0.6")] and len(again) == 1


def both_splits(pets):
    shutil.copy(pets / "qrels" / "test.tsv", pets / "qrels" / "dev.tsv")
    return str(pets)


def test_a_folder_with_two_splits_is_read_by_the_records_split_or_the_file_that_is_named(made, pets):
    folder, _ = made(tasks={"Pets": both_splits(pets)})
    assert definition.read_mapping(folder / "collections" / "x_pets.yaml")["split"] == "test"
    folder, _ = made(card(record(split="")), "y", tasks={"Pets": str(pets / "qrels" / "dev.tsv")})
    assert definition.read_mapping(folder / "collections" / "y_pets.yaml")["split"] == "dev"
    assert "the source names no split" in (folder / "claims.yaml").read_text()


WRONG = {
    "two splits": (lambda pets, encoder: ({"tasks": {"Pets": both_splits(pets)}}, card(record(split=""))), "the record names no split, and .* has dev.tsv, test.tsv; name the file"),
    "another split": (lambda pets, encoder: ({}, card(record(split="dev"))), "the record is of the split dev, and .* has test.tsv"),
    "no corpus": (lambda pets, encoder: ((pets / "corpus.jsonl").unlink(), ({}, None))[1], "no corpus.jsonl"),
    "no qrels": (lambda pets, encoder: (shutil.rmtree(pets / "qrels"), ({}, None))[1], "has no qrels/<split>.tsv"),
    "no such task": (lambda pets, encoder: ({"tasks": {"Pest": "scifact"}}, None), r"--task Pest: the source has no such task \(did you mean 'Pets'"),
    "no such collection": (lambda pets, encoder: ({"tasks": {"Pets": "scifcat"}}, None), r"no collection here and no folder \(did you mean 'scifact'"),
    "wrong split of a collection": (lambda pets, encoder: ({"tasks": {"Pets": "scifact"}}, card(record(split="dev"))), "of the split dev, and the collection scifact is of test"),
    "remote code": (lambda pets, encoder: (write(encoder / "config.json", {"auto_map": {}}), ({}, None))[1], "code of its own, which is never run; take"),
    "a pickle": (lambda pets, encoder: ((encoder / "model.safetensors").rename(encoder / "pytorch_model.bin"), ({}, None))[1], "pickle, which is not loaded"),
    "no encoder": (lambda pets, encoder: ((encoder / "tokenizer.json").unlink(), ({}, None))[1], "is no encoder: it lacks"),
    "no model": (lambda pets, encoder: ({"model": None}, card(model=None)), "does not say which model its values are of; write --model"),
    "no such model": (lambda pets, encoder: ({"model": "minlim"}, None), r"no org/name of the Hub \(did you mean 'minilm'"),
    "no records": (lambda pets, encoder: ({}, Card("model-index", "a", None, [], ["STS12: no retrieval"], "README.md")), "no record of a retrieval task in it; left out: STS12"),
    "no name": (lambda pets, encoder: ({"name": "a b"}, None), "cannot be named"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_one_line_and_nothing_is_written(made, pets, encoder, workspace, name):
    prepare, said = WRONG[name]
    options, given = prepare(pets, encoder)
    with pytest.raises(InputError, match=said) as error:
        made(given, **options)
    assert "\n" not in str(error.value)
    home = workspace.folder / "replications"
    assert not home.exists() or list(home.iterdir()) == []


def test_nothing_that_is_there_is_overwritten(made):
    folder, _ = made()
    before = (folder / "claims.yaml").read_bytes()
    with pytest.raises(InputError, match="nothing in it is overwritten"):
        made()
    assert (folder / "claims.yaml").read_bytes() == before


def test_the_draft_stage_takes_the_model_that_the_card_lies_in(workspace, encoder, pets):
    workspace.take("collections", "models")
    index = [{"name": "tiny", "results": [{"task": {"type": "Retrieval"}, "dataset": {"type": "Pets", "name": "Pets", "split": "test"},
             "metrics": [{"type": "ndcg_at_10", "value": 50.5}]}]}]  # fmt: skip
    write(encoder / "README.md", f"---\n{yaml.safe_dump({'license': 'mit', 'model-index': index})}---\n")
    outside = workspace.folder / "elsewhere"
    outside.mkdir()
    code, said = workspace.stage("draft", str(encoder), "--name", "cardy", "--into", str(outside), "--task", f"Pets={pets}")
    assert code == 0, said
    assert "1 record of tiny (model-index)" in said and f"make tables STUDIES={outside}/cardy FIDELITY=original" in said
    raw = yaml.safe_load((outside / "cardy" / "claims.yaml").read_text())
    assert raw["tables"][0]["rows"]["pets"]["printed"] == ["50.5"] and raw["tables"][0]["unit"] == "percent"
    assert definition.read_mapping(outside / "cardy" / "models" / "cardy_model.yaml")["licence"] == "mit"
    code, said = workspace.stage("audit", "--studies", f"{outside}/cardy")
    assert code == 0 and "1 claims of 1 studies audited" in said
    code, said = workspace.stage("draft", str(encoder), "--name", "cardy", "--into", str(outside))
    assert code == 2 and "nothing in it is overwritten" in said and said.count("\n") == 1


def test_options_of_a_card_mean_nothing_for_a_paper(tmp_path, monkeypatch):
    path = write(tmp_path / "p.md", "# A paper\n\n| a | b |\n|---|---|\n| x | 1.5 |\n")
    monkeypatch.setattr("sys.argv", ["draft", str(path), "--name", "p", "--model", "minilm"])
    with pytest.raises(InputError, match="--model: for a model card or result files alone"):
        draft.main()


def test_a_broken_pair_is_said(tmp_path, monkeypatch):
    path = write(tmp_path / "x.json", {"task_name": "Pets", "scores": {"test": [{"ndcg_at_10": 0.5}]}})
    monkeypatch.setattr("sys.argv", ["draft", str(path), "--name", "p_of_card", "--into", str(tmp_path), "--task", "Pets"])
    with pytest.raises(InputError, match="--task Pets: write TASK=COLLECTION"):
        draft.main()


class Hub:
    """The Hub's answers for one repository, as `hub.ask` returns them."""

    def __init__(self, files, sha=SHA):
        self.files, self.sha = files, sha

    def __call__(self, address, kind, absent):
        from pydantic import TypeAdapter

        if "/revision/" in address:
            return TypeAdapter(kind).validate_python({"sha": self.sha, "cardData": {"license": "mit"}}), ""
        return TypeAdapter(kind).validate_python(self.files), ""


@pytest.fixture
def hub(encoder, monkeypatch):
    listed = [{"type": "file", "path": path.relative_to(encoder).as_posix(), "size": path.stat().st_size,
               **({"lfs": {"oid": hashlib.sha256(path.read_bytes()).hexdigest(), "size": path.stat().st_size}} if path.suffix == ".safetensors" else {})}
              for path in sorted(encoder.rglob("*")) if path.is_file()]  # fmt: skip
    answers = Hub(listed)
    monkeypatch.setattr("harness.data.hub.ask", answers)
    return answers


def test_a_model_of_the_hub_is_pinned_at_the_cards_commit(made, hub, encoder, tmp_path):
    (tmp_path / "mirror").mkdir()
    shutil.copytree(encoder, tmp_path / "mirror" / "tiny")
    config = made.config.model_copy(update={"mirror": str(tmp_path / "mirror"), "download": False})
    folder, _ = made(card(revision=SHA), model=None, config=config)
    raw = definition.read_mapping(folder / "models" / "x_model.yaml")
    assert raw["identity"] == "org/tiny" and raw["origin"] == f"org/tiny at {SHA}" and raw["sources"]["download"].endswith(SHA)
    found = loaded(folder, made.config)
    assert materials(made.config).of("models", found.experiment.models["model"], "x_model") == "original"
    assert f"org/tiny at {SHA}" in (folder / "claims.yaml").read_text()


def test_a_result_of_another_revision_is_refused(made, hub):
    hub.sha = OTHER
    with pytest.raises(InputError, match=f"of the model's revision {SHA}, but the Hub's org/tiny is {OTHER}"):
        made(card(revision=SHA), model="org/tiny")


def test_a_snapshot_of_the_hubs_cache_shows_its_commit(made, encoder, tmp_path):
    snapshot = tmp_path / "models--org--tiny" / "snapshots" / SHA
    shutil.copytree(encoder, snapshot)
    folder, _ = made(card(model=None, revision=SHA), model=snapshot)
    raw = definition.read_mapping(folder / "models" / "x_model.yaml")
    assert raw["identity"] == "org/tiny" and raw["origin"].startswith(f"org/tiny at {SHA}")
    with pytest.raises(InputError, match=f"of the model's revision {OTHER}, but the folder {SHA} is {SHA}"):
        made(card(revision=OTHER), "y", model=snapshot)


def test_a_gated_model_without_a_token_is_one_line(made, monkeypatch):
    class Reply:
        status_code, ok = 401, False

    monkeypatch.setattr("harness.data.hub.requests.get", lambda *_, **__: Reply())
    with pytest.raises(InputError, match=r"the Hub shows no 'org/tiny' at 'main' \(status 401.*needs HF_TOKEN") as error:
        made(model=None)
    assert "\n" not in str(error.value)


def test_without_network_one_line_says_so(made, monkeypatch):
    import requests

    def fail(*_, **__):
        raise requests.ConnectionError

    monkeypatch.setattr("harness.data.hub.requests.get", fail)
    with pytest.raises(InputError, match=r"huggingface.co.*no whole answer"):
        made(model=None)


def test_two_collections_of_one_name_must_be_told_apart(made, workspace, pets):
    folder, _ = made()
    with pytest.raises(InputError, match=r"several collections are known by this name \(x_pets, z\)"):
        shutil.copy(folder / "collections" / "x_pets.yaml", workspace.folder / "collections" / "z.yaml")
        made(name="y", tasks={})


def test_the_projects_own_collections_say_by_which_names_they_are_known():
    known = tasks.known(settings.load())
    assert known.named["SciFact"] == ["scifact"] and known.named["mteb/nfcorpus"] == ["nfcorpus"]
    assert json.dumps(sorted(known.names))


ODD = ["a\nb", "{row}", "no", "123", "../x", "x" * 3000, "'\"", "# c", "a: b", "ünï \u202e", "-", "*a", "\x00", "TODO"]


@pytest.mark.parametrize("key", ["task", "dataset", "revision", "split", "subset", "metric", "place", "notes"])
def test_whatever_words_a_source_uses_the_ledger_is_read_again(made, key):
    for number, odd in enumerate(ODD):
        one = dataclasses.replace(record("Birds"), **{key: odd, "score": None if key == "metric" else "ndcg@10"})
        given = Card("model-index", odd, None, [record(), one], [odd], odd, [odd])
        folder, _ = made(given, f"odd{number}")
        assert len(loaded(folder, made.config).ledger.claims) == 2
        shutil.rmtree(folder)

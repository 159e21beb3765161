"""Models that the project builds, trained groups and grids: from definition to score, with the real Snakefile."""

import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml

from harness import config
from harness.data import loading
from harness.errors import InputError
from harness.studies import models, study

HERE = Path(__file__).parent
BUILD = """
from pathlib import Path
import json


def build(texts, settings, folder):
    log = Path(__file__).with_name("built.log")
    log.write_text((log.read_text() if log.exists() else "") + "once\\n")
    (folder / "config.json").write_text(json.dumps({"texts": len(texts), **settings}))
"""
METHOD = """
import json
from pathlib import Path

from harness.studies.method import Ranked
from harness.studies.method import Settings as Base


class Settings(Base):
    rate: float


def fit_group(members, seed, folder):
    made = json.loads((members[0][1].base / "config.json").read_text())
    triples = [len(found.triples) for found in members[0][1].training()]
    for settings, inputs in members:
        content = {"members": len(members), "rate": settings.rate, "texts": made["texts"], "triples": triples}
        (folder / f"{inputs.variant.name}.json").write_text(json.dumps(content))


def rank(collection, settings, seed, inputs):
    fitted = json.loads((inputs.fitted / f"{inputs.variant.name}.json").read_text())
    run = {query: [(document, -float(i)) for i, document in enumerate(collection.document_ids)] for query in collection.query_ids}
    values = {"members": fitted["members"], "rate": fitted["rate"], "triples": fitted["triples"][0], "texts": fitted["texts"]}
    return Ranked(run, measures=[(name, None, float(value)) for name, value in values.items()])
"""
TRAINING = """
def build(settings):
    documents = {"document_ids": ["d1", "d2"], "titles": ["", ""], "texts": ["a", "b"]}
    queries = {"query_ids": ["q1"], "queries": ["a"], "qrels": {"q1": {"d1": 1}}}
    return {**documents, **queries, "triples": [("q1", "d1", "d2")] * settings["times"]}
"""
EXPERIMENT = {
    "seeds": [0, 1],
    "metrics": ["mrr@10", "members", "rate", "triples", "texts"],
    "collections": {"letters": {"embedded": "letters", "substitute": None, "original": None}},
    "training": {"steps": {"embedded": "steps", "substitute": None, "original": None}},
    "models": {"base": {"embedded": "own", "substitute": None, "original": None}},
    "grids": {
        "rates": {
            "name": "rate_{rate}",
            "axes": {"rate": [0.1, 0.2]},
            "entry": {"group": "rates", "model": "base", "train_on": ["steps"]},
        }
    },
}
RECIPE = {"title": "t", "licence": "own", "build": "own.py", "settings": {"width": 3}, "collection": "letters"}
STEPS = {"title": "t", "reader": "made", "build": "steps.py", "settings": {"times": 3}, "split": "train", "licence": "own"}


@pytest.fixture
def small(workspace):
    shutil.copytree(HERE / "workspace", workspace.folder, dirs_exist_ok=True)
    folder = workspace.folder / "replications" / "trained"
    for part in ("models", "collections"):
        (folder / part).mkdir(parents=True)
    (folder / "claims.yaml").write_text("{title: t, documents: {}, metrics: {}}")
    (folder / "method.py").write_text(METHOD)
    (folder / "experiment.yaml").write_text(yaml.safe_dump(EXPERIMENT))
    (folder / "models" / "own.py").write_text(BUILD)
    (folder / "models" / "own.yaml").write_text(yaml.safe_dump(RECIPE))
    (folder / "collections" / "steps.py").write_text(TRAINING)
    (folder / "collections" / "steps.yaml").write_text(yaml.safe_dump(STEPS))
    return workspace


def test_a_built_model_is_built_once_and_a_group_is_fitted_together(small):
    code, said = small.snakemake("--config", "studies=trained")
    assert code == 0, said
    folder = small.folder / "replications" / "trained"
    assert (folder / "models" / "built.log").read_text() == "once\n"
    frame = pd.read_parquet(small.folder / "results/embedded/trained/rates/1/scores.parquet")
    assert set(frame.variant) == {"rate_0.1", "rate_0.2"} and set(frame.encoder) == {"embedded"}
    found = frame[frame.query_id.isna()].set_index(["variant", "metric"]).value
    assert found["rate_0.2", "rate"] == 0.2 and found["rate_0.1", "members"] == 2
    assert (found["rate_0.1", "triples"], found["rate_0.1", "texts"]) == (3, 4)
    (folder / "models" / "own.yaml").write_text(yaml.safe_dump({**RECIPE, "settings": {"width": 4}}))
    code, said = small.snakemake("-n", "--config", "studies=trained")
    assert code == 0 and "rule build" in said and "rule fit" in said, said


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"collection": "leters"}, "collection: no 'leters'.*did you mean 'letters'"),
        ({"build": "owm.py"}, "build: .*owm.py is missing"),
        ({"widht": 3}, "widht"),
    ],
)
def test_a_faulty_recipe_is_named(small, change, words):
    path = small.folder / "replications/trained/models/own.yaml"
    path.write_text(yaml.safe_dump({**RECIPE, **change}))
    with pytest.raises(InputError, match=words):
        models.digest("own", small.folder)


def test_a_model_that_is_not_built_yet_says_how(small):

    with pytest.raises(InputError, match="harness.build --model own"):
        models.model_folder("own", config.load(small.folder))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"grids": {"rates": {**EXPERIMENT["grids"]["rates"], "name": "rate"}}}, "two variants are named 'rate'"),
        ({"grids": {"rates": {**EXPERIMENT["grids"]["rates"], "name": "{rat}"}}}, "'{rat}' does not fit the axes"),
        ({"training": {"letters": {"embedded": "letters"}}}, "training.letters: a role under collections"),
        ({"training": {"step": {"embedded": "steps"}}}, "train_on: no training collection 'steps'.*'step'"),
        ({"models": {"bases": {"embedded": "own"}}}, "model: no model 'base'.*'bases'"),
    ],
)
def test_faulty_grids_and_roles_are_named(small, change, words):
    folder = small.folder / "replications/trained"
    (folder / "experiment.yaml").write_text(yaml.safe_dump({**EXPERIMENT, **change}))
    with pytest.raises(InputError, match=words):
        study.load(folder, study.folders(small.folder), "embedded")


def test_a_triple_that_names_a_missing_text_is_refused(small):

    path = small.folder / "replications/trained/collections/steps.py"
    path.write_text(TRAINING.replace('("q1", "d1", "d2")', '("q1", "d1", "d9")'))
    with pytest.raises(InputError, match="triple 1 .*names 'd9', which is no document"):
        loading.load("steps", config.load(small.folder))

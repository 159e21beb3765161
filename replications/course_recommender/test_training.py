"""Training end to end on 40 courses: same seed same bytes, a folder that any user loads, NaN leaves no model; the built base."""

import importlib
import importlib.util
import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import yaml

from harness import config
from harness.config import ROOT
from harness.data import loading
from harness.studies import method, trained
from replications.course_recommender import courses, training
from replications.course_recommender import model as models
from replications.course_recommender.recipe import Settings

HERE = ROOT / "replications" / "course_recommender"
BUILD = {"seed": 1, "layers": 1, "width": 32, "heads": 2, "max_length": 64, "words": 300, "steps": 3, "batch": 8}


def settings(**changes):
    written = yaml.safe_load((HERE / "experiment.yaml").read_text())["variants"]["tau_0.05"]
    recipe = {**written["recipe"], "epochs": 1, **changes}
    return Settings.model_validate(
        {key: written[key] for key in ("pooling", "head", "max_length", "batch", "split")} | {"recipe": recipe}
    )


@pytest.fixture(scope="module")
def made():
    return loading.load("made_courses_train", config.load())


@pytest.fixture(scope="module")
def base(made, tmp_path_factory):
    """A masked-language model of one layer, built as at embedded fidelity: the layout of google-bert/bert-base-uncased."""
    spec = importlib.util.spec_from_file_location("untuned", HERE / "models" / "untuned.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    folder = tmp_path_factory.mktemp("base")
    module.build(made.document_texts[:40], {**BUILD, "learning_rate": 0.001, "masked": 0.15}, folder)
    return folder


@pytest.fixture
def forty(made):
    found = courses.read(made, settings().recipe, settings().split)
    return courses.Courses(found.texts[:40], found.labels[:40], found.statements[:40], found.counts)


def test_one_epoch_on_forty_courses_is_a_loadable_folder_and_repeats_byte_by_byte(base, forty, tmp_path):
    from sentence_transformers import SentenceTransformer

    read = {}
    for name, seed in (("other", 1), ("same", 0), ("one", 0)):
        training.train(base, forty, settings(), "project", seed, tmp_path / name)
        whole = trained.whole(tmp_path / name, base)
        read[name] = [(whole / file).read_bytes() for file in ("model.safetensors", "2_Dense/model.safetensors", "3_Dense/model.safetensors")]
    assert read["one"] == read["same"] and read["one"] != read["other"]
    vectors = SentenceTransformer(str(whole), device="cpu").encode(["signals and systems", "soils"])
    assert vectors.shape == (2, 256) and np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert not list(tmp_path.glob(".*"))


def test_parts_of_a_batch_give_the_same_vectors(base, forty):
    model = models.make(base, settings(), 0).eval()
    one, other = (models.embed(model, [*forty.texts[:7], "a bridge"], parts) for parts in (1, 3))
    torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-4)


def test_a_loss_that_is_not_finite_stops_with_step_and_settings_and_leaves_no_model(base, forty, tmp_path, monkeypatch):
    monkeypatch.setattr(training.loss, "isotropy", lambda vectors: vectors.sum() * float("nan"))
    with pytest.raises(training.Diverged, match=r"the loss is nan at step 1 of 3; .*'tau': 0.05"):
        training.train(base, forty, settings(), "project", 0, tmp_path / "model")
    assert not list(tmp_path.iterdir())


def test_a_broken_training_is_a_failed_variant(base, made, tmp_path, monkeypatch):
    module = method.load(HERE)
    monkeypatch.setattr(
        importlib.import_module("method_of_course_recommender.training").loss,
        "isotropy",
        lambda vectors: vectors.sum() * float("nan"),
    )
    settings_of = SimpleNamespace(root=tmp_path, cache="cache", fidelity="embedded", perturb=0)
    inputs = SimpleNamespace(
        base=base, fitted=tmp_path, variant=SimpleNamespace(name="tau"), training=lambda: [made], config=settings_of
    )
    chosen = module.Settings.model_validate(settings().model_dump())
    module.fit(chosen, 0, inputs, tmp_path)
    with pytest.raises(method.Failed, match="at step 1"):
        module.rank(made, chosen, 0, inputs)


def test_the_rate_rises_and_falls_as_released():
    rates = [training.rate(step, 16, 165) for step in range(166)]
    assert rates[0] == 0 and rates[8] == 0.5 and rates[16] == 1 and rates[165] == 0 and max(rates) == 1


def test_vanilla_without_a_head_is_the_first_tokens_state(base):
    from transformers import AutoModel, AutoTokenizer

    plain = Settings(pooling="cls", head=None, max_length=64, recipe=None, batch=8, split={"share": 0.2, "seed": 0})
    found = models.make(base, plain, 0).encode(["students learn methods"])
    tokens = AutoTokenizer.from_pretrained(base)(["students learn methods"], return_tensors="pt")
    with torch.inference_mode():
        state = AutoModel.from_pretrained(base).eval()(**tokens).last_hidden_state[:, 0]
    np.testing.assert_allclose(found, torch.nn.functional.normalize(state, dim=1).numpy(), atol=1e-5)


def test_a_statement_stands_unaltered_as_first_view_and_every_second_view_is_heavy(forty, monkeypatch):
    light, heavy = settings().recipe.views
    monkeypatch.setattr(
        training.augment, "altered", lambda text, how, source, chance: f"{'light' if how == light else 'heavy'}: {text}"
    )
    said = courses.Courses(forty.texts, forty.labels, [None, "i like it", *[None] * 38], forty.counts)
    found = training.views(said, [1, 0], settings().recipe, None, None)
    assert found == ["i like it", f"light: {forty.texts[0]}", f"heavy: {forty.texts[1]}", f"heavy: {forty.texts[0]}"]
    assert light != heavy


def test_what_ran_is_told_beside_the_model(base, forty, tmp_path):
    training.train(base, forty, settings(), "project", 3, tmp_path / "model")
    told = json.loads((tmp_path / "model" / "training.json").read_text())
    assert told["synonyms"] == "project" and told["seed"] == 3 and told["steps"] == 3
    assert told["settings"]["recipe"]["tau"] == 0.05 and told["statements_left_out"] + told["statements_as_views"] > 0


def test_rows_are_of_unit_length_in_bfloat16_too(base, forty, monkeypatch):
    seen, real = [], training.loss.nt_xent
    monkeypatch.setattr(
        training.loss, "nt_xent", lambda vectors, *rest: seen.append(vectors.detach().norm(dim=1)) or real(vectors, *rest)
    )
    chosen = settings(precision="bfloat16", parts=2)
    training.steps(models.make(base, chosen, 0), forty, chosen.recipe, training.synonyms.source("project"), 0)
    assert all(torch.allclose(norms, torch.ones_like(norms), atol=1e-6) for norms in seen) and len(seen) == 3

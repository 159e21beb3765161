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
from harness.errors import InputError
from harness.studies import by_fidelity, method
from replications.course_recommender import courses, packed, training
from replications.course_recommender import model as models
from replications.course_recommender.recipe import Settings

HERE = ROOT / "replications" / "course_recommender"
BUILD = {"seed": 1, "layers": 1, "width": 32, "heads": 2, "max_length": 64, "words": 300, "steps": 3, "batch": 8}


def settings(**changes):
    written = by_fidelity.settings_at(HERE / "experiment.yaml", "", yaml.safe_load((HERE / "experiment.yaml").read_text())["variants"]["tau_0.05"], "embedded")
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

    for name, seed in (("one", 0), ("same", 0), ("other", 1)):
        training.train(base, forty, settings(), "project", seed, tmp_path / name)
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.safetensors"))
    assert len(files) == 3  # transformer and two dense layers
    read = {name: [(tmp_path / name / file).read_bytes() for file in files] for name in ("one", "same", "other")}
    assert read["one"] == read["same"] and read["one"] != read["other"]
    vectors = SentenceTransformer(str(tmp_path / "one"), device="cpu").encode(["signals and systems", "soils"])
    assert vectors.shape == (2, 256) and np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert not list(tmp_path.glob(".*"))


def test_packed_tokens_give_the_same_vectors_and_gradients(base, forty):
    model, texts = models.make(base, settings(), 0).eval(), [*forty.texts[:7], "a bridge", "a bridge", "soils"]
    found = {}
    for end_to_end in (False, True):
        model.zero_grad()
        vectors = models.embed(model, texts, end_to_end)
        (vectors * torch.linspace(-1, 1, vectors.numel()).view_as(vectors)).sum().backward()
        grads = {name: tensor.grad.clone() for name, tensor in model.named_parameters() if tensor.grad is not None}
        found[end_to_end] = vectors.detach(), grads
    torch.testing.assert_close(found[True][0], found[False][0], atol=1e-5, rtol=1e-4)
    assert found[True][1].keys() == found[False][1].keys() and len(found[True][1]) > 15
    for name, grad in found[False][1].items():
        torch.testing.assert_close(found[True][1][name], grad, atol=1e-4, rtol=1e-3, msg=name)


def test_packed_training_is_the_same_within_dropout_and_repeats_byte_by_byte(base, forty):
    ends = {}
    for name, changes in {"one": {}, "same": {}, "padded": {"packed": False}}.items():
        chosen = settings(**{"packed": True, **changes})
        torch.manual_seed(0)  # of the pooler that the base lacks
        model = models.make(base, chosen, 0)
        told = training.steps(model, forty, chosen.recipe, training.synonyms.source("project"), 0)
        ends[name] = [tensor.detach().clone() for tensor in model.parameters()], told
    assert all(torch.equal(a, b) for a, b in zip(ends["one"][0], ends["same"][0], strict=True))
    assert ends["one"][1]["contrastive"] == pytest.approx(ends["padded"][1]["contrastive"], rel=0.1)


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_dropout_of_packed_tokens_has_its_share_and_its_scale(share):
    torch.manual_seed(1)
    layer = torch.nn.Dropout(share)
    ones = torch.ones(999, 1001, requires_grad=True)  # not a multiple of what is drawn at once
    found = packed.dropped(ones, layer)
    found.sum().backward()
    zero = float((found == 0).float().mean())
    assert zero == pytest.approx(share, abs=4 * (share * (1 - share) / 1e6) ** 0.5)
    assert float(found.detach().max()) == pytest.approx(1 / (1 - share), rel=1e-4) and torch.equal(ones.grad, found)
    rows = (found == 0).float()
    assert abs(float(torch.corrcoef(torch.stack([rows[:, :-1].flatten(), rows[:, 1:].flatten()]))[0, 1])) < 4e-3
    assert torch.equal(packed.dropped(ones, layer.eval()), ones)


def test_another_model_than_a_bert_is_refused_by_name():
    other = SimpleNamespace(config=SimpleNamespace(model_type="mpnet"))
    with pytest.raises(InputError, match=r"packed: true is written for a BERT, not for 'mpnet'; write packed: false"):
        packed.states(other, [[1, 2]])


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
    chosen = settings(precision="bfloat16", packed=True)
    training.steps(models.make(base, chosen, 0), forty, chosen.recipe, training.synonyms.source("project"), 0)
    assert all(torch.allclose(norms, torch.ones_like(norms), atol=1e-6) for norms in seen) and len(seen) == 3

"""The trainer: alternation, parts of a batch, same seed same model, a kill and its resumption; mining."""

from itertools import accumulate, combinations

import pytest
import torch
import yaml
from hypothesis import given
from hypothesis import strategies as st

from harness.config import ROOT
from harness.studies import by_fidelity
from replications.dual_loss import negatives, training
from replications.dual_loss.parts import runs
from replications.dual_loss.recipe import Recipe

HERE = ROOT / "replications" / "dual_loss"
ROWS = [(f"question {i % 4}", f"answer {i}", float(i % 3 > 0)) for i in range(24)]


def recipe(**changes):
    written = by_fidelity.settings_at(HERE / "experiment.yaml", "", yaml.safe_load((HERE / "experiment.yaml").read_text())["variants"]["dual"]["recipe"], "embedded")
    return Recipe.model_validate({**written, "epochs": 1, "batch": 4, **changes})


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A tiny BERT with random weights, saved as a model folder."""
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("base")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "question", "answer", *map(str, range(24))]
    (folder / "vocab.txt").write_text("\n".join(words))
    BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(0)
    shape = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    BertModel(BertConfig(vocab_size=len(words), **shape)).save_pretrained(folder)
    return folder


@pytest.mark.parametrize(
    ("alternation", "expected"),
    [("round_robin", ["ranking", "cosine"] * 4), ("proportional", ["cosine"] * 6 + ["ranking"] * 4)],
)
def test_the_losses_alternate_as_the_recipe_says(base, tmp_path, alternation, expected):
    chosen = recipe(alternation=alternation, precision="float32")
    model = training.model_of(base, 16, 1)
    trainer = training.trainer_of(model, training.data_of(ROWS, {}, chosen), chosen, 0, tmp_path)
    seen = []
    for name, loss in trainer.loss.items():
        loss.register_forward_hook(lambda *_, name=name: seen.append(name))
    trainer.train()
    assert (seen if alternation == "round_robin" else sorted(seen)) == expected


def test_parts_of_a_batch_give_the_same_embeddings_and_gradients(base):
    losses = {}
    for buckets in (1, 3):
        torch.manual_seed(0)
        model = training.model_of(base, 16, buckets).eval()  # no dropout: only rounding may differ
        chosen = recipe(precision="float32", losses=["ranking"], buckets=buckets)
        trainer = training.trainer_of(model, training.data_of(ROWS, {}, chosen), chosen, 0, base)
        rows = [{"anchor": a, "positive": b} for a, b, label in ROWS if label][:8]
        features, labels = trainer.collect_features(trainer.data_collator(rows))
        loss = trainer.loss["ranking"](features, labels)
        loss.backward()
        gradient = model[0].model.encoder.layer[0].output.dense.weight.grad
        losses[buckets] = float(loss.detach()), gradient.clone()
    assert losses[1][0] == pytest.approx(losses[3][0], abs=1e-5)
    torch.testing.assert_close(losses[1][1], losses[3][1], atol=1e-5, rtol=1e-4)


def padded(lengths, sizes):
    return sum(size * lengths[end - 1] for size, end in zip(sizes, accumulate(sizes), strict=True))


@given(st.lists(st.integers(1, 60), min_size=1, max_size=9).map(sorted), st.data())
def test_a_batch_is_cut_where_the_least_is_padded(lengths, data):
    count = data.draw(st.integers(1, len(lengths)))
    sizes = runs(lengths, count)
    assert len(sizes) == count and sum(sizes) == len(lengths) and min(sizes) > 0
    ways = ((0, *cuts, len(lengths)) for cuts in combinations(range(1, len(lengths)), count - 1))
    assert padded(lengths, sizes) == min(padded(lengths, [b - a for a, b in zip(w, w[1:], strict=False)]) for w in ways)


def trained(base, folder, seed, **changes):
    training.train(base, ROWS, {}, recipe(precision="float32", **changes), seed, folder)
    from safetensors.torch import load_file

    return load_file(folder / "model.safetensors")


def test_the_same_seed_trains_the_same_model_and_another_one_does_not(base, tmp_path):
    one, same, other = (trained(base, tmp_path / name, seed) for name, seed in (("a", 0), ("b", 0), ("c", 1)))
    name = "encoder.layer.1.output.dense.weight"
    assert all(torch.equal(one[key], same[key]) for key in one) and not torch.equal(one[name], other[name])
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(tmp_path / "a"), device="cpu", local_files_only=True)
    assert model.encode(["question 1"]).shape == (1, 16) and len(list(model.children())) == 3
    assert not list((tmp_path / "a").glob("*.bin"))


def test_a_killed_training_goes_on_where_it_stopped_and_ends_the_same(base, tmp_path, monkeypatch):
    monkeypatch.setattr(training, "SAVED", 5)
    whole = trained(base, tmp_path / "whole", 0, epochs=3)
    stop = training.SentenceTransformerTrainer.training_step
    steps = []

    def killed(self, *given, **more):
        steps.append(self.state.global_step)
        if len(steps) == 16:
            raise KeyboardInterrupt
        return stop(self, *given, **more)

    monkeypatch.setattr(training.SentenceTransformerTrainer, "training_step", killed)
    with pytest.raises(KeyboardInterrupt):
        trained(base, tmp_path / "part", 0, epochs=3)
    assert not (tmp_path / "part").exists()
    again = trained(base, tmp_path / "part", 0, epochs=3)
    assert steps[16] > 0 and len(steps) < 16 + 24  # it did not begin anew
    assert all(torch.allclose(whole[key], again[key], atol=1e-6) for key in whole)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["part", "whole"]


def test_mined_negatives_come_from_other_groups(base):
    rows = [(f"question {i}", f"answer {i}", 1.0) for i in range(6)] + [
        ("question 0", "answer 7", 1.0),
        ("question 1", "answer 8", 0.0),
    ]
    mined = negatives.mine(base, rows, recipe(precision="float32"))
    assert sorted(mined) == list(range(7)) and all(mined[i] not in (rows[i][1], "answer 8") for i in mined)
    assert mined[0] != "answer 7" and mined[6] != "answer 0"


def test_a_recipe_is_checked():
    with pytest.raises(ValueError, match="names one twice"):
        recipe(losses=["ranking", "ranking"])
    with pytest.raises(ValueError, match="mined needs the ranking loss"):
        recipe(losses=["cosine"], negatives="mined")

"""Contrastive training: the loss by hand, what its negatives are, folds, same seed same weights."""

import numpy as np
import pytest
import torch
import yaml

from harness.config import ROOT
from harness.errors import InputError
from replications.association_gap import contrast
from replications.association_gap.recipe import Contrast
from replications.association_gap.test_method import small

WRITTEN = yaml.safe_load((ROOT / "replications/association_gap/experiment.yaml").read_text())["variants"]


def recipe(name="head_hard", **changes):
    return Contrast.model_validate({**WRITTEN[name]["task"]["training"], **changes})


def unit(*rows):
    return torch.nn.functional.normalize(torch.tensor(rows, dtype=torch.float32), dim=1)


def test_the_loss_against_one_negative_is_the_softmax_of_two():
    asked, right, wrong = unit([1, 0], [0, 1]), unit([1, 0], [1, 0]), unit([0, 1], [1, 1])
    expected = [np.log1p(np.exp((0 - 1) / 0.5)), np.log1p(np.exp((0.5**0.5 - 0) / 0.5))]
    assert contrast.loss(asked, right, wrong, ["a", "b"], 0.5).item() == pytest.approx(np.mean(expected), abs=1e-6)


def test_in_batch_negatives_are_the_other_positives_but_for_those_of_the_same_role():
    asked = right = unit([1, 0], [0, 1], [0, 1])
    all_apart = contrast.loss(asked, right, None, ["a", "b", "c"], 1.0).item()
    one_role = contrast.loss(asked, right, None, ["a", "b", "b"], 1.0).item()
    e = np.e
    assert all_apart == pytest.approx(np.mean([np.log((e + 2) / e), np.log((2 * e + 1) / e), np.log((2 * e + 1) / e)]), abs=1e-6)
    assert one_role == pytest.approx(np.mean([np.log((e + 2) / e), np.log((e + 1) / e), np.log((e + 1) / e)]), abs=1e-6)


def test_a_training_sees_neither_its_fold_nor_held_out_roles_nor_second_wordings():
    found = contrast.rows(small(), "0", frozenset())
    assert {row.course for row in found} == {"history"} and all(row.query.endswith(" 0") for row in found) and len(found) == 2
    with pytest.raises(InputError, match="small: no probe is left to train on outside fold 0, without the roles ta"):
        contrast.rows(small(), "0", frozenset({"ta"}))


def examples():
    return [contrast.Row(f"q{c}{r}", f"d{c}{r}", f"d{c}{1 - r}", str(r), str(c)) for c in range(6) for r in range(2)]


def test_negatives_are_what_they_are_called():
    by_text = {row.relevant: row for row in examples()}
    for batch, negatives in contrast.batches(examples(), recipe(negatives="hard", batch=4, epochs=2), np.random.default_rng(0)):
        assert negatives == [row.wrong for row in batch]
    for batch, negatives in contrast.batches(examples(), recipe(negatives="random", batch=4, epochs=5), np.random.default_rng(0)):
        assert all(by_text[text].course != row.course and by_text[text].role != row.role for row, text in zip(batch, negatives, strict=True))
    found = list(contrast.batches(examples(), recipe(negatives="in_batch", batch=4, epochs=1), np.random.default_rng(0)))
    assert sorted(row.query for batch, _ in found for row in batch) == sorted(row.query for row in examples())


def test_random_negatives_need_a_second_course():
    with pytest.raises(InputError, match="random needs two courses"):
        contrast.train(None, [], examples()[:2], recipe(negatives="random"), 0)


def vectors():
    """The first two values are the course, the third the role; a query holds its role, which frozen cosines hardly weigh."""
    chance = np.random.default_rng(0)
    found = {}
    for row in examples():
        course = chance.normal(size=4)
        for text, role in ((row.query, row.role), (row.relevant, row.role)):
            found[text] = np.concatenate([3 * course, [1.0 if role == "0" else -1.0]]).astype(np.float32)
    return {text: one / np.linalg.norm(one) for text, one in found.items()}


def test_the_same_seed_trains_the_same_head_and_it_learns_the_role():
    given = vectors()
    one, same, other = (contrast.head(given, examples(), recipe(epochs=20, learning_rate=0.01), seed) for seed in (0, 0, 1))
    assert np.array_equal(one, same) and not np.array_equal(one, other)

    def gap(weight):
        def cosine(a, b):
            a, b = given[a] @ weight, given[b] @ weight
            return a @ b / np.linalg.norm(a) / np.linalg.norm(b)

        return np.mean([cosine(row.query, row.relevant) - cosine(row.query, row.wrong) for row in examples()])

    assert gap(one) > gap(np.eye(5, dtype=np.float32)) + 0.1


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A tiny BERT with random weights, saved as a model folder."""
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("base")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(row.query for row in examples()), *(row.relevant for row in examples())]
    (folder / "vocab.txt").write_text("\n".join(words))
    BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(0)
    shape = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    BertModel(BertConfig(vocab_size=len(words), **shape)).save_pretrained(folder)
    return folder


def test_the_same_seed_trains_the_same_encoder_in_safetensors(base, tmp_path):
    from safetensors.numpy import load_file

    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        contrast.encoder(base, examples(), recipe("tuned_hard", epochs=1, batch=4), seed, tmp_path / name)
    one, same, other = (load_file(tmp_path / name / "model.safetensors") for name in "abc")
    key = "encoder.layer.0.output.dense.weight"
    assert all(np.array_equal(one[name], same[name]) for name in one) and not np.array_equal(one[key], other[key])
    assert not np.array_equal(one[key], load_file(base / "model.safetensors")[key]) and not list(tmp_path.rglob("*.bin"))

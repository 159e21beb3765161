"""A frozen encoder: text in, pooled vectors out, several poolings from one pass."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harness.config import Config
from harness.errors import InputError
from harness.vectors.cache import Cache, Vectors

if TYPE_CHECKING:
    import torch

CODE_VERSION = "1"  # raise it when a change here changes vectors: every cache key holds it


def key_parts(folder: Path, pooling: str, max_length: int, dtype: str) -> dict[str, str]:
    """All that decides a vector besides the text: part of the cache's name. Prompts are part of the text.

    Vectors are kept as pooled, before normalisation; the unit vector follows from them, so normalisation is no part.
    """
    files = [p for p in sorted(folder.iterdir()) if p.suffix in (".safetensors", ".json", ".txt")]
    weights = {f"file {p.name}": hashlib.sha256(p.read_bytes()).hexdigest() for p in files}
    return {**weights, "pooling": pooling, "max_length": str(max_length), "dtype": dtype, "code": CODE_VERSION}


def caches(folder: Path, poolings: list[str], max_length: int, dtype: str, config: Config) -> dict[str, Cache]:
    """Open the cache of each pooling of one encoder."""
    root = config.root / config.cache
    return {pooling: Cache(root, key_parts(folder, pooling, max_length, dtype)) for pooling in poolings}


class FrozenEncoder:
    """A transformer loaded from a local folder of safetensors; no network, no remote code."""

    def __init__(self, folder: Path, max_length: int, dtype: str, threads: int) -> None:
        import torch
        from transformers import AutoModel, AutoTokenizer

        if threads:
            torch.set_num_threads(threads)
        if not (folder / "config.json").exists():
            raise InputError(f"{folder}: no config.json; a model folder has config.json, model.safetensors and a tokenizer")
        local = {"local_files_only": True, "trust_remote_code": False}
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.tokenizer = AutoTokenizer.from_pretrained(folder, **local)
        model = AutoModel.from_pretrained(folder, use_safetensors=True, dtype=getattr(torch, dtype), **local)
        self.model = model.to(self.device).eval()
        self.max_length = max_length

    def encode(self, texts: list[str], poolings: list[str], batch: int) -> dict[str, Vectors]:
        """Return pooled vectors, (len(texts), d) float32 for each pooling; batches are cut in the order given."""
        import torch

        pieces: dict[str, list[Vectors]] = {pooling: [] for pooling in poolings}
        with torch.inference_mode():
            for start in range(0, len(texts), batch):
                tokens = self.tokenizer(
                    texts[start : start + batch], padding=True, truncation=True, max_length=self.max_length, return_tensors="pt"
                ).to(self.device)
                states = self.model(**tokens).last_hidden_state.float()
                for pooling in poolings:
                    pieces[pooling].append(pool(states, tokens["attention_mask"], pooling).cpu().numpy())
        return {pooling: np.concatenate(parts) for pooling, parts in pieces.items()}


def pool(states: torch.Tensor, mask: torch.Tensor, pooling: str) -> torch.Tensor:
    """Pool token states (n, tokens, d) into (n, d): the first token ('cls') or the mean under the mask ('mean').

    Mean pooling follows Reimers & Gurevych 2019 (Sentence-BERT), section 3.
    """
    if pooling == "cls":
        return states[:, 0]
    weights = mask.unsqueeze(-1).to(states.dtype)
    return (states * weights).sum(1) / weights.sum(1).clamp(min=1e-9)


def normalised(vectors: Vectors) -> Vectors:
    """Scale rows to unit length, as sentence-transformers' Normalize module does (float32, floor 1e-12)."""
    lengths = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return np.asarray(vectors / lengths, dtype=np.float32)

"""A frozen encoder: text in, pooled vectors out, several poolings from one pass."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harness.config import Config
from harness.errors import InputError
from harness.vectors import batches
from harness.vectors.cache import Cache, Vectors

if TYPE_CHECKING:
    import torch

CODE_VERSION = "2"  # raise it when a change here changes vectors: every cache key holds it


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

        if not (folder / "config.json").exists():
            raise InputError(f"{folder}: no config.json; a model folder has config.json, model.safetensors and a tokenizer")
        local = {"local_files_only": True, "trust_remote_code": False}
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.tokenizer = AutoTokenizer.from_pretrained(folder, **local)
        model = AutoModel.from_pretrained(folder, use_safetensors=True, dtype=getattr(torch, dtype), **local)
        self.model = model.to(self.device).eval()
        self.max_length = max_length
        self.threads = threads

    def encode(self, texts: list[str], poolings: list[str]) -> dict[str, Vectors]:
        """Return pooled vectors, (len(texts), d) float32 for each pooling, in the order of the texts.

        A vector depends on its text alone: batches are canonical (`batches`), each is computed by one thread.
        """
        import torch

        tokens = self.tokenizer(texts, truncation=True, max_length=self.max_length)["input_ids"] if texts else []
        planned = batches.plan([len(one) for one in tokens], self.max_length, batches.TOKENS[self.device])
        found = {pooling: np.empty((len(texts), self.model.config.hidden_size), dtype=np.float32) for pooling in poolings}
        before = torch.get_num_threads()
        workers = 1 if self.device == "cuda" else self.threads or before
        torch.set_num_threads(1)  # of each worker: they start with what is set here
        try:
            with ThreadPoolExecutor(workers) as pool_of_threads:
                for batch, vectors in zip(planned, pool_of_threads.map(partial(self._one, tokens, poolings), planned), strict=True):
                    for pooling, rows in vectors.items():
                        found[pooling][list(batch.places)] = rows
        finally:
            torch.set_num_threads(before)
        return found

    def _one(self, tokens: list[list[int]], poolings: list[str], batch: batches.Batch) -> dict[str, Vectors]:
        """Compute one batch; return the vectors of its texts, (texts, d) for each pooling."""
        import torch

        ids, mask = (torch.from_numpy(array).to(self.device) for array in batch.arrays(tokens, self.tokenizer.pad_token_id or 0))
        with torch.inference_mode():
            states = self.model(input_ids=ids, attention_mask=mask).last_hidden_state.float()
            pooled = {pooling: pool(states, mask, pooling) for pooling in poolings}
            return {pooling: rows[: len(batch.places)].cpu().numpy() for pooling, rows in pooled.items()}


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

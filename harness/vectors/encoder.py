"""A frozen encoder: text in, pooled vectors out, several poolings from one pass."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harness.config import Config
from harness.errors import InputError
from harness.vectors import batches, machine, modules, packed, tail
from harness.vectors.cache import Cache, Vectors

if TYPE_CHECKING:
    import torch

SAVED = "saved"  # the pooling that stands for all modules of the folder, as they were saved
THROUGHOUT = "bfloat16 throughout"  # torch's own layers, all states rounded: what others ran; "bfloat16" packs them where it can (`packed`)
# Raise one when a change here changes its vectors: every cache key holds it.
CODE_VERSIONS = {"float32": "2", "float16": "2", "bfloat16": "3", THROUGHOUT: "2"}


def key_parts(folder: Path, pooling: str, max_length: int, dtype: str) -> dict[str, str]:
    """All that decides a vector besides the text: part of the cache's name. Prompts are part of the text.

    Vectors are kept as pooled, before normalisation; the unit vector follows from them, so normalisation is no part.
    """
    inside = folder.rglob("*") if pooling == SAVED else folder.iterdir()  # the modules behind a pooling lie in folders of their own
    files = [p for p in sorted(inside) if p.suffix in (".safetensors", ".json", ".txt")]
    weights = {f"file {p.relative_to(folder).as_posix()}": hashlib.sha256(p.read_bytes()).hexdigest() for p in files}
    return {**weights, "pooling": pooling, "max_length": str(max_length), "dtype": dtype, "code": CODE_VERSIONS[dtype]}


def caches(folder: Path, poolings: list[str], max_length: int, dtype: str, config: Config) -> dict[str, Cache]:
    """Open the cache of each pooling of one encoder."""
    root = config.root / config.cache
    return {pooling: Cache(root, key_parts(folder, pooling, max_length, dtype)) for pooling in poolings}


class FrozenEncoder:
    """A transformer loaded from a local folder of safetensors; no network, no remote code."""

    def __init__(self, folder: Path, max_length: int, dtype: str, threads: int) -> None:
        import torch
        from safetensors import SafetensorError
        from transformers import AutoModel, AutoTokenizer

        modules.refuse_unloadable(folder)
        modules.refuse_too_long(folder, max_length, "max_length")
        self.folder, self.lower_case = folder, modules.lower_case(folder)
        local = {"local_files_only": True, "trust_remote_code": False}
        self.device = machine.chosen().device
        packs = dtype == "bfloat16" and self.device == "cpu"
        loaded = torch.float32 if packs else getattr(torch, dtype.split()[0])
        try:
            self.tokenizer = AutoTokenizer.from_pretrained(folder, **local)
            model = AutoModel.from_pretrained(folder, use_safetensors=True, dtype=loaded, **local)
        except (ValueError, OSError, KeyError, RuntimeError, SafetensorError) as error:
            said = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
            raise InputError(f"{folder}: transformers cannot load this model: {said}") from None
        self.model = model.to(self.device).eval()
        with torch.inference_mode():
            self.packed = packed.pack(self.model) if packs else None
        if packs and not self.packed:
            self.model = self.model.to(torch.bfloat16)
        self.max_length = max_length
        self.threads = threads

    def encode(self, texts: list[str], poolings: list[str]) -> dict[str, Vectors]:
        """Return pooled vectors, (len(texts), d) float32 for each pooling, in the order of the texts.

        A vector depends on its text alone: batches are canonical (`batches`), each is computed by one thread.
        """
        return self._computed(self._tokens(texts), poolings)

    def encode_each(self, shards: Iterable[list[str]], poolings: list[str]) -> Iterator[dict[str, Vectors]]:
        """Yield what `encode` returns, for one shard of texts after another; the next one is tokenized while one is computed."""
        with ThreadPoolExecutor(1) as beside:
            waiting: Future[list[list[int]]] | None = None
            for shard in shards:
                now, waiting = waiting, beside.submit(self._tokens, shard)
                if now:
                    yield self._computed(now.result(), poolings)
            if waiting:
                yield self._computed(waiting.result(), poolings)

    def _tokens(self, texts: list[str]) -> list[list[int]]:
        texts = [text.lower() for text in texts] if self.lower_case else texts
        found: list[list[int]] = self.tokenizer(texts, truncation=True, max_length=self.max_length)["input_ids"] if texts else []
        return found

    def _computed(self, tokens: list[list[int]], poolings: list[str]) -> dict[str, Vectors]:
        import torch

        pooled = Poolings(self.folder, poolings, self.device)
        shapes = batches.SHAPES[self.packed.shapes] if self.packed else batches.Shapes(machine.chosen().tokens)
        planned = batches.plan([len(one) for one in tokens], self.max_length, shapes)
        width = self.model.config.hidden_size
        found = {pooling: np.empty((len(tokens), 0 if planned else width), dtype=np.float32) for pooling in poolings}
        before = torch.get_num_threads()
        workers = 1 if self.device == "cuda" else self.threads or before
        torch.set_num_threads(1)  # of each worker: they start with what is set here
        try:
            with ThreadPoolExecutor(workers) as pool_of_threads:
                for batch, vectors in zip(planned, pool_of_threads.map(partial(self._one, tokens, pooled), planned), strict=True):
                    for pooling, rows in vectors.items():
                        if not found[pooling].shape[1]:  # modules behind the pooling may change the width
                            found[pooling] = np.empty((len(tokens), rows.shape[1]), dtype=np.float32)
                        found[pooling][list(batch.places)] = rows
        finally:
            torch.set_num_threads(before)
        return found

    def _one(self, tokens: list[list[int]], poolings: Poolings, batch: batches.Batch) -> dict[str, Vectors]:
        """Compute one batch; return the vectors of its texts, (texts, d) for each pooling."""
        import torch

        ids, mask = (torch.from_numpy(array).to(self.device) for array in batch.arrays(tokens, self.tokenizer.pad_token_id or 0))
        with torch.inference_mode():
            states = self.packed(ids, mask) if self.packed else self.model(input_ids=ids, attention_mask=mask).last_hidden_state.float()
            return {pooling: rows[: len(batch.places)].cpu().numpy() for pooling, rows in poolings.of(states, mask).items()}


class Poolings:
    """The poolings that are asked of a model's token states, 'saved' among them: all modules of the folder.

    Raise InputError where a plain pooling would leave out a module that was saved behind it.
    """

    def __init__(self, folder: Path, names: list[str], device: str) -> None:
        self.names = names
        _, *behind = modules.modules(folder)
        self.saved = modules.poolings(folder, behind[0]) if behind else ["mean"]
        if behind and SAVED in names:
            behind[0].value("include_prompt", (True,), folder)
        modules.refuse_left_out(folder, names, SAVED)
        self.layers = [tail.layer(folder, one, device) for one in behind[1:]] if SAVED in names else []

    def of(self, states: torch.Tensor, mask: torch.Tensor) -> dict[str, torch.Tensor]:
        """Pool token states (n, tokens, d) under a mask (n, tokens) in each of the ways: (n, d), or wider or narrower where saved."""
        return {name: self._whole(states, mask) if name == SAVED else pool(states, mask, name) for name in self.names}

    def _whole(self, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        import torch

        rows = torch.cat([pool(states, mask, name) for name in self.saved], dim=1)
        for layer in self.layers:
            rows = layer(rows)
        return rows


def pool(states: torch.Tensor, mask: torch.Tensor, pooling: str) -> torch.Tensor:
    """Pool token states (n, tokens, d) into (n, d), padding left out; the names are sentence-transformers'.

    Mean pooling follows Reimers & Gurevych 2019 (Sentence-BERT), section 3; 'weightedmean' weighs by place (Muennighoff 2022, eq. 2).
    """
    import torch

    if pooling == "cls":
        return states[:, 0]
    if pooling == "lasttoken":
        return states[torch.arange(len(states), device=states.device), mask.sum(1) - 1]
    weights = mask.unsqueeze(-1).to(states.dtype)
    if pooling == "max":
        return states.masked_fill(weights == 0, float("-inf")).max(dim=1).values
    if pooling == "weightedmean":
        weights = weights * weights.cumsum(1)
    total = weights.sum(1).clamp(min=1e-9)
    return (states * weights).sum(1) / (total.sqrt() if pooling == "mean_sqrt_len_tokens" else total)


def normalised(vectors: Vectors) -> Vectors:
    """Scale rows to unit length, as sentence-transformers' Normalize module does (float32, floor 1e-12)."""
    lengths = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return np.asarray(vectors / lengths, dtype=np.float32)

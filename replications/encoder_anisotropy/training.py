"""The fine-tune of the module's scripts: AdamW, a rate that falls linearly to 0, pairs of one draw; the last step is kept."""

from __future__ import annotations

import json
import math
import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from harness.studies.trained import keep
from harness.text import write_text
from harness.vectors.encoder import pool

from . import losses, pairs
from .recipe import Encoder, Recipe

VERSION = 1  # raise it when a change here, of the losses or of the pairs changes what is trained


class Diverged(Exception):
    """Raised where the loss is not finite: the step and the settings."""


def train(base: Path, chunks: pairs.Chunks, encoder: Encoder, recipe: Recipe, seed: int, target: Path) -> None:
    """Train and save a folder of the base's layout, whole or not at all; raise Diverged where the loss is not finite."""
    from transformers import AutoModel, AutoTokenizer

    torch.manual_seed(seed)  # of dropout
    local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    model = AutoModel.from_pretrained(base, use_safetensors=True, dtype=torch.float32, **local)
    tokenizer = AutoTokenizer.from_pretrained(base, **local)
    model.to("cuda" if torch.cuda.is_available() else "cpu")
    told = steps(model, tokenizer, chunks, encoder.pooling, recipe, seed)
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(base, unfinished, ignore=shutil.ignore_patterns("model.safetensors"))
    model.save_pretrained(unfinished, safe_serialization=True)
    write_text(unfinished / "training.json", json.dumps({**told, "seed": seed, "recipe": recipe.model_dump(mode="json")}, indent=1) + "\n")
    keep(unfinished, target)


def steps(
    model: Any, tokenizer: Any, chunks: pairs.Chunks, pooling: str, recipe: Recipe, seed: int
) -> dict[str, float]:
    """Train in place; return what was counted, and the loss over the first and the last quarter of the steps."""
    total, found = recipe.steps, []
    optimizer = torch.optim.AdamW(_decayed(model, recipe.decay), lr=recipe.learning_rate, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / total)
    drawn = pairs.draw(chunks.subjects, recipe.loss, total * recipe.batch, random.Random(seed))
    subjects = torch.tensor(chunks.subjects, device=model.device)
    narrow = recipe.precision == "bfloat16_if_native" and multiplies_bfloat16(model.device.type)
    model.train()
    for rows in _batches(drawn, recipe.batch):
        left, right = rows.to(model.device).T
        texts = [chunks.texts[i] for i in (*left.tolist(), *right.tolist())]
        tokens = tokenizer(texts, padding=True, truncation=True, max_length=recipe.max_length, return_tensors="pt")
        with torch.autocast(model.device.type, torch.bfloat16, enabled=narrow):
            states = model(**tokens.to(model.device)).last_hidden_state
        vectors = torch.nn.functional.normalize(pool(states.float(), tokens["attention_mask"], pooling), dim=1)
        value = _loss(recipe, *vectors.chunk(2), subjects[left], subjects[right])
        found.append(value.item())
        _step(model, optimizer, value, recipe, f"at step {len(found)} of {total}")
        schedule.step()
    quarter = max(1, total // 4)
    ends = {"loss_first": math.fsum(found[:quarter]) / quarter, "loss_last": math.fsum(found[-quarter:]) / quarter}
    told = {**pairs.counts(chunks.subjects, drawn), "steps": total, **ends}
    if recipe.loss == "infonce":
        told["false_negatives"] = pairs.false_negatives(chunks.subjects, drawn, recipe.batch)
    return told


def multiplies_bfloat16(device: str) -> bool:
    """Say whether a device ('cuda', 'cpu') has instructions for products in bfloat16; where it has none, they are emulated, slowly."""
    if device == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    # What oneDNN may use in this run, not what the processor has: `make check-portable` narrows the former.
    return torch.backends.mkldnn.is_available() and bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def _loss(recipe: Recipe, one: Tensor, other: Tensor, left: Tensor, right: Tensor) -> Tensor:
    if recipe.loss == "cosent":
        return losses.cosent(one, other, (left == right).long(), recipe.scale)
    return losses.info_nce(one, other, left, recipe.scale, recipe.masked)


def _step(model: Any, optimizer: torch.optim.Optimizer, value: Tensor, recipe: Recipe, where: str) -> None:
    if not math.isfinite(value.item()):
        raise Diverged(f"the loss is {value.item()} {where}; {recipe.model_dump()}")
    optimizer.zero_grad(set_to_none=True)
    value.backward()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
    if not math.isfinite(norm.item()):
        raise Diverged(f"the gradient's norm is {norm.item()} {where}; {recipe.model_dump()}")
    optimizer.step()


def _decayed(model: Any, decay: float) -> list[dict[str, Any]]:
    """Part the parameters as the library's trainer does: biases and LayerNorm are not decayed."""
    named = dict(model.named_parameters())
    bare = [name for name in named if name.endswith("bias") or "LayerNorm" in name]
    return [
        {"params": [named[name] for name in named if name not in bare], "weight_decay": decay},
        {"params": [named[name] for name in bare], "weight_decay": 0.0},
    ]


def _batches(drawn: list[tuple[int, int]], size: int) -> Iterator[Tensor]:
    yield from torch.tensor(drawn).split(size)

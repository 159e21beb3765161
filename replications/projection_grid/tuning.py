"""Full fine-tuning: the encoder itself and its head are trained, text by text. Nothing of it can be cached."""

from __future__ import annotations

import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from harness.studies.inputs import Inputs
from harness.studies.method import Failed
from harness.vectors import batches
from harness.vectors.cache import Vectors
from harness.vectors.encoder import FrozenEncoder, normalised, pool

from . import losses, schedule

if TYPE_CHECKING:
    from .recipe import Settings, Tune


def fit(settings: Settings, tune: Tune, inputs: Inputs, seed: int, folder: Path) -> None:
    """Train encoder and head on the variant's triples into `folder`: an ordinary transformers folder and head.safetensors.

    A loss that is not finite stops it: the folder then holds the step alone.
    """
    if folder.is_dir():
        return
    torch.manual_seed(seed)
    frozen = FrozenEncoder(inputs.base, tune.max_length, "float32", 0)
    model = frozen.model.train()
    width = model.config.hidden_size
    head = nn.Sequential(
        nn.Linear(width, settings.hidden_factor * width), nn.GELU(), nn.Dropout(settings.dropout),
        nn.Linear(settings.hidden_factor * width, settings.output_dim),
    ).to(frozen.device)  # fmt: skip
    unfinished = folder.with_name(f".{folder.name}")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    failed = _train(settings, tune, inputs, seed, frozen, head)
    if failed is not None:
        (unfinished / "failed").write_text(f"{failed}\n", encoding="utf-8")
    else:
        model.save_pretrained(unfinished)
        frozen.tokenizer.save_pretrained(unfinished)
        save_file({name: tensor.contiguous() for name, tensor in head.state_dict().items()}, unfinished / "head.safetensors")
    unfinished.rename(folder)


def _train(settings: Settings, tune: Tune, inputs: Inputs, seed: int, frozen: FrozenEncoder, head: nn.Module) -> int | None:
    """Take all steps; return the step at which the loss was not finite, or None."""
    (source,) = inputs.training()
    queries = dict(zip(source.query_ids, source.queries, strict=True))
    documents = dict(zip(source.document_ids, source.document_texts, strict=True))
    triples = [(queries[q], documents[p], documents[n]) for q, p, n in source.triples]
    parameters = [*frozen.model.parameters(), *head.parameters()]
    groups = [{"params": list(frozen.model.parameters())}, {"params": list(head.parameters())}]
    optimizer = torch.optim.AdamW(groups, lr=0.0, weight_decay=settings.weight_decay)
    steps = -(-len(triples) // settings.batch)
    warm = (settings.warmup_steps, settings.warmup_start, steps, settings.epochs)
    rates = [schedule.rates(settings.schedule, peak, *warm) for peak in (tune.encoder_rate, settings.learning_rate)]
    order = torch.Generator().manual_seed(seed + 1_000_003)
    done, total = 0, steps * settings.epochs
    started = said = time.monotonic()
    for _ in range(settings.epochs):
        for batch in torch.randperm(len(triples), generator=order).split(settings.batch):
            loss = _loss(settings, [triples[i] for i in batch.tolist()], frozen, head, tune)
            if not torch.isfinite(loss):
                return done
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(parameters, settings.clip)
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate[done]
            optimizer.step()
            done, now = done + 1, time.monotonic()
            if now - said > 10:
                said, left = now, (now - started) / done * (total - done)
                print(f"fit: full fine-tuning, step {done}/{total}, about {left:.0f} s left", file=sys.stderr)
    return None


def _loss(settings: Settings, batch: list[tuple[str, str, str]], frozen: FrozenEncoder, head: nn.Module, tune: Tune) -> Tensor:
    texts = [triple[part] for part in range(3) for triple in batch]
    unit = nn.functional.normalize(_pooled(texts, frozen, tune), dim=1)
    q, p, n = head(unit).unsqueeze(0).split(len(batch), dim=1)
    both, margin = torch.cat([q, p], dim=1), torch.tensor([settings.margin], device=q.device)
    terms = [
        (settings.lambda_contrastive, lambda: losses.explicit(q, p, n, margin)),
        (settings.lambda_isotropy, lambda: losses.isotropy(both)),
        (settings.lambda_std, lambda: losses.spread(both)),
    ]
    return torch.stack([weight * term()[0] for weight, term in terms if weight]).sum()


def _pooled(texts: list[str], frozen: FrozenEncoder, tune: Tune) -> Tensor:
    """Return pooled token states, (n, d). Texts of like length are computed together: a query of ten tokens is not padded to a passage."""
    tokens = frozen.tokenizer(texts, truncation=True, max_length=tune.max_length)["input_ids"]
    shapes = replace(batches.SHAPES[frozen.device], fewest=1)
    places: list[int] = []
    rows: list[Tensor] = []
    for batch in batches.plan([len(one) for one in tokens], tune.max_length, shapes):
        ids, mask = (torch.from_numpy(array).to(frozen.device) for array in batch.arrays(tokens, frozen.tokenizer.pad_token_id or 0))
        # Rounded weights of its own for each batch: what the batches add to a weight's gradient is then summed in float32.
        with torch.autocast(frozen.device, torch.bfloat16, enabled=tune.dtype == "bfloat16"):
            states = frozen.model(input_ids=ids, attention_mask=mask).last_hidden_state
        rows.append(pool(states.float(), mask, "mean"))
        places += batch.places
    return torch.cat(rows)[torch.tensor(places, device=frozen.device).argsort()]


def encode(settings: Settings, tune: Tune, folder: Path, texts: list[str]) -> Vectors:
    """Return the tuned encoder's and head's outputs, (n, d); raise Failed where training broke off."""
    if (folder / "failed").exists():
        step = (folder / "failed").read_text(encoding="utf-8").strip()
        raise Failed(f"full fine-tuning broke off at step {step}: the loss was not finite")
    frozen = FrozenEncoder(folder, tune.max_length, tune.dtype, 0)
    vectors = normalised(frozen.encode(texts, ["mean"])["mean"])
    weights = load_file(folder / "head.safetensors")
    with torch.inference_mode():
        hidden = nn.functional.gelu(nn.functional.linear(torch.from_numpy(vectors), weights["0.weight"], weights["0.bias"]))
        outputs: Vectors = nn.functional.linear(hidden, weights["3.weight"], weights["3.bias"]).numpy()
    return outputs

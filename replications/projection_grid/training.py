"""Training many heads at once on the cached features of triples."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import torch
from torch import Tensor

from harness.vectors.heads import Optimizer, Stack

from . import losses, schedule

if TYPE_CHECKING:
    from .recipe import Settings

SHARED = (
    "head",
    "output_dim",
    "hidden_factor",
    "dropout",
    "predictor",
    "negatives",
    "stop_gradient",
    "weight_decay",
    "clip",
    "batch",
    "epochs",
)  # fmt: skip - heads trained side by side agree in these


@dataclass(frozen=True)
class Features:
    """Cached vectors of what is trained on: `texts` (n, d); `triples` (t, 3) holds rows of it: query, positive, negative."""

    texts: Tensor
    triples: Tensor


class Kept(Protocol):
    """What is done with the weights of each head after each epoch."""

    def __call__(self, head: int, epoch: int, tensors: list[Tensor]) -> None: ...


def widths(settings: Settings, width: int) -> list[int]:
    """Return the widths of a head's layers, from the encoder's width."""
    hidden = [] if settings.head == "linear" else [settings.hidden_factor * width]
    return [width, *hidden, settings.output_dim]


def train(cells: list[Settings], seeds: list[int], features: Features, device: str, keep: Kept) -> list[int]:
    """Train one head for each of `cells` (equal in SHARED), each under its own seed; return the step each failed at, or -1.

    `keep` gets every head's weights as initialised (epoch 0) and after each epoch. Heads with one seed see the same batches
    and the same dropout masks, so that they differ by their settings alone.
    """
    first = cells[0]
    order = sorted(range(len(cells)), key=lambda i: (cells[i].schedule, cells[i].learning_rate, i))
    cells, seeds = [cells[i] for i in order], [seeds[i] for i in order]
    own = [torch.Generator().manual_seed(seed) for seed in seeds]
    head = Stack(widths(first, features.texts.shape[1]), own, first.dropout, device)
    d = first.output_dim
    predictor = Stack([d, first.hidden_factor * d, d], own, first.dropout, device) if first.predictor else None
    steps = -(-len(features.triples) // first.batch)
    optimizer = Optimizer(
        head.tensors + (predictor.tensors if predictor else []),
        torch.tensor([_rates(cell, steps) for cell in cells], dtype=torch.float64).T,
        first.weight_decay,
        first.clip,
    )
    draws = _Draws(seeds, device)
    objective = _Objective(cells, head, predictor, device)

    def kept(epoch: int) -> None:
        for place, i in enumerate(order):
            keep(i, epoch, [tensor.detach()[place].cpu().clone() for tensor in head.tensors])

    kept(0)
    progress = _Progress(len(cells), steps * first.epochs)
    texts = features.texts.to(device)
    for epoch in range(first.epochs):
        for batch in draws.batches(features.triples, first.batch):  # (heads, B, 3)
            rows = batch.transpose(1, 2).flatten(1)  # queries, then positives, then negatives
            optimizer.step(objective(texts[rows.to(device)], draws))
            progress(optimizer.done)
        kept(epoch + 1)
    failed = dict(zip(order, optimizer.failed_at.tolist(), strict=True))
    return [failed[i] for i in range(len(order))]


def _rates(cell: Settings, steps: int) -> list[float]:
    c = cell
    return schedule.rates(c.schedule, c.learning_rate, c.warmup_steps, c.warmup_start, steps, c.epochs)


class _Draws:
    """What is random in training, apart from the weights: one stream for each seed, shared by its heads."""

    def __init__(self, seeds: list[int], device: str) -> None:
        distinct = sorted(set(seeds))
        self.owner = torch.tensor([distinct.index(seed) for seed in seeds], device=device)
        self.orders = [torch.Generator().manual_seed(seed + 1_000_003) for seed in distinct]
        self.noise = [torch.Generator(device).manual_seed(seed + 2_000_003) for seed in distinct]

    def batches(self, triples: Tensor, size: int) -> Iterator[Tensor]:
        """Yield shuffled batches, (heads, B, 3); the last one may be smaller."""
        shuffled = torch.stack([torch.randperm(len(triples), generator=order) for order in self.orders])
        owner = self.owner.cpu()
        for start in range(0, len(triples), size):
            yield triples[shuffled[:, start : start + size]][owner]


class _Objective:
    """The weighted sum of the terms, (heads,); a term whose weight is 0 for all heads is not computed."""

    def __init__(self, cells: list[Settings], head: Stack, predictor: Stack | None, device: str) -> None:
        def column(name: str) -> Tensor:
            return torch.tensor([getattr(cell, name) for cell in cells], dtype=torch.float32, device=device)

        self.head, self.predictor, self.cell = head, predictor, cells[0]
        self.margin = column("margin")
        self.weights = {name: column(f"lambda_{name}") for name in ("contrastive", "isotropy", "std", "predictive")}
        self.used = {name for name, weights in self.weights.items() if bool((weights != 0).any())}

    def __call__(self, inputs: Tensor, draws: _Draws) -> Tensor:
        size = inputs.shape[1] // 3
        outputs = self.head(inputs, self.head.masks(3 * size, draws.noise, draws.owner))
        queries, positives, negatives = outputs.split(size, dim=1)
        both = outputs[:, : 2 * size]
        terms = {}
        if "contrastive" in self.used and self.cell.negatives == "explicit":
            terms["contrastive"] = losses.explicit(queries, positives, negatives, self.margin)
        elif "contrastive" in self.used:
            terms["contrastive"] = losses.in_batch(queries, positives, self.margin)
        if "isotropy" in self.used:
            terms["isotropy"] = losses.isotropy(both)
        if "std" in self.used:
            terms["std"] = losses.spread(both)
        if "predictive" in self.used and self.predictor:
            predicted = self.predictor(queries, self.predictor.masks(size, draws.noise, draws.owner))
            terms["predictive"] = losses.predictive(predicted, positives, self.cell.stop_gradient)
        return torch.stack([self.weights[name] * term for name, term in terms.items()]).sum(dim=0)


class _Progress:
    """A line every ten seconds: heads, steps, time left."""

    def __init__(self, heads: int, steps: int) -> None:
        self.heads, self.steps, self.started, self.said = heads, steps, time.monotonic(), time.monotonic()

    def __call__(self, done: int) -> None:
        now = time.monotonic()
        if now - self.said > 10:
            self.said, left = now, (now - self.started) / done * (self.steps - done)
            print(f"fit: {self.heads} heads at once, step {done}/{self.steps}, about {left:.0f} s left", file=sys.stderr)

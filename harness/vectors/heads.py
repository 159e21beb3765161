"""Many small heads of one shape, trained side by side on cached features: every tensor has the head as its first axis."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from itertools import groupby, pairwise
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional


class Stack:
    """`heads` fully connected networks of the same widths; GELU (erf) and dropout stand between two layers.

    Weights are (heads, in, out), so that their gradients lie as they do, and biases (heads, out); both as torch.nn.Linear
    would draw them after torch.manual_seed(seed) for each head alone.
    """

    def __init__(self, widths: list[int], generators: list[torch.Generator], dropout: float, device: str) -> None:
        self.widths, self.dropout = widths, dropout
        drawn = [list(_linear(widths, generator)) for generator in generators]
        self.tensors = [torch.stack(parts).to(device).requires_grad_() for parts in zip(*drawn, strict=True)]

    def __call__(self, inputs: Tensor, masks: list[Tensor] | None) -> Tensor:
        """Return (heads, rows, out) for (heads, rows, in); `masks` has (heads, rows, width) of 0 or 1 for each hidden layer."""
        states = inputs
        for layer in range(len(self.widths) - 1):
            if layer:
                states = functional.gelu(states)
                states = states * masks[layer - 1] / (1 - self.dropout) if masks else states
            weight, bias = self.tensors[2 * layer : 2 * layer + 2]
            states = torch.baddbmm(bias.unsqueeze(1), states, weight)
        return states

    def masks(self, rows: int, generators: list[torch.Generator], owner: Tensor) -> list[Tensor] | None:
        """Draw dropout masks: one for each generator, given to the heads that it owns; `owner` is (heads,)."""
        if not self.dropout:
            return None
        drawn = []
        for width in self.widths[1:-1]:
            keep = [torch.rand(rows, width, generator=g, device=g.device) >= self.dropout for g in generators]
            drawn.append(torch.stack(keep).to(owner.device, torch.float32)[owner])
        return drawn


def _linear(widths: list[int], generator: torch.Generator) -> Iterator[Tensor]:
    """Yield the weight and bias of each layer: U(-1/sqrt(in), 1/sqrt(in)), torch.nn.Linear's own draw."""
    for width, out in pairwise(widths):
        bound = 1 / math.sqrt(width)
        # kaiming_uniform_(a=sqrt(5)) reckons its bound in this order; the last bit hangs on it.
        edge = math.sqrt(3.0) * (math.sqrt(2.0 / (1 + 5.0)) / math.sqrt(width))
        yield torch.empty(out, width).uniform_(-edge, edge, generator=generator).T.contiguous()
        yield torch.empty(out).uniform_(-bound, bound, generator=generator)


class Optimizer:
    """AdamW over stacked heads, each with its own learning rate and its own gradient clipping.

    `rates` is (steps, heads). Heads with equal rates throughout are given to torch's AdamW as one slice, so they should
    stand side by side. A head whose loss or gradient is not finite is stopped where it stands; the others go on.
    """

    def __init__(self, tensors: list[Tensor], rates: Tensor, weight_decay: float, clip: float) -> None:
        self.tensors, self.rates, self.clip = tensors, rates, clip
        columns = [tuple(column) for column in rates.T.tolist()]
        bounds, start = [], 0
        for _, same in groupby(columns):
            length = len(list(same))
            bounds.append((start, start + length))
            start += length
        self.slices = [[tensor.detach()[a:b] for tensor in tensors] for a, b in bounds]
        self.bounds = bounds
        self.inner = torch.optim.AdamW([{"params": s} for s in self.slices], lr=0.0, weight_decay=weight_decay, fused=True)
        self.failed_at = torch.full((len(columns),), -1, device=tensors[0].device)
        self.done = 0

    def step(self, losses: Tensor) -> None:
        """Take one step for (heads,) losses: each head's gradient is of its own loss alone."""
        grads = torch.autograd.grad(torch.where(self.failed_at < 0, losses, 0.0).sum(), self.tensors)
        norms = torch.stack([grad.flatten(1).norm(dim=1) for grad in grads]).norm(dim=0)
        broken = ~(torch.isfinite(norms) & torch.isfinite(losses.detach()))
        self.failed_at[broken & (self.failed_at < 0)] = self.done
        scale = torch.where(broken | (self.failed_at >= 0), 0.0, (self.clip / (norms + 1e-6)).clamp(max=1.0))
        if bool((scale < 1).any()):
            for g in grads:
                g.nan_to_num_(0.0, 0.0, 0.0).mul_(scale.view(-1, *[1] * (g.dim() - 1)))
        rates = self.rates[self.done].tolist()
        for group, parts, (start, end) in zip(self.inner.param_groups, self.slices, self.bounds, strict=True):
            group["lr"] = rates[start]
            for part, grad in zip(parts, grads, strict=True):
                part.grad = grad[start:end]
        self.inner.step()
        self.done += 1


def bytes_of(widths: list[int], rows: int) -> int:
    """Return about how much memory one head takes in training: weights, gradient, two moments, activations."""
    weights = sum(a * b + b for a, b in pairwise(widths))
    return 4 * (4 * weights + 6 * rows * sum(widths))


def at_once(wanted: int, each: int, device: str, share: float) -> int:
    """Return how many heads of `each` bytes fit into `share` of the free memory: at most `wanted`, at least one."""
    free = torch.cuda.mem_get_info()[0] if device == "cuda" else _available()
    return max(1, min(wanted, int(share * free / max(1, each))))


def _available() -> int:
    """Return the memory that can be had without swapping, in bytes (Linux; elsewhere half of all memory)."""
    try:
        lines = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines())
        return int(lines["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2

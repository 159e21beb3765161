"""Item representations learned from sequences: code embeddings, a map of the text's vector, or a vector for each item (A3).

As in VQ-Rec (arXiv 2210.12316, section 3) an item is what its codes' embeddings make together; far smaller here: their mean in
place of a transformer over the sequence, and a softmax over all items in place of contrastive pre-training.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from .recipe import Learning
from .sequences import Features, profile

Vectors = NDArray[np.float32]


def start(features: Features, values: int, settings: Learning, seed: int) -> Vectors:
    """Return first values: (d, dimensions) for text vectors, (parts, values, dimensions) for codes."""
    shape = (features.shape[1], settings.dimensions)
    if features.dtype == np.int64:
        shape = (features.shape[1], values, settings.dimensions)
    return np.random.default_rng(seed).normal(0, settings.spread, shape).astype(np.float32)


def items(weights: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
    """Return (n, dimensions) unit vectors of items: the mean of their codes' embeddings, or the mapped text."""
    coded = features.dtype == torch.long
    found = weights[torch.arange(features.shape[1]), features].mean(dim=1) if coded else features @ weights
    return torch.nn.functional.normalize(found, dim=1)


def vectors(weights: Vectors, features: Features) -> Vectors:
    """Return (n, dimensions) unit vectors of items as learned."""
    with torch.inference_mode():
        found: Vectors = items(torch.from_numpy(weights), torch.from_numpy(features)).numpy()
    return found


def train(weights: Vectors, features: Features, sequences: list[list[int]], settings: Learning, seed: int) -> Vectors:
    """Return weights trained to tell the next item of a sequence from all items that are not yet in it."""
    moved, fixed = torch.nn.Parameter(torch.from_numpy(weights.copy())), torch.from_numpy(features)
    optimizer = torch.optim.Adam([moved], lr=settings.learning_rate)
    for before, targets in examples(sequences, len(features), settings, np.random.default_rng(seed)):
        found = items(moved, fixed)
        users = torch.nn.functional.normalize(before @ found, dim=1)
        scores = (users @ found.T / settings.temperature).masked_fill(before > 0, -math.inf)
        value = torch.nn.functional.cross_entropy(scores, targets)
        optimizer.zero_grad(set_to_none=True)
        value.backward()
        optimizer.step()
    result: Vectors = moved.detach().numpy()
    return result


def examples(
    sequences: list[list[int]], count: int, settings: Learning, chance: np.random.Generator
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Yield (batch, items) profiles of what came before a place drawn in each sequence, and the items at these places."""
    usable = [sequence for sequence in sequences if len(sequence) > 1]
    for _ in range(settings.epochs):
        order = chance.permutation(len(usable))
        for first in range(0, len(order), settings.batch):
            batch = [usable[i] for i in order[first : first + settings.batch]]
            places = [int(chance.integers(1, len(sequence))) for sequence in batch]
            before = np.stack([profile(sequence[:place], count) for sequence, place in zip(batch, places, strict=True)])
            targets = [sequence[place] for sequence, place in zip(batch, places, strict=True)]
            yield torch.from_numpy(before), torch.tensor(targets)

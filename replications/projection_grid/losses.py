"""The four terms that a head is trained with, for many heads at once: every tensor starts with the head's axis."""

from __future__ import annotations

import torch
from torch import Tensor


def explicit(queries: Tensor, positives: Tensor, negatives: Tensor, margin: Tensor) -> Tensor:
    """Return mean max(0, |q - p| - |q - n| + margin), (heads,), of (heads, B, d) outputs and (heads,) margins.

    Released code: scripts/train.py@66dea8e, SIGRegLoss, the path with explicit negatives.
    """
    near, far = (queries - positives).norm(dim=-1), (queries - negatives).norm(dim=-1)
    return (near - far + margin[:, None]).clamp(min=0).mean(dim=1)


def in_batch(queries: Tensor, positives: Tensor, margin: Tensor) -> Tensor:
    """Return the margin loss against the nearest other output of the batch, other queries included, (heads,).

    As repaired at 01c3b55; the code on main would raise an index error.
    """
    size = queries.shape[1]
    everything = torch.cat([queries, positives], dim=1)
    distances = torch.cdist(queries, everything, compute_mode="donot_use_mm_for_euclid_dist")
    own = torch.eye(size, dtype=torch.bool, device=queries.device).repeat(1, 2)
    hardest = distances.masked_fill(own, torch.inf).amin(dim=2)
    near = (queries - positives).norm(dim=-1)
    return (near - hardest + margin[:, None]).clamp(min=0).mean(dim=1)


def isotropy(outputs: Tensor) -> Tensor:
    """Return |C - vI|_F / d, (heads,), of (heads, N, d): C the sample covariance, v the variance of all entries jointly.

    Where N < d it goes by the N x N Gram matrix of the centred rows X: |C|_F = |XX'|_F / (N - 1), tr C = |X|_F^2 / (N - 1).
    """
    rows, width = outputs.shape[1:]
    return isotropy_gram(outputs) if rows < width else isotropy_direct(outputs)


def isotropy_direct(outputs: Tensor) -> Tensor:
    """Return |C - vI|_F / d by the d x d covariance itself."""
    rows, width = outputs.shape[1:]
    centred = outputs - outputs.mean(dim=1, keepdim=True)
    covariance = centred.transpose(1, 2) @ centred / (rows - 1)
    identity = torch.eye(width, dtype=outputs.dtype, device=outputs.device)
    target = outputs.flatten(1).var(dim=1)
    return (covariance - target[:, None, None] * identity).flatten(1).norm(dim=1) / width


def isotropy_gram(outputs: Tensor) -> Tensor:
    """Return the same by the N x N Gram matrix: |C - vI|_F^2 = |C|_F^2 - 2 v tr C + d v^2."""
    rows, width = outputs.shape[1:]
    centred = outputs - outputs.mean(dim=1, keepdim=True)
    gram = centred @ centred.transpose(1, 2) / (rows - 1)
    target = outputs.flatten(1).var(dim=1)
    trace = gram.diagonal(dim1=1, dim2=2).sum(dim=1)
    square = gram.square().sum(dim=(1, 2)) - 2 * target * trace + width * target.square()
    return square.clamp(min=torch.finfo(square.dtype).tiny).sqrt() / width


def spread(outputs: Tensor) -> Tensor:
    """Return (std - 1)^2, (heads,), of all entries of (heads, N, d) jointly; the target 1 is fixed in the released code."""
    return (outputs.flatten(1).std(dim=1) - 1).square()


def predictive(predicted: Tensor, positives: Tensor, stop_gradient: bool) -> Tensor:
    """Return the mean squared difference of predicted queries and positives, (heads,)."""
    target = positives.detach() if stop_gradient else positives
    return (predicted - target).square().mean(dim=(1, 2))

"""The two losses of the module's scripts on cosines: CoSENT over labelled pairs, and InfoNCE with in-batch negatives."""

from __future__ import annotations

import torch
from torch import Tensor


def cosent(one: Tensor, other: Tensor, labels: Tensor, scale: float) -> Tensor:
    """Return log(1 + sum of exp(scale (s_i - s_j)) over all i, j with label_i below label_j), s the cosine of a pair; a scalar.

    `one`, `other`: (pairs, d), unit rows; `labels`: (pairs,), 1 for the same subject, else 0. CoSENT (Su 2022), as
    sentence-transformers' CoSENTLoss has it. A batch whose labels are all equal has a loss of 0 and no gradient.
    """
    cosines = scale * (one * other).sum(dim=1)
    apart = cosines[:, None] - cosines[None, :]
    wrong = apart[labels[:, None] < labels[None, :]]
    return torch.logsumexp(torch.cat([wrong.new_zeros(1), wrong]), dim=0)


def info_nce(anchors: Tensor, positives: Tensor, subjects: Tensor, scale: float, masked: bool) -> Tensor:
    """Return the mean over anchors of minus log softmax of scale times the cosine with their own positive, among all; a scalar.

    `anchors`, `positives`: (n, d), unit rows; `subjects`: (n,) integers. van den Oord et al. 2018, equation 4, as
    sentence-transformers' MultipleNegativesRankingLoss has it. `masked`: another anchor's positive that has the anchor's
    own subject is no negative and is left out.
    """
    logits = scale * anchors @ positives.T
    if masked:
        own = torch.eye(len(subjects), dtype=torch.bool, device=subjects.device)
        logits = logits.masked_fill((subjects[:, None] == subjects[None, :]) & ~own, -torch.inf)
    return torch.nn.functional.cross_entropy(logits, torch.arange(len(subjects), device=subjects.device))

"""The two terms of the training loss: supervised NT-Xent over labels, and the isotropy term."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

Positives = Literal["log_of_sum", "mean_of_logs"]
FLOOR = 1e-12  # added to numerator and denominator, as released


def nt_xent(vectors: Tensor, labels: Tensor, tau: float, positives: Positives) -> Tensor:
    """Return the mean over anchors of minus log (positives over all others), exp(cosine / tau) each; a scalar.

    `vectors`: (n, d), unit rows; `labels`: (n,) integers. Paper, equation 1: the log of the summed positives;
    `mean_of_logs` is SupCon's L_out (Khosla et al. 2020, equation 2). With the released floor an anchor whose best cosine
    is below 1 - 27.6 tau has a loss near 0 and hardly a gradient: 0.72 at tau 0.01, nothing to speak of from 0.05 on.
    Raise ValueError for tau <= 0 and for an anchor without a positive.
    """
    if tau <= 0:
        raise ValueError(f"tau: {tau} is not above 0")
    alone = ~torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    same = (labels[:, None] == labels[None, :]) & alone
    if not bool(same.any(dim=1).all()):
        first = int((~same.any(dim=1)).nonzero()[0])
        raise ValueError(f"anchor {first} of the batch has no positive: no other row has its label {int(labels[first])}")
    logits = vectors.float() @ vectors.float().T / tau
    logits = logits - logits.max(dim=1, keepdim=True).values.detach()  # the anchor itself counts in the maximum
    if positives == "mean_of_logs":
        everything = logits.masked_fill(~alone, -torch.inf).logsumexp(dim=1)
        return (everything - (logits * same).sum(dim=1) / same.sum(dim=1)).mean()
    shares = logits.exp() * alone
    return (torch.log(shares.sum(dim=1) + FLOOR) - torch.log((shares * same).sum(dim=1) + FLOOR)).mean()


def isotropy(vectors: Tensor) -> Tensor:
    """Return the mean squared feature mean plus the mean squared distance of feature variances (biased) from 1; a scalar.

    `vectors`: (n, d). For unit rows it lies in [(1 - 1/d)^2, 1 + 1/d], whatever the vectors are.
    """
    wide = vectors.float()
    return wide.mean(dim=0).square().mean() + (wide.var(dim=0, unbiased=False) - 1).square().mean()

"""Batches run in parts of like length: the same embeddings and losses, with less padding."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import losses
from torch import Tensor
from torch.nn.functional import pad


class ByLength(SentenceTransformer):
    """A sentence-transformer that runs each batch in up to `buckets` parts of like length, so that less padding is computed.

    The embeddings are those of the whole batch, up to rounding: no text attends to another one's padding.
    """

    buckets = 1

    def forward(self, input: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Embed one batch of token ids, (texts, tokens); the row order is kept."""
        lengths = input["attention_mask"].sum(dim=1)
        if self.buckets == 1 or len(lengths) < self.buckets:
            return super().forward(input, **kwargs)
        order = torch.argsort(lengths)
        rows = order.split(runs(lengths[order].tolist(), self.buckets))
        widths = [int(lengths[part].max()) for part in rows]
        # Looked up once for all parts: each look-up has a gradient of the whole vocabulary's size, written and added up.
        ids = [input["input_ids"][part, :width] for part, width in zip(rows, widths, strict=True)]
        table = self[0].model.get_input_embeddings()
        looked_up = table(torch.cat([part.flatten() for part in ids])).split([part.numel() for part in ids])
        rest = {key: value for key, value in input.items() if key != "input_ids"}
        found: list[Tensor] = []
        for part, width, tokens in zip(rows, widths, looked_up, strict=True):
            cut = {k: v[part, :width] if isinstance(v, Tensor) and v.ndim > 1 else v for k, v in rest.items()}
            cut["inputs_embeds"] = tokens.view(len(part), width, -1)
            found.append(super().forward(cut, **kwargs)["sentence_embedding"])
        return {**input, "sentence_embedding": torch.cat(found)[torch.argsort(order)]}


def runs(lengths: list[int], count: int) -> list[int]:
    """Cut ascending `lengths` into `count` runs with the least padding in all; return how many stand in each.

    Exact, by dynamic programming over the end of each run.
    """
    n = len(lengths)
    ends, starts = np.arange(1, n + 1), np.arange(n)
    tokens = (ends[None, :] - starts[:, None]) * np.array(lengths, dtype=float)[None, :]  # of a run from start to end
    tokens[ends[None, :] <= starts[:, None]] = np.inf
    least, begun = tokens[0], [np.zeros(n, dtype=int)]
    for _ in range(1, count):
        total = np.concatenate([[np.inf], least[:-1]])[:, None] + tokens
        begun.append(total.argmin(axis=0))
        least = total[begun[-1], starts]
    sizes, last = [], n
    for start in reversed(begun):
        sizes.append(int(last - start[last - 1]))
        last = int(start[last - 1])
    return sizes[::-1]


class Together:
    """A loss that embeds all its columns in one batch, so that texts of like length meet whatever column they stand in."""

    def forward(self, sentence_features: Any, labels: Tensor) -> Tensor:
        """Return the loss of one batch; `sentence_features`: token ids of each column, (batch, tokens)."""
        columns = [dict(features) for features in sentence_features]
        width = max(column["attention_mask"].shape[1] for column in columns)
        merged = dict(columns[0])
        for key, value in columns[0].items():
            if isinstance(value, Tensor) and value.ndim == 2:
                merged[key] = torch.cat([pad(column[key], (0, width - column[key].shape[1])) for column in columns])
        embeddings = self.model(merged)["sentence_embedding"]  # type: ignore[attr-defined]
        return self.compute_loss_from_embeddings(list(embeddings.chunk(len(columns))), labels)  # type: ignore[attr-defined, no-any-return]


class Ranking(Together, losses.MultipleNegativesRankingLoss):
    """MultipleNegativesRankingLoss (Henderson et al. 2017), embedded together."""


class Cosine(Together, losses.CosineSimilarityLoss):
    """CosineSimilarityLoss (Reimers & Gurevych 2019), embedded together."""

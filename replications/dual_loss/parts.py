"""Batches run in parts of like length: the same embeddings and losses, with less padding."""

from __future__ import annotations

from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import losses
from torch import Tensor
from torch.nn.functional import pad


class ByLength(SentenceTransformer):
    """A sentence-transformer that runs each batch in `buckets` parts of like length, so that less padding is computed.

    The embeddings are those of the whole batch, up to rounding: no text attends to another one's padding.
    """

    buckets = 1

    def forward(self, input: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Embed one batch of token ids, (texts, tokens); the row order is kept."""
        lengths = input["attention_mask"].sum(dim=1)
        if self.buckets == 1 or len(lengths) < self.buckets:
            return super().forward(input, **kwargs)
        # Looked up once: each look-up has a gradient of the whole vocabulary's size, written and added up.
        rest = {key: value for key, value in input.items() if key != "input_ids"}
        rest["inputs_embeds"] = self[0].model.get_input_embeddings()(input["input_ids"])
        order = torch.argsort(lengths)
        parts: list[Tensor] = []
        for rows in order.chunk(self.buckets):
            width = int(lengths[rows].max())
            part = {k: v[rows, :width] if isinstance(v, Tensor) and v.ndim > 1 else v for k, v in rest.items()}
            parts.append(super().forward(part, **kwargs)["sentence_embedding"])
        return {**input, "sentence_embedding": torch.cat(parts)[torch.argsort(order)]}


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

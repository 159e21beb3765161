"""A BERT in training on tokens laid end to end: no padding is computed, and texts of one length attend side by side."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from harness.errors import InputError

BITS = 16  # of a random number that decides about one element; torch's own dropout on a processor draws one number for each


def states(bert: Any, texts: list[list[int]]) -> list[Tensor]:
    """Return the last hidden states of each text, (its tokens, d), for its token ids; the module's own mode decides about dropout.

    The same as transformers' BertModel (Devlin et al. 2019) up to rounding and the draw of dropout; raise InputError for another model.
    """
    if bert.config.model_type != "bert":
        raise InputError(f"recipe.packed: true is written for a BERT, not for '{bert.config.model_type}'; write packed: false")
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    lengths = [len(texts[i]) for i in order]
    ids, places = (
        torch.tensor([number for i in order for number in of(texts[i])], device=bert.device)
        for of in (lambda text: text, lambda text: range(len(text)))
    )
    runs = [(len(list(same)), length) for length, same in groupby(lengths)]  # (texts, tokens of each)
    rows = _embedded(bert.embeddings, ids, places)
    for layer in bert.encoder.layer:
        rows = _layer(layer, rows, runs)
    found = dict(zip(order, rows.split(lengths), strict=True))
    return [found[i] for i in range(len(texts))]


def _embedded(part: Any, ids: Tensor, places: Tensor) -> Tensor:
    rows = part.word_embeddings(ids) + part.token_type_embeddings.weight[0] + part.position_embeddings(places)
    return dropped(part.LayerNorm(rows), part.dropout)


def _layer(layer: Any, rows: Tensor, runs: list[tuple[int, int]]) -> Tensor:
    own, after = layer.attention.self, layer.attention.output
    three = (own.query, own.key, own.value)
    weight, bias = torch.cat([one.weight for one in three]), torch.cat([one.bias for one in three])
    projected = functional.linear(rows, weight, bias).split([texts * tokens for texts, tokens in runs])
    mixed = torch.cat([_attended(part, *run, own) for part, run in zip(projected, runs, strict=True)])
    rows = after.LayerNorm(dropped(after.dense(mixed), after.dropout) + rows)
    wide = layer.intermediate.intermediate_act_fn(layer.intermediate.dense(rows))
    return layer.output.LayerNorm(dropped(layer.output.dense(wide), layer.output.dropout) + rows)  # type: ignore[no-any-return]


def _attended(projected: Tensor, texts: int, tokens: int, own: Any) -> Tensor:
    """Let `texts` texts of `tokens` tokens attend, each to itself: (texts * tokens, 3 d) of queries, keys, values to (texts * tokens, d)."""
    parts = projected.view(texts, tokens, 3, own.num_attention_heads, own.attention_head_size).permute(2, 0, 3, 1, 4)
    queries, keys, values = parts.flatten(1, 2)  # (texts * heads, tokens, width) each
    shares = dropped(torch.softmax(queries @ keys.transpose(1, 2) * own.scaling, dim=-1), own.dropout)
    mixed = (shares @ values).view(texts, own.num_attention_heads, tokens, -1)
    return mixed.transpose(1, 2).reshape(texts * tokens, -1)


def dropped(values: Tensor, how: torch.nn.Dropout) -> Tensor:
    """Dropout (Srivastava et al. 2014) from torch's own stream of random numbers; its share is rounded to a 65,536th on a processor."""
    if not (how.training and how.p) or values.device.type != "cpu":
        return how(values)  # type: ignore[no-any-return]
    limit = round(how.p * 2**BITS)
    drawn = torch.empty(-(-values.numel() * BITS // 64), dtype=torch.int64).random_(-(2**63), None).view(torch.int16)
    kept = drawn[: values.numel()].view(values.shape) >= limit - 2 ** (BITS - 1)
    return values * (kept.to(values.dtype) / (1 - limit / 2**BITS))

"""A transformer's layers in bfloat16 on a processor: weights packed once for oneDNN, GELU inside the product, states in float32.

torch's own layers pack the weights anew for each product, and round the state to bfloat16 after each step: they take a quarter
longer, and stand some three times as far from float32 (benchmarks/encode_speed.py). Products are in bfloat16 with sums in float32;
embeddings, residual sums and layer norms are in float32.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

BERT = (
    *(f"attention.self.{name}" for name in ("query", "key", "value")),
    *("attention.output.dense", "attention.output.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm"),
)
MPNET = (*(f"attention.attn.{name}" for name in "qkvo"), "attention.LayerNorm", *BERT[5:])
# Where the parts of a layer lie, by the model's type: query, key, value, out; norm; up, down; norm.
LAYOUTS = {"bert": BERT, "roberta": BERT, "xlm-roberta": BERT, "camembert": BERT, "mpnet": MPNET}


def pack(model: Any) -> Packed | None:
    """Pack a model that was loaded in float32; None, with a line that says why, where the model or the processor does not allow it.

    The model's own layers are emptied: their weights would be kept twice.
    """
    if reason := lacking(model.config):
        print(f"encode: bfloat16 runs through torch's own layers, which takes longer: {reason}", file=sys.stderr)
        return None
    packed = Packed(model)
    model.encoder.layer = type(model.encoder.layer)()
    return packed


def lacking(config: Any) -> str | None:
    """Say why a model with this configuration cannot be packed here; None where it can."""
    if config.model_type not in LAYOUTS:
        return f"models of the type '{config.model_type}' are not packed; known: {', '.join(LAYOUTS)}"
    if config.hidden_act != "gelu" or getattr(config, "is_decoder", False):
        return "only encoders with the exact GELU are packed"
    return _off()


def _off() -> str | None:
    """Try oneDNN's packed product, which is none of torch's public functions, against a plain one; say what is wrong with it."""
    import torch

    draw = torch.Generator().manual_seed(0)
    rows, weight, bias = (torch.randn(*shape, generator=draw) for shape in ((16, 64), (32, 64), (32,)))
    rows, weight = rows.bfloat16(), weight.bfloat16() / 8
    try:
        found = Product(weight.float(), bias)(rows, gelu=True)
    except (AttributeError, RuntimeError) as error:
        said = str(error).strip().splitlines() or [type(error).__name__]
        return f"oneDNN has no packed products in bfloat16 on this processor ({said[0][:100]})"
    expected = torch.nn.functional.gelu(rows.float() @ weight.float().T + bias)
    return None if torch.allclose(found.float(), expected, rtol=1e-2, atol=1e-3) else "oneDNN's packed products are wrong here"


class Product:
    """A linear layer, (n, in) to (n, out) in bfloat16: its weight, (out, in), lies as oneDNN wants it; the bias stays in float32."""

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        import torch

        self.width = weight.shape[1]
        self.weight = torch.ops.mkldnn._reorder_linear_weight(weight.bfloat16().contiguous())
        self.bias = bias.float().contiguous()
        self.run: Callable[..., Any] = torch.ops.mkldnn._linear_pointwise

    def __call__(self, rows: Tensor, gelu: bool = False) -> Tensor:
        found: Tensor = self.run(rows, self.weight, self.bias, *(("gelu", [], "none") if gelu else ("none", [], "")))
        return found


@dataclass(frozen=True)
class Layer:
    """One layer: query, key and value in one product, the query's share scaled by 1/sqrt(d) beforehand."""

    asked: Product
    out: Product
    norm: Callable[[Tensor], Tensor]
    up: Product
    down: Product
    last_norm: Callable[[Tensor], Tensor]


def alike(layer: Layer) -> bool:
    """Say whether a row of each product is the same to the last bit, in one thread, among few rows, among some and among many."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for product in (layer.asked, layer.out, layer.up, layer.down):
            rows = torch.randn(1024, product.width, generator=torch.Generator().manual_seed(0)).bfloat16()
            many = product(rows, gelu=product is layer.up)
            if not all(torch.equal(product(rows[:few], gelu=product is layer.up), many[:few]) for few in (64, 200, 776)):
                return False
        return True
    finally:
        torch.set_num_threads(before)


class Packed:
    """The layers of a BERT, RoBERTa or MPNet; token ids and mask in, states in float32 out."""

    def __init__(self, model: Any) -> None:
        self.width, self.heads = model.config.hidden_size, model.config.num_attention_heads
        self.embeddings: Callable[..., Tensor] = model.embeddings
        self.layers = [self._layer(*attrgetter(*LAYOUTS[model.config.model_type])(layer)) for layer in model.encoder.layer]
        self.bias: Callable[[Tensor], Tensor] | None = getattr(
            model.encoder, "compute_position_bias", None
        )  # MPNet's, one for all layers
        self.attend = fused if multiplies_tiles() else products
        self.shapes = "packed" if alike(self.layers[0]) else "packed, filled up"

    def _layer(self, query: Any, key: Any, value: Any, out: Any, norm: Any, up: Any, down: Any, last: Any) -> Layer:
        import torch

        scale = math.sqrt(self.heads / self.width)
        weight = torch.cat([query.weight * scale, key.weight, value.weight])
        asked = Product(weight, torch.cat([query.bias * scale, key.bias, value.bias]))
        return Layer(
            asked, Product(out.weight, out.bias), norm, Product(up.weight, up.bias), Product(down.weight, down.bias), last
        )

    def __call__(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return the last states, (n, tokens, width) float32, for ids and mask, (n, tokens)."""
        texts, length = ids.shape
        states = self.embeddings(input_ids=ids)
        bias = None if self.bias is None else self.bias(states[:1]).bfloat16()
        states = states.view(texts * length, self.width)
        for layer in self.layers:
            asked = layer.asked(states.bfloat16()).view(texts, length, 3, self.heads, -1)
            query, key, value = asked.permute(2, 0, 3, 1, 4)
            found = self.attend(query, key, value, mask, bias).transpose(1, 2).reshape(states.shape)
            states = layer.norm(states.add_(layer.out(found)))
            states = layer.last_norm(states.add_(layer.down(layer.up(states.bfloat16(), gelu=True))))
        return states.view(texts, length, self.width)


def multiplies_tiles() -> bool:
    """Say whether the processor has AMX: torch's fused attention has kernels for it, and goes through MKL without it."""
    import torch

    return bool(torch.cpu.get_capabilities().get("amx_bf16"))


def products(query: Tensor, key: Tensor, value: Tensor, mask: Tensor, bias: Tensor | None) -> Tensor:
    """Attend by two batches of products; all are (n, heads, tokens, d) but the mask, (n, tokens), and the bias, (1, heads, tokens, tokens).

    Only columns in which some text has padding are masked; to the others nothing is done.
    """
    import torch

    texts, heads, length, _ = query.shape
    query, key, value = (part.reshape(texts * heads, length, -1) for part in (query, key, value))
    if bias is None:
        scores = torch.bmm(query, key.transpose(1, 2))
    else:
        scores = torch.baddbmm(bias.expand(texts, -1, -1, -1).reshape(-1, length, length), query, key.transpose(1, 2))
    scores = scores.view(texts, heads, length, length)
    if (whole := int(mask.sum(1).min())) < length:
        scores[..., whole:].masked_fill_(mask[:, None, None, whole:] == 0, -math.inf)
    return torch.bmm(scores.softmax(-1).view(-1, length, length), value).view(texts, heads, length, -1)


def fused(query: Tensor, key: Tensor, value: Tensor, mask: Tensor, bias: Tensor | None) -> Tensor:
    """Attend by torch's fused kernel; the same arguments and result as `products`."""
    import torch

    left_out = torch.zeros(mask.shape, dtype=query.dtype).masked_fill_(mask == 0, -math.inf)[:, None, None]
    added = left_out if bias is None else bias + left_out
    return torch.nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=added, scale=1.0)

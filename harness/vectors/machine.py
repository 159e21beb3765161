"""Where vectors and training are computed: device, batch and heads at once, chosen by what is there.

An encoder's precision is part of what is measured and stands in experiment.yaml; here is only what moves no more than the last bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from harness.vectors.batches import TOKENS

HEADS = 8  # at once on a processor: on two cores more than four gain little
TOKEN_BYTES = 128 * 1024  # that an encoder of BERT's base size takes for a token of a batch at most, reckoned from its layers
SHARE = 0.5  # of a GPU's memory for the tokens of a batch; the rest is for weights and for what else runs there


@dataclass(frozen=True)
class Gpu:
    """A GPU as torch tells of it: its name, its memory in bytes, and whether it multiplies bfloat16 itself."""

    name: str
    memory: int
    bfloat16: bool


@dataclass(frozen=True)
class Found:
    """What is there: threads of the processor, whether it multiplies bfloat16 itself, the first visible GPU, and whether TF32 is asked for."""

    threads: int
    bfloat16: bool
    gpu: Gpu | None
    tf32: bool


@dataclass(frozen=True)
class Choice:
    """What is used. `tokens` of a batch; `heads` at once, None for a whole grid; `bfloat16`: is it multiplied by the device itself?"""

    device: str
    name: str
    tokens: int
    heads: int | None
    bfloat16: bool
    tf32: bool

    def told(self) -> str:
        """Say it in a line."""
        heads = "all heads at once" if self.heads is None else f"{self.heads} heads at once"
        products = "float32 with TF32 products, as asked" if self.tf32 else "float32"
        also = "bfloat16 where a study asks for it" + ("" if self.bfloat16 else " (emulated: slow)")
        return f"{self.name}, {products}, {also}, {self.tokens:,} tokens a batch, {heads}"


def choose(found: Found) -> Choice:
    """Choose the GPU where there is one; fewer tokens go into a batch where its memory is small."""
    if not found.gpu:
        threads = f"{found.threads} thread{'s' if found.threads > 1 else ''}"
        return Choice("cpu", f"CPU, {threads}", TOKENS["cpu"], HEADS, found.bfloat16, tf32=False)
    tokens = TOKENS["cuda"]
    while tokens > TOKENS["cpu"] and tokens * TOKEN_BYTES > SHARE * found.gpu.memory:
        tokens //= 2
    return Choice("cuda", f"{found.gpu.name}", tokens, None, found.gpu.bfloat16, found.tf32)


def find() -> Found:
    """Ask torch what is there; a GPU that its build cannot use is not there."""
    import os

    import torch

    gpu = None
    if torch.cuda.is_available():
        told = torch.cuda.get_device_properties(0)
        gpu = Gpu(told.name, told.total_memory, torch.cuda.is_bf16_supported(including_emulation=False))
    # What oneDNN may use in this run, not what the processor has: `make check-portable` narrows the former.
    native = torch.backends.mkldnn.is_available() and bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())  # type: ignore[no-untyped-call]
    asked = os.environ.get("TORCH_ALLOW_TF32_CUBLAS_OVERRIDE") == "1"  # torch's own variable
    return Found(torch.get_num_threads(), native, gpu, asked)


@lru_cache(maxsize=1)
def chosen() -> Choice:
    """Return what this process uses, found once; TF32 is switched off unless it is asked for."""
    import torch

    choice = choose(find())
    if choice.device == "cuda" and not choice.tf32:
        torch.set_float32_matmul_precision("highest")
        torch.backends.cudnn.allow_tf32 = False
    return choice


def used() -> Choice | None:
    """Return what this process has used; None where it has computed nothing."""
    return chosen() if chosen.cache_info().currsize else None

"""Collections too large for memory: passages are encoded and searched in parts, one job a part."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Iterator
from itertools import islice, tee
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

from harness.data.passages import Passages
from harness.errors import InputError
from harness.text import replacing

if TYPE_CHECKING:
    from harness.vectors.cache import Vectors
    from harness.vectors.encoder import FrozenEncoder


def part_file(cache: Path, passages: Passages, prompt: str, part: int) -> Path:
    """Return where the vectors of a part are kept, below the cache folder of their encoder."""
    prompted = f"-{hashlib.sha256(prompt.encode()).hexdigest()[:8]}" if prompt else ""
    return cache / "large" / f"{passages.digest}{prompted}" / f"{part:05d}-of-{passages.parts:05d}.safetensors"


def encode_part(
    encoder: FrozenEncoder, pooling: str, prompt: str, passages: Passages, part: int, target: Path, shard: int
) -> int:
    """Encode one part, `shard` texts at a time, into `target`, whole or not at all; return the number of passages.

    Memory: the vectors of one part in float32, and the texts of two shards: one is tokenized while the other is computed.
    """
    start, end = passages.bounds(part)
    vectors: Vectors | None = None
    names: list[str] = []
    rows, began = passages.rows(part), time.monotonic()
    shards, ahead = tee(iter(lambda: list(islice(rows, shard)), []))
    encoded = encoder.encode_each(([prompt + text for _, text in rows] for rows in ahead), [pooling])
    for shard_rows, poolings in zip(shards, encoded, strict=True):
        found = poolings[pooling]
        vectors = np.empty((end - start, found.shape[1]), dtype=np.float32) if vectors is None else vectors
        vectors[len(names) : len(names) + len(found)] = found
        names += [name for name, _ in shard_rows]
        left = (time.monotonic() - began) / len(names) * (end - start - len(names))
        print(
            f"encode: part {part} of {passages.parts}: {len(names)}/{end - start} passages, about {left:.0f} s left",
            file=sys.stderr,
        )
    if vectors is None:
        raise InputError(f"{passages.path}: part {part} of {passages.parts} is empty; fewer parts will do")
    with replacing(target) as temporary:
        save_file({"vectors": vectors, "names": np.frombuffer("\n".join(names).encode(), dtype=np.uint8)}, temporary)
    return len(names)


def chunks(cache: Path, passages: Passages, prompt: str, rows: int) -> Iterator[tuple[list[str], Vectors]]:
    """Yield names and vectors, (rows, d), of all parts in their order; raise InputError for a part that is not encoded."""
    for part in range(passages.parts):
        path = part_file(cache, passages, prompt, part)
        if not path.is_file():
            raise InputError(f"{path}: part {part} of {passages.parts} is not encoded yet")
        with safe_open(path, framework="numpy") as opened:
            names = opened.get_tensor("names").tobytes().decode().split("\n")
            vectors = opened.get_slice("vectors")
            for start in range(0, len(names), rows):
                end = min(start + rows, len(names))
                yield names[start:end], vectors[start:end]

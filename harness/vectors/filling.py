"""Texts through a frozen encoder once, shard by shard into the caches of all poolings; resumable at any moment."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path

from harness.config import Config
from harness.vectors.cache import Cache
from harness.vectors.encoder import FrozenEncoder, caches

Told = Callable[[int, list[str], float], None]  # texts done, all that were missing, seconds spent


def fill(
    folder: Path, texts: Iterable[str], poolings: list[str], length: int, dtype: str, config: Config, told: Told | None = None
) -> tuple[dict[str, Cache], int]:
    """Encode what is missing of `texts`; return the cache of each pooling, and how many texts were new. `told` hears of each shard."""
    opened, wanted = caches(folder, poolings, length, dtype, config), list(texts)
    missing = list(dict.fromkeys(text for cache in opened.values() for text in cache.missing(wanted)))
    missing.sort(key=lambda text: (len(text), text))
    if missing:
        encoder = FrozenEncoder(folder, length, dtype, config.encode.threads)
        started = time.monotonic()
        shards = [missing[start : start + config.encode.shard] for start in range(0, len(missing), config.encode.shard)]
        done = 0
        for shard, found in zip(shards, encoder.encode_each(shards, poolings), strict=True):
            for pooling, vectors in found.items():
                opened[pooling].add(shard, vectors)
            done += len(shard)
            if told:
                told(done, missing, time.monotonic() - started)
    return opened, len(missing)

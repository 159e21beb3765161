"""The cache of encoded texts: one folder for each way of encoding, shards of vectors in safetensors."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from harness.errors import InputError
from harness.text import replacing, write_text

Vectors = NDArray[np.float32]


def digest(text: str) -> bytes:
    """32 bytes that name a text (prompt included) in the cache."""
    return hashlib.sha256(text.encode()).digest()


class Cache:
    """Vectors by text, for one way of encoding; `parts` (weights, tokenizer, pooling, ...) make the folder's name."""

    def __init__(self, root: Path, parts: dict[str, str]) -> None:
        description = json.dumps(parts, sort_keys=True, indent=1)
        self.folder = root / hashlib.sha256(description.encode()).hexdigest()[:20]
        if not (self.folder / "key.json").exists():
            write_text(self.folder / "key.json", description + "\n")
        self._place: dict[bytes, tuple[Path, int]] = {}
        for shard in sorted(self.folder.glob("*.safetensors")):
            self._index(shard)

    def _index(self, shard: Path) -> None:
        """Learn which texts a shard holds; a shard that was cut short or altered is named, dropped and made anew."""
        if (names := _sound(shard)) is None:
            print(f"{shard}: damaged (cut short or altered); its texts are encoded again", file=sys.stderr)
            shard.unlink(missing_ok=True)  # another process may have found it too
            return
        for row, name in enumerate(names):
            self._place.setdefault(name.tobytes(), (shard, row))

    def missing(self, texts: list[str]) -> list[str]:
        """The distinct texts not yet here, shortest first: an order that a resumed run repeats exactly."""
        wanted = {digest(text): text for text in texts}
        return [text for _, _, text in sorted((len(t), d, t) for d, t in wanted.items() if d not in self._place)]

    def add(self, texts: list[str], vectors: Vectors) -> None:
        """Store one shard, (n, d) float32, whole or not at all; raise InputError for a NaN or zero vector."""
        usable = np.isfinite(vectors).all(axis=1) & (np.abs(vectors).sum(axis=1) > 0)
        if not usable.all():
            text = texts[int(np.argmin(usable))]
            raise InputError(f"the encoder gave a NaN or zero vector for the text {text[:80]!r}; nothing of this shard is kept")
        names = np.frombuffer(b"".join(map(digest, texts)), dtype=np.uint8).reshape(len(texts), 32)
        shard = self.folder / f"{hashlib.sha256(names.tobytes()).hexdigest()[:20]}.safetensors"
        with replacing(shard) as temporary:
            save_file({"digests": names, "vectors": vectors}, temporary, metadata={"sha256": _checksum(names, vectors)})
        self._place |= {name.tobytes(): (shard, row) for row, name in enumerate(names)}

    def get(self, texts: list[str]) -> Vectors:
        """Return the vectors of `texts`, (n, d) float32, in their order; raise InputError if one is not here."""
        places = [self._place.get(digest(text)) for text in texts]
        if absent := [text for text, place in zip(texts, places, strict=True) if place is None]:
            raise InputError(f"{self.folder}: {len(absent)} texts are not encoded yet, the first: {absent[0][:60]!r}")
        if not texts:
            raise InputError(f"{self.folder}: asked for the vectors of no text at all")
        opened = {shard: self._vectors(shard) for shard in {place[0] for place in places if place}}
        return np.stack([opened[place[0]][place[1]] for place in places if place])

    @staticmethod
    def _vectors(shard: Path) -> Vectors:
        with safe_open(shard, framework="numpy") as opened:
            vectors: Vectors = opened.get_tensor("vectors")
        return vectors


def _sound(shard: Path) -> NDArray[np.uint8] | None:
    """Return a shard's digests, None where it is damaged; raise InputError where it cannot be opened: it may be good."""
    try:
        if shard.stat().st_size == 0:
            return None
        with shard.open("rb"), safe_open(shard, framework="numpy") as opened:
            names: NDArray[np.uint8] = opened.get_tensor("digests")
            return names if opened.metadata()["sha256"] == _checksum(names, opened.get_tensor("vectors")) else None
    except (SafetensorError, KeyError, TypeError):
        return None
    except OSError as error:
        why = f"{shard}: cannot be opened ({error.strerror or error}), and is left as it is"
        raise InputError(f"{why}; make it readable, or give a folder of your own under cache in config.yaml") from None


def _checksum(names: NDArray[np.uint8], vectors: Vectors) -> str:
    return hashlib.sha256(names.tobytes() + np.ascontiguousarray(vectors).tobytes()).hexdigest()

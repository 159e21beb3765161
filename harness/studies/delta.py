"""Tensors kept by how far they are from others, bit for bit: a trained model is near its base, and an epoch's weights the last one's.

A number is foretold by its near one times the ratio that most of the tensor has: weight decay moves all rows of a table that no text
has touched by one factor. Kept is the distance from that, in units of the last bit: one stream for each of its four bytes, packed.
Multiplying in float32 gives the same bits everywhere, so that the same numbers come out on any machine; a digest says so.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import InputError
from harness.text import replacing

Tensor = NDArray[Any]
Tensors = dict[str, Tensor]
Near = Callable[[str, Tensors], Tensor | None]  # a tensor's name, and those before it → the one that it is near
FORM = "delta 1"
SAMPLE = 4096  # numbers of a tensor whose ratio is looked at


def save(path: Path, tensors: Mapping[str, Tensor], near: Near, told: Mapping[str, str] | None = None) -> None:
    """Write tensors, whole or not at all; those that are not float32, or near nothing, are packed as they are. `told`: words beside them."""
    from safetensors.numpy import save_file

    packed, index, before = {}, [], Tensors()
    for name, tensor in tensors.items():
        scale, packed[name] = _pack(tensor, near(name, before))
        index.append([name, tensor.dtype.str, list(tensor.shape), scale])
        before[name] = tensor
    metadata = {**(told or {}), "form": FORM, "index": json.dumps(index), "sha256": digest(tensors)}
    with replacing(path) as temporary:
        save_file(packed, temporary, metadata=metadata)


def read(path: Path) -> tuple[dict[str, str], Callable[[Near], Tensors]]:
    """Return the words that stand beside kept tensors, and what puts these together; raise InputError where other bits come out."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as opened:
            told = dict(opened.metadata() or {})
            packed = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 - not a dict
        if told.pop("form") != FORM:
            raise KeyError("form")
        index, expected = json.loads(told.pop("index")), told.pop("sha256")
    except (SafetensorError, KeyError, ValueError, OSError) as error:
        raise InputError(f"{path}: damaged, or of another version ({error}); remove it, and run again") from None

    def together(near: Near) -> Tensors:
        found: Tensors = {}
        for name, dtype, shape, scale in index:
            found[name] = _unpack(packed[name], np.dtype(dtype), shape, scale, near(name, found))
        if digest(found) != expected:
            raise InputError(f"{path}: what it is kept by has changed: it gives other numbers now; remove it, and run again")
        return found

    return told, together


def digest(tensors: Mapping[str, Tensor]) -> str:
    """Digest names and numbers."""
    found = hashlib.sha256()
    for name, tensor in tensors.items():
        found.update(f"{name} {tensor.dtype.str} {tensor.shape}\n".encode())
        found.update(np.ascontiguousarray(tensor).reshape(-1).view(np.uint8).data)
    return found.hexdigest()


def _foretold(near: Tensor | None, scale: float, shape: tuple[int, ...]) -> NDArray[np.uint32]:
    if near is None:
        return np.zeros(int(np.prod(shape)), dtype=np.uint32)
    return (np.ascontiguousarray(near) * np.float32(scale)).reshape(-1).view(np.uint32)


def _ratio(tensor: Tensor, near: Tensor) -> float:
    """Return the ratio that most numbers have, of a sample."""
    step = max(1, tensor.size // SAMPLE)
    ours, theirs = tensor.reshape(-1)[::step], near.reshape(-1)[::step]
    known = (np.abs(theirs) > 1e-6) & np.isfinite(ours) & np.isfinite(theirs)
    found = float(np.median(ours[known] / theirs[known])) if known.any() else 1.0
    return found if np.isfinite(found) and found else 1.0


def _pack(tensor: Tensor, near: Tensor | None) -> tuple[float, NDArray[np.uint8]]:
    tensor = np.ascontiguousarray(tensor)
    if tensor.dtype != np.float32:
        return 1.0, _squeezed(tensor.reshape(-1).view(np.uint8))
    near = near if near is not None and near.dtype == np.float32 and near.shape == tensor.shape else None
    scale = _ratio(tensor, near) if near is not None else 1.0
    apart = (tensor.reshape(-1).view(np.uint32) - _foretold(near, scale, tensor.shape)).view(np.int32)  # modulo 2**32
    folded = (apart << 1) ^ (apart >> 31)  # a small distance of either sign begins with zeros
    return scale, _squeezed(np.ascontiguousarray(folded.view(np.uint8).reshape(-1, 4).T))


def _unpack(packed: NDArray[np.uint8], dtype: np.dtype[Any], shape: list[int], scale: float, near: Tensor | None) -> Tensor:
    size = int(np.prod(shape)) * dtype.itemsize
    if dtype != np.float32:
        return _spread(packed, size).view(dtype).reshape(shape)
    near = near if near is not None and near.dtype == np.float32 and list(near.shape) == shape else None
    folded = np.ascontiguousarray(_spread(packed, size).reshape(4, -1).T).reshape(-1).view(np.uint32)
    apart = (folded >> 1) ^ (np.uint32(0) - (folded & 1))
    found: Tensor = (apart + _foretold(near, scale, tuple(shape))).view(np.float32).reshape(shape)
    return found


def _codec() -> Any:
    import pyarrow

    return pyarrow.Codec("zstd", compression_level=1)


def _squeezed(content: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.frombuffer(_codec().compress(content.tobytes(), asbytes=True), dtype=np.uint8)


def _spread(packed: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    return np.frombuffer(_codec().decompress(packed.tobytes(), decompressed_size=size, asbytes=True), dtype=np.uint8)

"""Document vectors that outlive the rank stage: kept only where a picture asks for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import InputError
from harness.text import replacing

if TYPE_CHECKING:
    from harness.vectors.cache import Vectors


def path(folder: Path, variant: str, role: str) -> Path:
    """Where a rank folder keeps the vectors of one variant on one collection."""
    return folder / "vectors" / f"{variant}.{role}.safetensors"


def write(target: Path, ids: list[str], vectors: Vectors) -> None:
    """Write (documents, d) vectors as float32, with the documents' ids; raise InputError where they are not one a document."""
    import numpy as np
    from safetensors.numpy import save_file

    if len(vectors) != len(ids):
        raise InputError(f"{target.name}: {len(vectors)} vectors for {len(ids)} documents")
    with replacing(target) as temporary:
        rows = np.ascontiguousarray(vectors, dtype=np.float32)
        save_file({"vectors": rows}, temporary, {"documents": json.dumps(ids)})


def read(source: Path) -> tuple[list[str], Vectors] | None:
    """Return document ids and vectors, (documents, d) float32; None where the rank stage kept none."""
    from safetensors import SafetensorError, safe_open

    if not source.is_file():
        return None
    try:
        with safe_open(source, "numpy") as opened:
            ids, vectors = json.loads(opened.metadata()["documents"]), opened.get_tensor("vectors")
        if not isinstance(ids, list) or len(ids) != len(vectors):
            raise ValueError(f"{len(vectors)} vectors, and no list of as many documents")
        return ids, vectors
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{source}: not the vectors of a rank stage ({error}); remove it and rank again") from None

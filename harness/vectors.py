"""Document vectors that outlive the rank stage: kept only where a picture asks for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import InputError
from harness.experiment import Variant
from harness.pictures.spec import Cloud
from harness.study import Study
from harness.text import replacing

if TYPE_CHECKING:  # the Snakefile reads this module, and a dry run shall not wait for numpy
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

Wanted = dict[tuple[str, str], str]  # (variant, collection role) → the picture that asks first


def wanted(study: Study, seed: int) -> Wanted:
    """Return the document vectors that the study's pictures show of this seed."""
    found: Wanted = {}
    for title, picture in (study.experiment.pictures if study.experiment else {}).items():
        if isinstance(picture, Cloud) and picture.seed == seed:
            for name in picture.series.values():
                found.setdefault((name, picture.collection), title)
    return found


def demand(study: Study, variants: tuple[Variant, ...], seed: int) -> str:
    """Say what a job must keep, for the rank stage's settings: empty where no picture asks, so that other studies stay done."""
    names = {variant.name for variant in variants}
    kept = sorted(key for key in wanted(study, seed) if key[0] in names)
    return json.dumps(kept) if kept else ""


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
            return json.loads(opened.metadata()["documents"]), opened.get_tensor("vectors")
    except (SafetensorError, KeyError, TypeError) as error:
        raise InputError(f"{source}: not the vectors of a rank stage ({error}); remove it and rank again") from None

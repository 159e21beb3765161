"""Who took what, in order, and the forms that items are learned from (A3)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harness.data.collection import Collection

Features = NDArray[np.float32] | NDArray[np.int64]  # (n, d) text vectors, or (n, parts) codes


def histories(collection: Collection) -> dict[str, list[int]]:
    """Return user -> places of the items taken before what is asked for, in order."""
    place = {name: i for i, name in enumerate(collection.document_ids)}
    return {user: [place[item] for item in taken.split()] for user, taken in collection.labels["history"].items()}


def profile(sequence: list[int], count: int) -> NDArray[np.float32]:
    """Return (count,): 1 over its length for every item of a sequence."""
    found = np.zeros(count, dtype=np.float32)
    found[sequence] = 1 / len(sequence)
    return found

"""Mined negatives: for each positive pair, the sentence that the untrained model takes for an answer and that is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from harness.vectors.encoder import FrozenEncoder, normalised

from .pairs import Pair
from .pairs import groups as linked
from .recipe import Recipe


def mine(base: Path, pairs: list[Pair], recipe: Recipe) -> dict[int, str]:
    """Return position of each positive pair → the second sentence, of another group of pairs, most like its first one.

    Pairs that hang together through a sentence are left out, because their answers may be right.
    """
    positive = [i for i, pair in enumerate(pairs) if pair[2] > 0]
    group = linked([pairs[i] for i in positive])
    encoder = FrozenEncoder(base, recipe.max_length, "float32", 0)
    one, other = (
        normalised(encoder.encode([pairs[i][side] for i in positive], ["mean"])["mean"]) for side in (0, 1)
    )
    cosines = one @ other.T
    names = np.array([group[pairs[i][0]] for i in positive])
    cosines[names[:, None] == names[None, :]] = -2.0
    best = cosines.argmax(axis=1)
    return {i: pairs[positive[best[row]]][1] for row, i in enumerate(positive)}

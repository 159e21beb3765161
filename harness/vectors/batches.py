"""Canonical batches: every text is computed in a shape that its own number of tokens decides, whoever shares the batch.

The last bits of a matrix product hang on its shape and on the number of threads. So a batch of one padded length always
has the same number of rows, filled up where texts run out, and is computed by one thread; batches run side by side.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Padded lengths: steps of about an eighth, so that little is computed for nothing.
LENGTHS = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 192, 224, 256, 320, 384, 448, 512)
FINER = tuple(range(8, 513, 8))


@dataclass(frozen=True)
class Shapes:
    """Tokens of a batch, and the lengths that texts are padded to. A part of what a vector is: see CODE_VERSIONS.

    Where texts run out, rows are filled up to the tokens of a batch; to `fewest` where more rows do not move a bit (packed.alike).
    """

    tokens: int
    lengths: tuple[int, ...] = LENGTHS
    fewest: int | None = None

    def rows(self, length: int, texts: int) -> int:
        """Return the rows of a batch of so many texts."""
        most = max(1, self.tokens // length)
        return most if self.fewest is None else min(most, max(texts, -(-self.fewest // length)))


# What stays in the cache of one core, what fills a GPU, and what packed layers multiply fastest.
SHAPES = {"cpu": Shapes(512), "cuda": Shapes(32768), "packed": Shapes(1024, FINER, 64), "packed, filled up": Shapes(1024)}


@dataclass(frozen=True)
class Batch:
    """Texts (their places in a list) that are computed together in a batch of `rows` rows of `length` tokens."""

    length: int
    rows: int
    places: tuple[int, ...]

    def arrays(self, tokens: Sequence[Sequence[int]], pad: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return token ids and mask, (rows, length); a row without a text holds padding behind one token."""
        ids = np.full((self.rows, self.length), pad, dtype=np.int64)
        mask = np.zeros((self.rows, self.length), dtype=np.int64)
        mask[:, 0] = 1  # a row without any token would be NaN
        for row, place in enumerate(self.places):
            ids[row, : len(tokens[place])] = tokens[place]
            mask[row, : len(tokens[place])] = 1
        return ids, mask


def padded(tokens: int, longest: int, steps: Sequence[int] = LENGTHS) -> int:
    """Return the length that a text of so many tokens is padded to; `longest` is what the encoder can take in."""
    return min(next((length for length in steps if length >= tokens), tokens), longest)


def plan(lengths: Sequence[int], longest: int, shapes: Shapes) -> list[Batch]:
    """Cut texts of so many tokens each into batches, the longest first."""
    members: dict[int, list[int]] = defaultdict(list)
    for place, tokens in enumerate(lengths):
        members[padded(tokens, longest, shapes.lengths)].append(place)
    found = []
    for length in sorted(members, reverse=True):
        most = max(1, shapes.tokens // length)
        parts = [tuple(members[length][start : start + most]) for start in range(0, len(members[length]), most)]
        found += [Batch(length, shapes.rows(length, len(part)), part) for part in parts]
    return found

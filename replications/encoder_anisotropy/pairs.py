"""Pairs of chunks to train on, drawn from all that the scripts make, and what is counted of them."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from itertools import accumulate
from math import comb
from typing import Literal

from harness.data.collection import Collection
from harness.errors import InputError

Pair = tuple[int, int]


@dataclass(frozen=True)
class Chunks:
    """The texts that are trained on, and the number of each one's subject."""

    texts: list[str]
    subjects: list[int]


def read(collection: Collection) -> Chunks:
    """Number the subjects of a training collection by name; raise InputError for fewer than two of them."""
    of = collection.labels["subject"]
    names = sorted(set(of.values()))
    if len(names) < 2:
        raise InputError(f"collection '{collection.name}': all chunks are of the subject '{names[0]}'; two at least are needed to tell apart")
    return Chunks(collection.document_texts, [names.index(of[name]) for name in collection.document_ids])


def draw(subjects: list[int], loss: Literal["cosent", "infonce"], number: int, chance: random.Random) -> list[Pair]:
    """Draw pairs of positions without repetition, in random order.

    CoSENT: of all unordered pairs. InfoNCE: of all ordered pairs of one subject. Raise InputError for more than there are.
    """
    if loss == "cosent":
        available = comb(len(subjects), 2)
    else:
        groups = [[i for i, own in enumerate(subjects) if own == subject] for subject in sorted(set(subjects))]
        ends = list(accumulate(len(group) * (len(group) - 1) for group in groups))
        available = ends[-1]
    if number > available:
        raise InputError(f"steps: {number} pairs are asked for, but {len(subjects)} chunks make {available}; take fewer steps")
    places = chance.sample(range(available), number)
    if loss == "cosent":
        return [_unordered(place) for place in places]
    return [_ordered(place, groups, ends) for place in places]


def _unordered(place: int) -> Pair:
    """Return the pair (i, j), j below i, that stands at a place of (1, 0), (2, 0), (2, 1), (3, 0), ..."""
    high = int((1 + (1 + 8 * place) ** 0.5) / 2)
    while comb(high, 2) > place:  # the root is rounded
        high -= 1
    while comb(high + 1, 2) <= place:
        high += 1
    return high, place - comb(high, 2)


def _ordered(place: int, groups: list[list[int]], ends: list[int]) -> Pair:
    number = next(i for i, end in enumerate(ends) if place < end)
    group = groups[number]
    anchor, other = divmod(place - (ends[number - 1] if number else 0), len(group) - 1)
    return group[anchor], group[other + (other >= anchor)]


def counts(subjects: list[int], drawn: list[Pair]) -> dict[str, float]:
    """Return how many chunks and pairs are trained on, and the share of the pairs that are of one subject."""
    same = sum(subjects[one] == subjects[other] for one, other in drawn)
    return {"chunks": len(subjects), "pairs": len(drawn), "same_subject": same / len(drawn)}


def false_negatives(subjects: list[int], drawn: list[Pair], batch: int) -> float:
    """Return the share of an anchor's in-batch negatives that are of its own subject: other pairs' positives."""
    false = others = 0
    for start in range(0, len(drawn), batch):
        rows = drawn[start : start + batch]
        seconds = Counter(subjects[other] for _, other in rows)
        false += sum(seconds[subjects[one]] - 1 for one, _ in rows)
        others += len(rows) * (len(rows) - 1)
    return false / others if others else 0.0

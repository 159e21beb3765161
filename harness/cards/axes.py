"""The declared multiverse (Steegen et al. 2016) of a printed retrieval score: every setting that is known to move one, and no other.

The first value of an axis is the standard: the model as it was saved, the collection as it is defined, the metric as trec_eval has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations, product

AXES: dict[str, dict[str, str]] = {
    "prompt": {
        "saved": "the prompts saved with the model",
        "none": "no prompts",
        "swapped": "the saved prompts swapped between queries and documents",
        "query on both": "the saved query prompt before documents too",
        "e5": "'query: ' and 'passage: ' as prompts",
        "instruction": "an instruction before each query",
    },
    "pooling": {
        "saved": "all modules saved with the model",
        "mean": "the mean of the tokens",
        "cls": "the first token",
        "max": "the largest value of each dimension",
        "lasttoken": "the last token",
        "weightedmean": "the mean weighted by place",
    },
    "length": {
        "saved": "texts cut where the model was saved to cut them",
        "64": "texts cut after 64 tokens",
        "128": "texts cut after 128 tokens",
        "256": "texts cut after 256 tokens",
        "512": "texts cut after 512 tokens",
    },
    "title": {"joined": "title and text joined by a space", "left out": "titles left out", "joined by a full stop": "title and text joined by '. '"},
    "precision": {"float32": "float32", "float16": "float16", "bfloat16": "bfloat16"},
    "split": {"own": "the split that is named"},
    "similarity": {
        "saved": "the similarity saved with the model",
        "cosine": "cosine",
        "dot": "dot product of vectors that are not normalised",
        "euclidean": "Euclidean distance of vectors that are not normalised",
    },
    "own": {
        "as defined": "a query's own document as the collection says",
        "excluded": "a query's own document left out of its ranking",
        "kept": "a query's own document kept in its ranking",
    },
    "ties": {
        "trec_eval": "ties in descending order of the document ids, as trec_eval",
        "ascending": "ties in ascending order of the document ids",
        "file": "ties in the order of the file",
        "relevant first": "ties with the relevant document first",
    },
    "gain": {"linear": "linear gain", "exponential": "exponential gain, 2^grade - 1"},
    "level": {"1": "judged 1 or higher is relevant", "2": "judged 2 or higher is relevant"},
    "queries": {"judged": "the mean over all judged queries", "with a relevant one": "the mean over queries with a relevant document"},
    "cutoff": {"printed": "the cut-off that the metric's name says"} | {str(k): f"cut-off {k}" for k in (1, 3, 5, 10, 20, 100, 1000)},
}
PASSES = ("prompt", "length", "title", "precision", "split")  # a change of these encodes texts anew; all others are free
INSTRUCTION = "Instruct: Given a query, retrieve documents that answer it\nQuery: "

Reading = dict[str, str]  # axis → value, of what differs from the standard; {} is the standard itself


def readings(axes: dict[str, list[str]], changes: int) -> Iterator[Reading]:
    """Yield every reading of at most so many changes, fewest first; of those that encode anew at most one is changed.

    `axes`: for each axis the values beside the standard that make sense for the model and the collection at hand.
    """
    for count in range(changes + 1):
        for names in combinations(axes, count):
            if sum(name in PASSES for name in names) <= 1:
                yield from (dict(zip(names, values, strict=True)) for values in product(*(axes[name] for name in names)))


def of(reading: Reading, axis: str) -> str:
    """Return what a reading takes for an axis."""
    return reading.get(axis) or next(iter(AXES[axis]))


def words(reading: Reading) -> str:
    """Say what a reading changes."""
    return "; ".join(AXES[axis].get(value, f"split {value}") for axis, value in reading.items()) or "as saved and as defined"


def passes(found: Iterable[Reading]) -> list[Reading]:
    """Return the distinct encodings that readings take, as readings of their own, in their order."""
    return list({tuple(sorted(one.items())): one for reading in found for one in [{a: v for a, v in reading.items() if a in PASSES}]}.values())

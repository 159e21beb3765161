"""Role probes: scored, and measured in both directions of every pair of roles (A1, A2, A4, A8)."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from harness.data.collection import Collection
from harness.studies.inputs import Inputs
from harness.studies.method import load
from harness.studies.study import folders

from .recipe import Probes

Floats = NDArray[np.float64]
Measure = tuple[str, str | None, float]
Pairs = dict[str, tuple[float, float]]  # query id -> scores of the relevant and of the wrong passage
TRAINED_WORDING = "0"  # a training sees the first wording of a query, strata are measured on the others


def lexical(collection: Collection, settings: Probes, seed: int, inputs: Inputs) -> Floats:
    """Return (queries, documents) scores: BM25 by the baseline's method, or the share of the query's words that a passage holds."""
    if settings.scorer == "overlap":
        texts = [words(text) for text in collection.document_texts]
        return np.array([[len(asked & text) / len(asked) for text in texts] for asked in map(words, collection.queries)])
    bm25 = load(folders(inputs.config)["bm25"])
    run = bm25.rank(collection, bm25.Settings.model_validate(settings.bm25), seed, inputs).run
    place = {name: i for i, name in enumerate(collection.document_ids)}
    found = np.zeros((len(collection.query_ids), len(place)))
    for row, query in enumerate(collection.query_ids):
        for name, score in run[query]:
            found[row, place[name]] = score
    return found


def words(text: str) -> frozenset[str]:
    """Return the lower-case words of letters and digits in a text."""
    return frozenset("".join(sign if sign.isalnum() else " " for sign in text.lower()).split())


def paired(collection: Collection, scores: Floats) -> Pairs:
    """Return the scores of both passages of every probe, of (queries, documents) scores rounded to float32, as a run keeps them."""
    row = {name: i for i, name in enumerate(collection.query_ids)}
    column = {name: i for i, name in enumerate(collection.document_ids)}
    kept = scores.astype(np.float32)
    return {
        query: (float(kept[row[query], column[right]]), float(kept[row[query], column[wrong]]))
        for query, right, wrong in collection.triples
    }


def stratum(roles: tuple[str, str], unseen: frozenset[str]) -> str:
    """Say whether both roles of a probe are among those trained on (seen), neither is (unseen), or one is (mixed)."""
    return ("seen", "mixed", "unseen")[sum(role in unseen for role in roles)]


def errors(pairs: Pairs) -> dict[str, float]:
    """Return 1 by probe where the wrong passage scores at least as high as the relevant one, else 0."""
    return {query: float(wrong >= right) for query, (right, wrong) in pairs.items()}


def of_error(collection: Collection, error: dict[str, float], unseen: frozenset[str]) -> list[Measure]:
    """Give the association error by probe, and by stratum for the wordings that no training sees."""
    labels, found = collection.labels, []
    for query, value in error.items():
        found.append(("association_error", query, value))
        if labels["wording"][query] != TRAINED_WORDING:
            name = stratum((labels["role"][query], labels["wrong_role"][query]), unseen)
            found.append((f"association_error[{name}]", query, value))
    return found


def of_pairs(collection: Collection, pairs: Pairs) -> list[Measure]:
    """Give ties by probe, and `same_passage`: 1 where one passage wins in both directions, whichever role is asked for, 0.5 for a tie.

    The mean is 1 for a scorer that does not look at the role, and 0.5 for one that guesses.
    """
    tied = {query: right == wrong for query, (right, wrong) in pairs.items()}
    found: list[Measure] = [("ties", query, float(value)) for query, value in tied.items()]
    wording = collection.labels["wording"]
    either: dict[tuple[frozenset[str], str], list[tuple[str, str]]] = defaultdict(list)
    for query, right, wrong in collection.triples:
        either[frozenset((right, wrong)), wording[query]].append((query, right if pairs[query][0] > pairs[query][1] else wrong))
    for asked in (two for two in either.values() if len(two) == 2):
        (one, first), (other, second) = asked
        value = 0.5 if tied[one] or tied[other] else float(first == second)
        found += [("same_passage", query, value) for query in (one, other)]
    return found


def of_cosines(collection: Collection, pairs: Pairs, documents: Floats) -> list[Measure]:
    """Give the gap by probe, and how near its passages lie: of one course in two roles, of one role in two courses.

    `documents`: (documents, d) unit vectors. A role that no other course has gives no second value.
    """
    found: list[Measure] = [("gap", query, right - wrong) for query, (right, wrong) in pairs.items()]
    labels, place = collection.labels, {name: i for i, name in enumerate(collection.document_ids)}
    cosines = documents @ documents.T
    for query, right, wrong in collection.triples:
        role, course = labels["passage_role"][right], labels["passage_course"][right]
        other = [
            place[name]
            for name in collection.document_ids
            if labels["passage_role"].get(name) == role and labels["passage_course"][name] != course
        ]
        if other:
            found.append(("cosine_same_course", query, float(cosines[place[right], place[wrong]])))
            found.append(("cosine_same_role", query, float(cosines[place[right], other].mean())))
    return found


def named(collection: Collection, queries: Floats, documents: Floats) -> list[Measure]:
    """Give the cosine of the one query to every document by its name, and of the first two documents (A8)."""
    asked = collection.query_ids[0]
    found: list[Measure] = [
        (f"cosine_{asked}_{name}", None, float(queries[0] @ row)) for name, row in zip(collection.document_ids, documents, strict=True)
    ]
    first, second = collection.document_ids[:2]
    return [*found, (f"cosine_{first}_{second}", None, float(documents[0] @ documents[1]))]

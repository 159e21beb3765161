"""What is counted on the ranked chunks: answers found, one role taken for another, one question for another."""

from __future__ import annotations

import re
from collections import defaultdict
from math import comb

from harness.data.collection import Collection

from . import extract
from .answers import WORDS, credits_in, states
from .names import HONORIFIC, NAME, NOBODY, NONE, SURNAME, placeholder
from .plain import bare, plain

Run = dict[str, list[tuple[str, float]]]
Measure = tuple[str, str | None, float]  # metric, query id or None, value

# "does not say", "not stated", "unknown": the words of an answer that there is none.
ABSENT = re.compile(
    r"\b(?:not|unknown|unclear|none|nothing|nobody|unspecified)\b|n['\u2019]t\b|\bno\s+(?:\w+\s+)?(?:\w+\s+)?\w+\b"
)
ROLE = re.compile(r"\b(?:the|teaching|course|assistants?|instructors?|professors?|syllabus|tas?|ta's)\b", re.IGNORECASE)
OTHER_ROLE = {"faculty": "ta", "ta": "faculty"}


def of_chunks(collection: Collection, run: Run, top: int) -> list[Measure]:
    """Return all measures of chunks ranked for questions to syllabi."""
    found = accuracy(collection, run, top) + roles(collection, run)
    return found + sameness(collection, run, top) + answered(collection, run, top)


def accuracy(collection: Collection, run: Run, top: int) -> list[Measure]:
    """Give 1 or 0 by question and syllabus: does the answer stand in the first `top` chunks?

    `accuracy_<category>` is over the questions that stand in the training pairs, `unseen_<category>` over those that do not.
    Questions that the syllabus does not answer are left out; their number is `unanswerable`. An answer that only two
    neighbouring chunks state together needs both; the number of such (syllabus, category) is `split_answers`.
    `chance_<category>` is what chunks drawn at random would get.
    """
    labels = collection.labels
    found: list[Measure] = []
    asked = [query for query in collection.query_ids if labels["answer"][query] != NONE]
    for query in asked:
        metric = "accuracy" if labels["asked"][query] == "seen" else "unseen"
        found.append((f"{metric}_{labels['category'][query]}@{top}", query, _hit(collection, query, run.get(query, [])[:top])))
        if metric == "accuracy":
            found.append((f"chance_{labels['category'][query]}@{top}", query, _chance(collection, query, top)))
    across = {(labels["cluster"][query], labels["category"][query]) for query in labels.get("across", {})}
    found.append(("unanswerable", None, float(len(collection.query_ids) - len(asked))))
    return [*found, ("split_answers", None, float(len(across)))]


def _hit(collection: Collection, query: str, rows: list[tuple[str, float]]) -> float:
    chunks = {chunk for chunk, _ in rows}
    if across := collection.labels.get("across", {}).get(query):
        return float(set(across.split("\t")) <= chunks)
    return float(any(collection.qrels[query].get(chunk, 0) for chunk in chunks))


def _chance(collection: Collection, query: str, top: int) -> float:
    assert collection.candidates
    size, grades = len(collection.candidates[query]), collection.qrels[query]
    good = sum(grade > 0 for grade in grades.values())
    if query in collection.labels.get("across", {}):  # two certain chunks
        return comb(size - 2, top - 2) / comb(size, top) if 2 <= top < size else float(top >= size)
    return 1 - comb(size - good, top) / comb(size, top) if top < size else 1.0


def roles(collection: Collection, run: Run) -> list[Measure]:
    """Give 1 where the first chunk names only the other role: `instructor_for_ta`, `ta_for_instructor`, by question.

    Asked of the syllabi that name both roles, and, for assistants, of those that name none (`instructor_for_no_ta`).
    """
    labels, found = collection.labels, []
    answers = {(labels["cluster"][q], labels["category"][q]): labels["answer"][q] for q in collection.query_ids}
    for query in collection.query_ids:
        category, syllabus = labels["category"][query], labels["cluster"][query]
        other = OTHER_ROLE.get(category)
        if other is None or not run.get(query) or answers.get((syllabus, other), NONE) == NONE:
            continue
        stated = labels["states"].get(run[query][0][0], "").split()
        metric = "instructor_for_ta" if category == "ta" else "ta_for_instructor"
        if labels["answer"][query] == NONE:
            if category != "ta":
                continue
            metric = "instructor_for_no_ta"
        found.append((metric, query, float(other in stated and category not in stated)))
    return found


def sameness(collection: Collection, run: Run, top: int) -> list[Measure]:
    """Give `same_chunks`, by question: the share of the syllabus's questions on other matters that get the same first `top` chunks.

    1 is a model that does not look at the question. Syllabi of no more than `top` chunks leave no choice and are left out.
    """
    assert collection.candidates
    labels, asked = collection.labels, defaultdict(list)
    for query in collection.query_ids:
        asked[labels["cluster"][query]].append(query)
    first = {query: frozenset(chunk for chunk, _ in run.get(query, [])[:top]) for query in collection.query_ids}
    found: list[Measure] = []
    for query in collection.query_ids:
        others = [other for other in asked[labels["cluster"][query]] if labels["category"][other] != labels["category"][query]]
        if others and len(collection.candidates[query]) > top:
            found.append((f"same_chunks@{top}", query, sum(first[other] == first[query] for other in others) / len(others)))
    return found


def confusion(collection: Collection, run: Run) -> list[Measure]:
    """Give 1 where the line of the other role stands first, by probe, under `confused_<kind>`; a tie counts as half."""
    found: list[Measure] = []
    for query, right, wrong in collection.triples:
        scores = dict(run[query])
        value = 0.5 if scores[right] == scores[wrong] else float(scores[wrong] > scores[right])
        found.append((f"confused_{collection.labels['kind'][query]}", query, value))
    return found


def excerpts(collection: Collection, run: Run, top: int) -> list[tuple[str, str, str, str]]:
    """Return (query, its first `top` chunks in one text, category, answer) of each question that stands in the pairs."""
    labels = collection.labels
    text = dict(zip(collection.document_ids, collection.texts, strict=True))
    return [
        (
            query,
            "\n\n".join(text[chunk] for chunk, _ in run.get(query, [])[:top]),
            labels["category"][query],
            labels["answer"][query],
        )
        for query in collection.query_ids
        if labels["asked"][query] == "seen"
    ]


def answered(collection: Collection, run: Run, top: int) -> list[Measure]:
    """Give 1 where the extractive answerer is right, by question; the right answer to what the syllabus lacks is 'EMPTY'."""
    return [
        (f"answered_{category}@{top}", query, float(extract.right(category, extract.answer(category, text), gold)))
        for query, text, category, gold in excerpts(collection, run, top)
    ]


def supported(words: str, category: str, gold: str) -> bool:
    """Say whether free words hold the label's answer, or say that there is none and name nothing."""
    if gold == NONE:
        absent = placeholder(words) or ABSENT.search(plain(words)) or re.search(rf"\b{NOBODY}", bare(words))
        return bool(absent) and not _named(words, category)
    if category == "course":
        if "-" in gold:  # variable credit: both ends are said
            return extract.answer(category, words if credits_in(words) else f"{words} credits") == gold
        numbers = _numbers(words)
        return numbers == {gold} if len(numbers) < 2 else extract.answer(category, words) == gold
    return states(words, category, gold) or states(f"Dr. {words}", category, gold)


def _named(words: str, category: str) -> bool:
    """Say whether free words name somebody, or a number of credits."""
    if category == "course":
        return bool(_numbers(words))
    left = re.sub(rf"\b{NOBODY}", " ", bare(words))
    return re.search(rf"\b{HONORIFIC}\s+{SURNAME}", left) is not None or re.search(NAME, ROLE.sub(" ", left)) is not None


def _numbers(words: str) -> set[str]:
    """Return the numbers in free words, as digits, however they are written."""
    found = re.findall(rf"\b(?:\d{{1,2}}(?:\.\d)?|{'|'.join(WORDS)})\b", plain(words))
    return {str(WORDS.index(one)) if one in WORDS else one.removesuffix(".0") for one in found}

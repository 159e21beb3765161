"""The questions: those that stand in the training pairs, and those that stand nowhere in them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from harness.errors import InputError
from harness.text import read_yaml

HERE = Path(__file__).parent
Asked = dict[str, list[str]]  # category → questions


def seen(kind: str, sentences: Iterable[str]) -> Asked:
    """Return the questions that stand in the pairs: `printed`, found by their digests, or `taught`, the project's own.

    Raise InputError if one is not among the sentences of the pairs.
    """
    known = {sentence.strip().casefold(): sentence.strip() for sentence in sentences}
    if kind == "taught":
        asked: Asked = read_yaml(HERE / "questions.yaml")["taught"]
        _refuse([q for questions in asked.values() for q in questions if q.casefold() not in known], "is not among the pairs")
        return asked
    by_digest = {hashlib.sha256(folded.encode()).hexdigest(): sentence for folded, sentence in known.items()}
    digests = list(read_yaml(HERE / "claims.yaml")["texts"]["questions"]["sha256"])
    _refuse([digest for digest in digests if digest not in by_digest], "is the digest of no sentence of the pairs")
    left = iter(by_digest[digest] for digest in digests)
    return {category: [next(left) for _ in range(n)] for category, n in read_yaml(HERE / "questions.yaml")["printed"].items()}


def unseen(sentences: Iterable[str]) -> Asked:
    """Return our paraphrases; raise InputError if the words of one stand in, or hold, a sentence of the pairs that asks."""
    asked: Asked = read_yaml(HERE / "questions.yaml")["unseen"]
    known = {bare(sentence) for sentence in sentences}
    _refuse([q for questions in asked.values() for q in questions if _leaks(bare(q), known)], "stands in the pairs")
    return asked


def _leaks(question: str, known: set[str]) -> bool:
    return question in known or any(question in sentence for sentence in known)


def bare(sentence: str) -> str:
    """Return the words alone, case folded: punctuation does not make a question another one."""
    return " ".join(re.findall(r"\w+", sentence.casefold()))


def _refuse(wrong: list[str], why: str) -> None:
    if wrong:
        raise InputError(f"{HERE / 'questions.yaml'}: '{wrong[0]}' {why}: without that the leakage control means nothing")

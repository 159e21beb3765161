"""Altering a text as released: deletion, synonym replacement, synonym insertion, swap, each behind its gate."""

from __future__ import annotations

import random
import re

from .recipe import Operations
from .synonyms import Source

_WORD = re.compile(r"\w+(?:[-']\w+)*|[^\w\s]")  # stands in for NLTK's tokenizer, whose models are a download


def words(text: str) -> list[str]:
    """Split a text into words and marks."""
    return _WORD.findall(text)


def altered(text: str, how: Operations | None, synonyms: Source, chance: random.Random) -> str:
    """Return the text altered as `how` says, words joined by spaces; unaltered for None."""
    if how is None:
        return text
    found = words(text)
    if chance.random() < how.delete[0]:
        found = deleted(found, how.delete[1], chance)
    if chance.random() < how.replace[0]:
        found = replaced(found, chance.choice(how.replace[1]), synonyms, chance)
    if chance.random() < how.insert[0]:
        found = inserted(found, chance.choice(how.insert[1]), synonyms, chance)
    if chance.random() < how.swap:
        found = swapped(found, chance)
    return " ".join(found)


def deleted(found: list[str], rate: float, chance: random.Random) -> list[str]:
    """Lose each word with probability `rate`; a lone word stays, and of an emptied text one word does."""
    if len(found) < 2:
        return found
    return [word for word in found if chance.random() >= rate] or [chance.choice(found)]


def replaced(found: list[str], number: int, synonyms: Source, chance: random.Random) -> list[str]:
    """Replace up to `number` alphabetic words, in random order of places; words without a synonym are passed over."""
    result, left = list(found), number
    for place in chance.sample(range(len(found)), len(found)):
        if left and found[place].isalpha() and (other := _drawn(found[place], synonyms, chance)):
            result[place], left = other, left - 1
    return result


def inserted(found: list[str], number: int, synonyms: Source, chance: random.Random) -> list[str]:
    """Insert synonyms of `number` random words at random places; a word without one is not tried again."""
    result = list(found)
    for _ in range(number if found else 0):
        if other := _drawn(chance.choice(result), synonyms, chance):
            result.insert(chance.randint(0, len(result)), other)
    return result


def swapped(found: list[str], chance: random.Random) -> list[str]:
    """Let two random places change their words."""
    result = list(found)
    if len(result) > 1:
        one, other = chance.sample(range(len(result)), 2)
        result[one], result[other] = result[other], result[one]
    return result


def _drawn(word: str, synonyms: Source, chance: random.Random) -> str | None:
    senses = synonyms(word)
    return chance.choice(chance.choice(senses)) if senses else None

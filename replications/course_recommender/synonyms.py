"""Where a word's synonyms come from: the project's list, or WordNet by nltk's reader."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path

from harness.errors import InputError

Source = Callable[[str], list[list[str]]]  # a word's senses, each the list of its other lemmas


def source(name: str) -> Source:
    """Return the source that experiment.yaml names; raise InputError where WordNet is not to be had."""
    return {"project": _project, "wordnet": _wordnet}[name]()


@lru_cache(maxsize=1)
def _project() -> Source:
    senses: dict[str, list[list[str]]] = {}
    for line in Path(__file__).with_name("synonyms.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            group = line.split()
            for word in group:
                senses.setdefault(word, []).append([other for other in group if other != word])
    return lambda word: senses.get(word.lower(), [])


@lru_cache(maxsize=1)
def _wordnet() -> Source:
    help_ = "run `pip install nltk` and `python -m nltk.downloader wordnet` (or point NLTK_DATA to its folder), or write synonyms: project"
    try:
        from nltk.corpus import wordnet

        wordnet.ensure_loaded()
    except (ImportError, LookupError) as error:
        raise InputError(f"synonyms: wordnet: {type(error).__name__}: the reader or its data are missing; {help_}") from None

    @cache
    def senses(word: str) -> list[list[str]]:
        found = [[name.replace("_", " ") for name in synset.lemma_names()] for synset in wordnet.synsets(word)]
        return [other for names in found if (other := [name for name in names if name.lower() != word.lower()])]

    return senses

"""Where a word's synonyms come from: the project's list, or WordNet by nltk's reader."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path

Source = Callable[[str], list[list[str]]]  # a word's senses, each the list of its other lemmas


LIST = Path(__file__).with_name("synonyms.txt")


class Missing(Exception):
    """Raised where WordNet is not to be had: what is missing, and what to do."""


def source(name: str) -> Source:
    """Return the source that experiment.yaml names; raise Missing where WordNet is not to be had."""
    return {"project": _project, "wordnet": _wordnet}[name]()


def content(name: str) -> str:
    """Return what a training hangs on besides the source's name: the project's list itself."""
    return LIST.read_text(encoding="utf-8") if name == "project" else ""


@lru_cache(maxsize=1)
def _project() -> Source:
    senses: dict[str, list[list[str]]] = {}
    for line in LIST.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            group = line.split()
            for word in group:
                senses.setdefault(word, []).append([other for other in group if other != word])
    return lambda word: senses.get(word.lower(), [])


@lru_cache(maxsize=1)
def _wordnet() -> Source:
    help_ = (
        "run `python -m nltk.downloader wordnet` or point NLTK_DATA to its folder, remove this job's folder under results/, and run "
        "again; or write synonyms: project"
    )
    from nltk.corpus import wordnet

    try:
        wordnet.ensure_loaded()
    except LookupError as error:
        raise Missing(f"synonyms: wordnet: {type(error).__name__}: WordNet's files are not found; {help_}") from None

    @cache
    def senses(word: str) -> list[list[str]]:
        found = [[name.replace("_", " ") for name in synset.lemma_names()] for synset in wordnet.synsets(word)]
        return [other for names in found if (other := [name for name in names if name.lower() != word.lower()])]

    return senses

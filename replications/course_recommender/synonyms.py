"""Where a word's synonyms come from: the project's list, or WordNet by nltk's reader."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path

Source = Callable[[str], list[list[str]]]  # a word's senses, each the list of its other lemmas


LIST = Path(__file__).with_name("synonyms.txt")
DEBIAN = Path("/usr/share/wordnet")  # where the package wordnet-base puts WordNet 3.0
# The files that WordNet 3.0 was compiled from, in the order of their numbers (lexnames(5WN)), with the part of speech of each.
_NOUNS = (
    "Tops act animal artifact attribute body cognition communication event feeling food group location motive object person phenomenon "
    "plant possession process quantity relation shape state substance time"
)
_VERBS = "body change cognition communication competition consumption contact creation emotion motion perception possession social stative weather"
_FILES = [("adj.all", 3), ("adj.pert", 3), ("adv.all", 4), *((f"noun.{name}", 1) for name in _NOUNS.split())]
_FILES += [*((f"verb.{name}", 2) for name in _VERBS.split()), ("adj.ppl", 3)]
LEXNAMES = "".join(f"{number:02d}\t{name}\t{part}\n" for number, (name, part) in enumerate(_FILES))


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
    wordnet = _reader()

    @cache
    def senses(word: str) -> list[list[str]]:
        found = [[name.replace("_", " ") for name in synset.lemma_names()] for synset in wordnet.synsets(word)]
        return [other for names in found if (other := [name for name in names if name.lower() != word.lower()])]

    return senses


def _reader():  # type: ignore[no-untyped-def]
    """Return nltk's reader of its own data, else of Debian's package; raise Missing where neither is there."""
    from nltk.corpus import wordnet

    try:
        wordnet.ensure_loaded()
    except LookupError as error:
        if (DEBIAN / "data.noun").is_file():
            return _debian()
        help_ = (
            "run `python -m nltk.downloader wordnet` or point NLTK_DATA to its folder, or install Debian's package wordnet-base; remove "
            "this job's folder under results/, and run again; or write synonyms: project"
        )
        raise Missing(f"synonyms: wordnet: {type(error).__name__}: WordNet's files are not found; {help_}") from None
    return wordnet


def _debian():  # type: ignore[no-untyped-def]
    """Return nltk's reader of Debian's files, which come without the list of lexicographers' files that nltk expects."""
    from io import StringIO

    import nltk
    from nltk.corpus.reader.wordnet import WordNetCorpusReader

    class Reader(WordNetCorpusReader):  # type: ignore[misc]
        def open(self, file):  # type: ignore[no-untyped-def]
            return StringIO(LEXNAMES) if file == "lexnames" else super().open(file)

        def map_wn(self, version="wordnet"):  # type: ignore[no-untyped-def]
            return None  # it is that version itself, though the files' headers, by which nltk tells, are not there

    if str(DEBIAN) not in nltk.data.path:
        nltk.data.path.append(str(DEBIAN))  # nltk opens nothing outside of its own folders
    return Reader(str(DEBIAN), None)

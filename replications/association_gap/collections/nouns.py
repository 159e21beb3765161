"""Nouns with their hypernym paths: documents without queries."""

from harness.errors import InputError
from replications.association_gap.reading import table

TENTHS = 10


def build(settings, files, collections):
    """Read `words`; labels: branch, path (root first), tenth by frequency, and the branch as cluster of what is measured by word."""
    name = files[settings["words"]]
    found = {}
    for where, row in table(name, "word", "branch", "vocab_rank", "path"):
        if row["word"] in found or not row["vocab_rank"].isdigit():
            fault = "stands twice" if row["word"] in found else f"has the vocab_rank '{row['vocab_rank'][:20]}', no whole number"
            raise InputError(f"{where}: the word '{row['word']}' {fault}")
        found[row["word"]] = row
    words = list(found)
    ranked = sorted(words, key=lambda word: int(found[word]["vocab_rank"]))
    tenth = {word: str(place * TENTHS // len(ranked)) for place, word in enumerate(ranked)}
    branch = {word: found[word]["branch"] for word in words}
    labels = {"branch": branch, "cluster": branch, "path": {word: found[word]["path"] for word in words}, "frequency": tenth}
    return {
        "document_ids": words, "titles": [""] * len(words), "texts": words,
        "query_ids": [], "queries": [], "qrels": {}, "labels": labels,
    }  # fmt: skip

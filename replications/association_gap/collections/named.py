"""The note's own example: one word asked for, and words beside it."""

from harness.errors import InputError
from replications.association_gap.reading import table


def build(settings, files, collections):
    """Read `words`: a row a word with the word that is asked, the same in all rows, and 1 where it is the relevant one."""
    path = files[settings["words"]]
    rows = [row for _, row in table(path, "asked", "word", "relevant")]
    asked = sorted({row["asked"] for row in rows})
    relevant = {row["word"]: 1 for row in rows if row["relevant"] == "1"}
    if len(asked) != 1 or not relevant:
        raise InputError(f"{path}: one word asked for and a relevant one are expected, not asked {asked} and relevant {sorted(relevant)}")
    words = [row["word"] for row in rows]
    return {
        "document_ids": words, "titles": [""] * len(words), "texts": words,
        "query_ids": asked, "queries": asked, "qrels": {asked[0]: relevant},
    }  # fmt: skip

"""A few sentences, one a line, whose cosines the source prints, two by two."""

from itertools import combinations

from harness.text import read_text


def build(settings, files, collections):
    """Return the sentences as documents s1, s2, ... and every pair of them."""
    (path,) = files.values()
    texts = [line.strip() for line in read_text(path).splitlines() if line.strip()]
    names = [f"s{number}" for number, _ in enumerate(texts, start=1)]
    return {
        "document_ids": names,
        "titles": [""] * len(names),
        "texts": texts,
        "query_ids": [],
        "queries": [],
        "qrels": {},
        "pairs": [(one, other, 1.0) for one, other in combinations(names, 2)],
    }

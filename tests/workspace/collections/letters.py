"""Four documents, three queries: small enough to score by hand."""


def build(settings):
    return {
        "document_ids": ["d1", "d2", "d3", "d4"],
        "titles": ["", "", "", ""],
        "texts": ["a b", "b c", "c d", "d e"],
        "query_ids": ["q1", "q2", "q3"],
        "queries": ["a", "c", "e"],
        "qrels": {"q1": {"d1": 1}, "q2": {"d3": 1}, "q3": {"d1": 1}},
        "labels": {},
    }

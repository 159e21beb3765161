"""The note's own example: one word asked for, and words beside it."""


def build(settings, files, collections):
    """Return the query `asked` and the documents `words`, of which `relevant` is the relevant one."""
    words = settings["words"]
    return {
        "document_ids": words, "titles": [""] * len(words), "texts": words,
        "query_ids": [settings["asked"]], "queries": [settings["asked"]], "qrels": {settings["asked"]: {settings["relevant"]: 1}},
    }  # fmt: skip

"""Course texts without their titles: what stands after the first full stop, where a text has one."""


def build(settings, files, sources):
    """Return the source with each text's title taken off."""
    source = sources[settings["source"]]
    kept = ("document_ids", "titles", "query_ids", "queries", "qrels", "labels")
    texts = [text.partition(". ")[2] or text for text in source.texts]
    return {**{name: getattr(source, name) for name in kept}, "texts": texts}

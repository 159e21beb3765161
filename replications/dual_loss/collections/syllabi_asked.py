"""Every question asked of every syllabus, over chunks of it."""

from replications.dual_loss import asked, questions


def build(settings, files, collections):
    """Put syllabi and questions together; the questions that stand in the pairs are found there."""
    syllabi, pairs = (collections[settings[name]] for name in ("syllabi", "pairs"))
    both = {"seen": questions.seen(settings["seen"], pairs.texts), "unseen": questions.unseen(pairs.texts)}
    return asked.content(syllabi, both, settings)

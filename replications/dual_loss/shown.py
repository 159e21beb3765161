"""What was read for each question of one's own syllabi, so that every match can be checked by eye."""

from __future__ import annotations

from textwrap import shorten

from harness.data.collection import Collection

from .answers import matched
from .measures import Run
from .names import NONE

WIDTH = 60  # characters of a chunk that are shown: enough to find it by


def listing(collection: Collection, run: Run) -> str:
    """List the questions, each with the chunks read for it in their order, and the words in each that match its label."""
    texts = dict(zip(collection.document_ids, collection.texts, strict=True))
    lines = []
    for query, question in zip(collection.query_ids, collection.queries, strict=True):
        named = {label: values.get(query, "") for label, values in collection.labels.items()}
        lines.append(f"{named['cluster']}, {named['category']}: {question} [label: {named['answer']}]")
        read = run.get(query, [])
        for place, (chunk, score) in enumerate(read, start=1):
            words = matched(texts[chunk], named["category"], named["answer"])
            said = f"matched '{words}'" if words else "nothing matched"
            lines.append(f"  {place}. {chunk} ({score:.3f}): {said} | {shorten(texts[chunk], WIDTH, placeholder=' ...')}")
        lines += _told(named["answer"], named["across"].split("\t"), {chunk for chunk, _ in read})
    return "\n".join(lines)


def _told(answer: str, across: list[str], read: set[str]) -> list[str]:
    """Say what the single chunks do not: that there is nothing to match, or that two chunks match together."""
    if answer == NONE:
        return ["  the label says that the syllabus does not say: nothing to match"]
    if len(across) < 2:
        return []
    return [f"  {' and '.join(across)} match together; {'both were' if set(across) <= read else 'not both were'} read"]

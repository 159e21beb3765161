"""Sentence pairs with their labels, from JSON lines."""

from harness.data.readers.content import json_lines
from harness.errors import InputError
from replications.dual_loss.pairs import content


def build(settings, files, collections):
    """Read every file in the order given; raise InputError with the line of a label that is neither 0 nor 1."""
    rows = []
    for name in settings["files"]:
        for number, row in enumerate(json_lines(files[name], "sentence1", "sentence2"), start=1):
            if row.get("label") not in (0, 1):
                raise InputError(f"{files[name]}:{number}: the label is {row.get('label')!r}, neither 0 nor 1")
            rows.append((row["sentence1"].strip(), row["sentence2"].strip(), float(row["label"])))
    return content(rows)

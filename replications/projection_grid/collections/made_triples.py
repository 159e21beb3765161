"""Triples made by the project: a statement, the abstract that says it, and an abstract about the same agent that does not."""

import importlib.util
import random
from pathlib import Path

CLAIMS = Path(__file__).parents[3] / "collections" / "made_claims.py"


def build(settings):
    """Return `queries` triples from the generator of the made claims, under another seed than the evaluation's."""
    spec = importlib.util.spec_from_file_location("made_claims", CLAIMS)
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    content = made.build(settings)
    agent = {name: title.split(" and ")[0] for name, title in zip(content["document_ids"], content["titles"], strict=True)}
    random_ = random.Random(settings["seed"])
    triples = []
    for query, judged in content["qrels"].items():
        positive = next(name for name, grade in judged.items() if grade == 2)
        others = [name for name in content["document_ids"] if agent[name] == agent[positive] and name not in judged]
        triples.append((query, positive, random_.choice(others)))
    return {**content, "triples": triples}

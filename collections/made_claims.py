"""A made collection: abstracts about (agent, effect, target) triples, and statements about some of them.

The planted effect: part of the statements say it in other words than the abstract, so that shared words help a ranker
but do not suffice.
"""

import random

AGENTS = ["aspirin", "caffeine", "zinc", "iron", "insulin", "light", "sleep", "exercise", "salt", "fibre"]
EFFECTS = [
    ("lowers", "reduces"),
    ("raises", "increases"),
    ("delays", "postpones"),
    ("prevents", "averts"),
    ("mimics", "imitates"),
]
TARGETS = [
    ("blood pressure", "hypertension"), ("memory", "recall"), ("heart rate", "pulse"), ("bone loss", "osteoporosis"),
    ("fatigue", "tiredness"), ("infection", "sepsis"), ("body weight", "obesity"), ("inflammation", "swelling"),
]  # fmt: skip
GROUPS = [("adults", "grown-ups"), ("children", "infants"), ("mice", "rodents"), ("athletes", "runners"), ("patients", "the ill")]
FILLER = (
    "we measured samples over weeks and compared groups with matched controls the design was blinded results were adjusted for "
    "age and sex a follow up confirmed the estimate limits of the method are discussed further work should test dose and timing"
).split()


def build(settings):
    """Return documents, statements and graded qrels, the same for the same settings."""
    random_ = random.Random(settings["seed"])
    triples = [(a, e, t, g) for a in AGENTS for e in EFFECTS for t in TARGETS for g in GROUPS]
    chosen = random_.sample(triples, settings["documents"])
    names = [f"m{number:04d}" for number in range(len(chosen))]
    asked = random_.sample(range(len(chosen)), settings["queries"])
    queries, qrels = [], {}
    for number, index in enumerate(asked):
        agent, effect, target, group = chosen[index]
        other = random_.random() < settings["synonym_share"]
        queries.append(f"{agent} {effect[other]} {target[other]} in {group[other]}")
        near = [n for n, c in zip(names, chosen, strict=True) if c[:3] == chosen[index][:3] and n != names[index]]
        qrels[f"s{number:03d}"] = {names[index]: 2} | dict.fromkeys(near, 1)
    return {
        "document_ids": names,
        "titles": [f"{agent} and {target[0]}" for agent, _, target, _ in chosen],
        "texts": [_abstract(random_, *triple) for triple in chosen],
        "query_ids": list(qrels),
        "queries": queries,
        "qrels": qrels,
    }


def _abstract(random_, agent, effect, target, group):
    before = " ".join(random_.choices(FILLER, k=random_.randint(20, 45)))
    after = " ".join(random_.choices(FILLER, k=random_.randint(20, 45)))
    return f"{before}. in {group[0]}, {agent} {effect[0]} {target[0]}. {after}."

"""A made catalogue: seven faculties, courses named by aspect and topic, statements that quote one or two titles."""

import random

TOPICS = {
    "CIV": ["bridges", "soils", "concrete", "roads", "rivers", "tunnels", "timber", "drainage"],
    "MEC": ["engines", "turbines", "gears", "welding", "vibration", "heat", "pumps", "robots"],
    "ELE": ["circuits", "antennas", "motors", "grids", "sensors", "lasers", "filters", "batteries"],
    "SOF": ["compilers", "databases", "testing", "networks", "interfaces", "security", "agents", "graphics"],
    "CHE": ["reactors", "polymers", "catalysts", "membranes", "fuels", "crystals", "solvents", "coatings"],
    "BIO": ["prostheses", "imaging", "tissues", "implants", "genomes", "vaccines", "joints", "enzymes"],
    "MAT": ["alloys", "ceramics", "glass", "corrosion", "composites", "magnets", "fibres", "films"],
}
ASPECTS = [
    "Introduction to",
    "Design of",
    "Analysis of",
    "Advanced",
    "Laboratory in",
    "Modelling of",
    "Management of",
    "History of",
]
PLACES = ["industry", "practice", "the field", "developing regions", "space", "the sea", "hospitals", "cities"]
FILLER = "students learn methods standards measurement safety cost and reporting through projects lectures and problems".split()
OPENINGS = ["i would like to take", "i have always enjoyed", "please suggest something like", "my favourite so far was"]
NEGATIVES = ["but nothing with much reading", "but not too much theory", "and no group work please"]


def build(settings):
    """Return courses, statements and their quoted courses, the same for the same settings; `training` draws other statements."""
    random_ = random.Random(settings["seed"])
    every = [(f, f"{a} {t} in {p}") for f, topics in TOPICS.items() for t in topics for a in ASPECTS for p in PLACES]
    chosen = random_.sample(every, settings["courses"])
    ids = [f"{faculty} {1000 + number}" for number, (faculty, _) in enumerate(chosen)]
    queries, qrels = _statements(random_, chosen, ids, settings["statements"])
    texts = [_description(random_, title) for _, title in chosen]
    if settings["training"]:  # drawn after all else, so that both splits have the same catalogue
        queries, qrels = _statements(random_, chosen, ids, settings["training"])
    return {
        "document_ids": ids,
        "titles": [title for _, title in chosen],
        "texts": texts,
        "query_ids": list(qrels),
        "queries": queries,
        "qrels": qrels,
        "labels": {"Faculty": {i: faculty for i, (faculty, _) in zip(ids, chosen, strict=True)}},
    }


def _description(random_, title):
    words = " ".join(random_.choices(FILLER, k=random_.randint(20, 50)))
    return f"{title.lower().split(' in ')[0]} and related questions. {words}."


def _statements(random_, chosen, ids, number):
    queries, qrels = [], {}
    for place in range(number):
        liked = random_.sample(range(len(chosen)), random_.choice([1, 2]))
        said = liked if random_.random() < 0.7 else liked[:1]
        text = f"{random_.choice(OPENINGS)} {', '.join(chosen[i][1] for i in said)}"
        queries.append((text + (f" {random_.choice(NEGATIVES)}" if random_.random() < 0.25 else "")).lower())
        qrels[f"made{place + 1}"] = {ids[i]: 1 for i in liked}
    return queries, qrels

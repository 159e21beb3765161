"""Probes of role confusion, written by the project: a question, a line that answers it, and a line of the other role.

The pair of lines holds the same names and times, so that only the role can tell them apart. None of them is trained on.
"""

import random

FIRST = "Agnes Basil Celia Dario Edith Felix Gita Harun Ilse Jarek".split()
LAST = "Aldous Bergman Cavell Dunmore Espinal Foss Garrick Hume".split()
LINES = {
    "instructor": [
        "The instructor of the class is {name}.",
        "Professor: {name}",
        "Lectures are given by {name}, the instructor.",
    ],
    "ta": [
        "The teaching assistant of the class is {name}.",
        "TA: {name}",
        "Sections are held by {name}, the teaching assistant.",
    ],
    "office": [
        "Office hours are {day} from {time}.",
        "Come to office hours: {day}, {time}",
        "I am in my office for students {day} {time}.",
    ],
    "lecture": ["Lectures are {day} from {time}.", "Class meets: {day}, {time}", "We meet for lecture {day} {time}."],
}
ASKED = {
    "ta_for_instructor": ("instructor", "ta", ["Could you name the person who instructs us?", "Which professor has this class?"]),
    "instructor_for_ta": (
        "ta",
        "instructor",
        ["Could you name the person who assists the professor?", "Which TA has this class?"],
    ),
    "lecture_for_office": (
        "office",
        "lecture",
        ["When may I see the professor in person to talk?", "At what times is the office open to us?"],
    ),
    "office_for_lecture": ("lecture", "office", ["When do I have to sit in class?", "At what times are the lectures held?"]),
}
DAYS, TIMES = ["Monday", "Tuesday", "Wednesday", "Thursday"], ["9 to 10", "1 to 2:30", "11 to 12:15", "3 to 4"]


def build(settings):
    """Return `each` probes of every kind as triples (question, right line, wrong line); the label `kind` names the confusion."""
    random_ = random.Random(settings["seed"])
    lines, asked, kinds, clusters, triples = {}, {}, {}, {}, []
    for kind, (right, wrong, questions) in ASKED.items():
        for number in range(settings["each"]):
            filled = {
                "name": f"{random_.choice(FIRST)} {random_.choice(LAST)}",
                "day": random_.choice(DAYS),
                "time": random_.choice(TIMES),
            }
            form = random_.randrange(3)
            query, question = f"{kind}.{number:02d}", questions[number % len(questions)]
            texts = [LINES[role][form].format(**filled) for role in (right, wrong)]
            one, other = (lines.setdefault(text, f"l{len(lines):03d}") for text in texts)
            asked[query], kinds[query], clusters[query] = question, kind, f"{kind} {question} {form}"
            triples.append((query, one, other))
    return {
        "document_ids": list(lines.values()), "titles": [""] * len(lines), "texts": list(lines),
        "query_ids": list(asked), "queries": list(asked.values()), "qrels": {query: {one: 1} for query, one, _ in triples},
        "candidates": {query: [one, other] for query, one, other in triples},
        "labels": {"kind": kinds, "cluster": clusters}, "triples": triples,
    }  # fmt: skip

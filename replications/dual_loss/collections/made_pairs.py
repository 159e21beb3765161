"""Sentence pairs made by the project, in the shape of the released ones: questions with a line of a syllabus that answers them
(label 1), or with a line that does not (label 0). The questions taught here are those that fidelity embedded calls seen."""

import random
from pathlib import Path

from harness.text import read_yaml
from replications.dual_loss.pairs import content

FIRST = "Alba Bruno Chiara Devon Elif Finn Gaia Hugo Isla Jun Kofi Lena Milo Nora Otto Pia".split()
LAST = "Ashby Bekele Corrigan Duarte Engel Fontaine Grady Haddad Ionescu Jansen Kimura Lovell".split()
ANSWERS = {
    "course": ["Credits: {n}", "This course carries {n} credit hours.", "{n} units on completion", "Credit hours: {n} per term"],
    "faculty": [
        "Instructor: Dr. {name}",
        "Professor {name} teaches this course.",
        "Lectures by {name}",
        "Course instructor: {name}, Ph.D.",
    ],
    "ta": ["Teaching assistant: {name}", "TA: {name}", "The assistants are {name} and {other}.", "Sections: {name} (TA)"],
}
OTHER = [
    "The exam is cumulative.",
    "Labs meet in room {n}.",
    "Homework is due on Friday.",
    "Bring a calculator.",
    "Attendance counts {n} percent.",
]
MORE = {
    "course": ["How many units is it?", "Credit hours?", "Number of credits?"],
    "faculty": ["Who is teaching?", "Name of lecturer?", "Who gives the course?"],
    "ta": ["Who is assisting?", "Name of assistant?", "Who leads sections?"],
}


def build(settings):
    """Return `positive` and `negative` pairs, half of the negatives with the answer to another question."""
    random_ = random.Random(settings["seed"])
    taught = read_yaml(Path(__file__).parents[1] / "questions.yaml")["taught"]
    asked = [(category, question) for category in ANSWERS for question in taught[category] + MORE[category]]
    rows = []
    for number in range(settings["positive"]):
        category, question = asked[number % len(asked)]
        rows.append((question, _line(random_, ANSWERS[category]), 1.0))
    for number in range(settings["negative"]):
        category, question = asked[(number * 5) % len(asked)]
        wrong = random_.choice([name for name in ANSWERS if name != category])
        rows.append((question, _line(random_, ANSWERS[wrong] if number % 2 else OTHER), 0.0))
    return content(list(dict.fromkeys(rows)))


def _line(random_, patterns):
    name, other = (f"{random_.choice(FIRST)} {random_.choice(LAST)}" for _ in range(2))
    return random_.choice(patterns).format(name=name, other=other, n=random_.randint(1, 5))

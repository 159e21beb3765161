"""Syllabi made by the project, with known answers: who teaches, who assists, how many credits, or nothing of it.

Planted: answers stand in headings, tables, lists or running text; names of other people stand in the reading lists; the
assistants' office hours stand far from the instructor's, so that a chunk with one role need not hold the other. The last one's
assistant stands across the border of the first two chunks of `border` words.
"""

import random
import re

FIRST = "Ada Boris Carmen Dmitri Esther Farid Greta Hiro Ingrid Jonas Kavita Lionel Mei Nadia Omar Petra Quinn Rosa Stefan Tove".split()
LAST = "Abara Brandt Castellan Dorsey Eklund Farrow Gunther Hollis Ivanko Jarvela Kessler Lindqvist Moreau Nakata Okafor Pruitt".split()
SUBJECTS = "Geology Linguistics Statistics Botany Ethics Robotics Archaeology Optics Nutrition Acoustics Hydrology Logic".split()
PLACES = ["Northfield College", "Lakeshore University", "Harbour Institute", "Prairie State University"]
TOPICS = (
    "reading the sources critically; a first project in pairs; methods of the field and their limits; how results are reported; "
    "guest lecture and discussion; review of the first half; design of a study; ethics of working with people; writing workshop; "
    "presentation of drafts; measurement and error; comparison of two schools of thought; field trip and notes; final review"
).split("; ")
POLICY = (
    "Late work loses a tenth of its mark for each day. Attendance is expected, and three absences need a note. Quotations are marked "
    "and their sources given; whoever copies fails the course. Students with special needs tell the office in the first two weeks. "
    "Drafts may be handed in a week early for comments. Phones stay in bags. Group work is marked for the group and for each member. "
    "The library keeps two copies of every text on reserve. Questions about marks are raised within a week, in writing."
).split(". ")
WORDS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five"}
CREDITS = ["Credits: {n}", "{word} credit hours", "| Credit | {n} units |\n|---|---|", "This is a {n}-credit course."]
TEACHES = [
    "Instructor: Dr. {name}",
    "## Professor {name}",
    "| Instructor | {name} |\n|---|---|",
    "The course is taught by {name}, Ph.D.",
]
ASSISTS = ["Teaching assistants: {names}", "## Teaching Assistants\n\n{list}", "Sections are led by the assistants {names}."]


def build(settings):
    """Return syllabi with their labels, the same for the same settings."""
    random_ = random.Random(settings["seed"])
    names = [f"made_{number:02d}.md" for number in range(settings["syllabi"])]
    columns = ("institution", "department", "credit_hours", "instructors", "tas")
    labels = {column: {} for column in columns}
    texts = []
    for name in names:
        facts = _facts(random_, settings["silent_share"])
        for column in columns:
            labels[column][name] = facts[column]
        texts.append(_text(random_, facts))
    labels["tas"][names[-1]], texts[-1] = _across(random_, facts, settings["border"])
    content = {"document_ids": names, "titles": [""] * len(names), "texts": texts, "labels": labels}
    return {**content, "query_ids": [], "queries": [], "qrels": {}}


def _facts(random_, silent):
    people = random_.sample([f"{first} {last}" for first in FIRST for last in LAST], 6)
    tas = people[1 : random_.randint(2, 4)]
    return {
        "institution": random_.choice(PLACES),
        "department": random_.choice(SUBJECTS),
        "credit_hours": "EMPTY" if random_.random() < silent else str(random_.randint(1, 5)),
        "instructors": people[0],
        "tas": "EMPTY" if random_.random() < silent else ";".join(tas),
        "others": people[4:],
    }


def _text(random_, facts):
    number = facts["credit_hours"]
    head = [
        f"# {facts['department']} {random_.randint(100, 499)}",
        f"{facts['institution']}, Department of {facts['department']}",
    ]
    head.append(random_.choice(TEACHES).format(name=facts["instructors"]))
    parts = [
        head,
        _section(random_, "Description", 3),
        _section(random_, "Aims", 4),
        _schedule(random_),
        _section(random_, "Rules", 5),
    ]
    parts += [_section(random_, f"Part {number}", 5) for number in range(1, 11)]
    if number != "EMPTY":
        line = random_.choice(CREDITS).format(n=number, word=WORDS[int(number)].capitalize())
        parts[random_.choice([0, 1])].append(line)
    if facts["tas"] != "EMPTY":
        tas = facts["tas"].split(";")
        parts[random_.choice([0, 2, 4, 9])].append(
            random_.choice(ASSISTS).format(names=", ".join(tas), list="\n".join(f"- {ta}, by appointment" for ta in tas))
        )
    parts.append(
        ["## Readings", *(f"{o.split()[1]}, {o.split()[0]}. {random_.choice(SUBJECTS)} today." for o in facts["others"])]
    )
    return "\n\n".join("\n\n".join(part) for part in parts)


def _across(random_, facts, border):
    """Return an assistant and a text that names her once, her first name as the last word before the border."""
    name = facts["others"][0]
    said = f"Sections are led by the assistant {name}."
    text = _text(random_, {**facts, "tas": "EMPTY", "others": facts["others"][1:]})
    words = list(re.finditer(r"\S+", text))
    place = words[border - len(said.split()) + 1].start()
    return name, f"{text[:place]}{said} {text[place:]}"


def _section(random_, title, count):
    return [f"## {title}", ". ".join(random_.sample(POLICY, count)).strip(".") + ".", "; ".join(random_.sample(TOPICS, 8)) + "."]


def _schedule(random_):
    return [
        "## Schedule",
        "\n".join(f"{week}. Week {week}: {random_.choice(TOPICS)}, {random_.choice(TOPICS)}" for week in range(1, 14)),
    ]

"""Role probes about made courses: roles, wordings and slots of templates.json, all slots of a course from one draw."""

import json
import random
from pathlib import Path

from replications.association_gap.asked import Probe, content

WORDINGS = 2  # of a query, each with the passages of that wording


def build(settings):
    """Return every pair of roles in both directions, in two wordings, for each of the made courses."""
    written = json.loads(Path(__file__).with_name("templates.json").read_text(encoding="utf-8"))
    chance = random.Random(settings["seed"])
    probes, passages = [], {}
    for course in written["slots"]["course"]:
        slots = {name: chance.choice(values) for name, values in written["slots"].items()} | {"course": course}
        for one, other in written["pairs"]:
            for role, wrong in ((one, other), (other, one)):
                for wording in range(WORDINGS):
                    ids = [f"{course.replace(' ', '_')}.{name}.{wording}" for name in (role, wrong)]
                    for name, place in zip((role, wrong), ids, strict=True):
                        passages[place] = written["roles"][name]["d"][wording].format(**slots)
                    query = written["roles"][role]["q"][wording].format(**slots)
                    probes.append(Probe(f"{ids[0]}>{wrong}", course, role, wrong, wording, query, *ids))
    return content(probes, passages, settings["described"])

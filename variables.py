"""Checks what was written after `make`: a name that no target knows is ignored by make in silence. Standard library only.

`GIVEN` of the environment holds the names given on the command line, `GOALS` the targets.
"""

import difflib
import os
import sys

COMMON = {"FIDELITY", "MIRROR", "STUDIES", "FALLBACK", "TORCH", "PYTHON"}
FIDELITIES = ("embedded", "substitute", "original")  # as in harness/config.py, which an old Python cannot import
ALSO = {"tables": {"CORES"}, "audit": {"PAPER", "N"}, "accept": {"STUDY"}, "weights": {"MODEL"}, "verify": {"MODEL", "TASK", "CARD", "CORES"}, "conditioning": {"CORES"}, "check-portable": {"CORES"}}


def unknown(names, goals):
    """Return a message for each name that no target of the call knows."""
    known = set(COMMON).union(*(ALSO.get(goal, set()) for goal in goals))
    elsewhere = {name: goal for goal, names in ALSO.items() for name in names}
    found = []
    for name in sorted(set(names) - known):
        likely = [one for one in sorted(known) if one == name.upper()] or difflib.get_close_matches(name.upper(), sorted(known), 1, 0.6)
        hint = f" (did you mean {likely[0]}?)" if likely else f" (known: {', '.join(sorted(known))})"
        aside = f"; {name} belongs to `make {elsewhere[name]}`" if name in elsewhere else ""
        found.append(f"unknown variable {name}{hint}{aside}")
    return found


def cores(value):
    """Return a message where CORES is no number of cores: Snakemake waits for ever with none."""
    if value == "all" or (value.isascii() and value.isdigit() and int(value) > 0):
        return []
    return [f"CORES={value}: write a number above 0, or all"]


def paper(environment):
    """Return what is wrong with PAPER and N, which `make audit` takes."""
    given, n = environment.get("PAPER"), environment.get("N")
    found = []
    if given and not os.path.exists(os.path.expanduser(given)):  # noqa: PTH110, PTH111 - it must run on an old Python
        found.append(f"PAPER={given}: there is no such file or folder")
    if n and not given:
        found.append(f"N={n}: give PAPER=path/to/paper.tex with it")
    return found


def main(environment):
    """Return all that is wrong, as lines."""
    found = unknown(environment.get("GIVEN", "").split(), environment.get("GOALS", "").split() or ["tables"])
    found += cores(environment.get("CORES", "all"))
    fidelity = environment.get("FIDELITY")
    if fidelity and fidelity not in FIDELITIES:  # it names a folder, which `make clean` deletes
        found.append(f"FIDELITY={fidelity}: write one of {', '.join(FIDELITIES)}")
    if environment.get("FALLBACK") not in (None, "", "substitute"):
        found.append(f"FALLBACK={environment['FALLBACK']}: write substitute, or leave it out")
    mirror = environment.get("MIRROR")
    if mirror and not os.path.isdir(os.path.expanduser(mirror)):  # noqa: PTH112, PTH111 - it must run on an old Python
        found.append(f"MIRROR={mirror}: there is no such folder")
    if "audit" in environment.get("GOALS", "").split():
        found += paper(environment)
    return [f"error: {one}" for one in found]


if __name__ == "__main__":
    problems = main(os.environ)
    if problems:
        sys.exit("\n".join(problems))

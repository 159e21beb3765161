"""The check stage: today's scores against the accepted ones, upwards as well as downwards. Papers play no part."""

from __future__ import annotations

import os
from pathlib import Path

from harness import places
from harness.config import Config
from harness.errors import stage
from harness.regression import told
from harness.regression.conditioning import tolerances
from harness.regression.environment import moved
from harness.regression.reference import Key, absent, differences, read_reference, reference_path, today, unscored
from harness.studies import study
from harness.studies.command import parse
from harness.studies.study import Study
from harness.text import counted


def check(one: Study, found: dict[Key, float], config: Config) -> list[str]:
    """Return what is wrong with today's scores of one study; absent counts as failure, on either side."""
    path = reference_path(one, config)
    lines = absent(one, found, config)
    if not found and path.exists():
        told = f"{counted(len(read_reference(path)), 'score')} accepted, none today"
        return [f"{told}: it was not run at fidelity {config.fidelity}; `make tables` runs it"]
    if path.exists():
        gone = set(unscored(one, found, config))  # told in a line each; their scores would be a hundred more
        accepted = {key: value for key, value in read_reference(path).items() if key[:3] not in gone}
        return lines + differences(accepted, found, tolerances(one, path, config))
    if found:
        lines.append(f"no accepted scores at {places.shown(path, config.root)}; look at them, then: make accept STUDY={one.name}")
    return lines


def main() -> int:
    """`python -m harness.check`: compare the selected studies with their references; exit 1 on any difference."""
    arguments, config = parse(main.__doc__ or "", optional=("junit",))
    found: told.Found = {}
    compared = 0
    for one in study.select(config):
        scores, path = today(one, config), reference_path(one, config)
        lines = check(one, scores, config)
        found[one.name], compared = (Path(places.shown(path, config.root)), lines), compared + len(scores)
        if path.exists():
            lines = lines + moved(path)  # told, not counted: another machine may agree
        print("".join(f"{one.name}: {line}\n" for line in lines), end="")
    told.junit(found, config.fidelity, config.root / (arguments.junit or config.folder / "check.xml"))
    if os.environ.get("GITHUB_ACTIONS") == "true":
        print("".join(f"{line}\n" for line in told.notices(found)), end="")
    if not compared:
        print(f"check: no score at fidelity {config.fidelity}; nothing was run, and absent is not equal; first `make tables`")
        return 1
    failures = sum(len(lines) for _, lines in found.values())
    print(f"check: {compared} scores at fidelity {config.fidelity}, {counted(failures, 'difference')}")
    return 1 if failures else 0


if __name__ == "__main__":
    stage(main)

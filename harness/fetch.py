"""The fetch stage: find and verify everything a run needs, or say in one message all that is missing."""

from __future__ import annotations

import json
from typing import Any

from harness.config import Config
from harness.errors import InputError, stage
from harness.studies import encoders, fidelity, study
from harness.studies.command import parse
from harness.studies.materials import gather
from harness.studies.plan import materials
from harness.text import write_text


def fetch(wanted: list[str], config: Config) -> dict[str, Any]:
    """Return what each collection holds and each model is; raise one InputError that lists every failure."""
    found, problems = gather(wanted, config)
    if problems:
        listed = "\n".join(f"  - {problem}" for problem in dict.fromkeys(problems))  # several may come from one source
        raise InputError(
            f"{len(problems)} of {len(wanted)} collections and models cannot be used at fidelity {config.fidelity}:\n{listed}"
        )
    return found


def main() -> None:
    """`python -m harness.fetch`: find and verify what the selected studies need at this fidelity."""
    _, config = parse(main.__doc__ or "")
    studies = study.select(config)
    found = fetch(materials(studies, config), config)
    for material, caution in fidelity.misplaced(studies, config.fidelity, fidelity.materials(config)):
        found[material].setdefault("cautions", []).append(caution)
    if wrong := list(dict.fromkeys(encoders.problems(studies, config))):
        raise InputError("\n".join(wrong))
    write_text(config.folder / "assets.json", json.dumps(found, indent=1) + "\n")
    print(f"fetch: {len(found)} assets found and verified")


if __name__ == "__main__":
    stage(main)

"""`fallback: substitute`: which materials of fidelity original can be had here, decided once, before anything is planned."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterable, Iterator

from harness.config import Config
from harness.errors import Absent, InputError
from harness.studies import absent, materials, plan, study
from harness.studies.study import Study
from harness.text import write_text


def decide(config: Config) -> None:
    """Try every material that the chosen studies name at original, write down what is missing, and tell it in a line each.

    What can be downloaded is downloaded here. Raise InputError for a material that is there and wrong: nothing takes its place. Without the setting nothing is done: a run then stops for what is missing.
    """
    if not absent.applies(config):
        return
    if not importlib.util.find_spec("torch"):  # Snakemake's own environment of conda: a model that comes as a package would seem to be missing
        raise InputError(
            "fallback: substitute: what can be had cannot be told here, for this Python has none of the workbench's packages "
            "(those of --use-conda are for jobs alone); run `make tables FALLBACK=substitute`, or leave fallback out"
        )
    plain = config.model_copy(update={"fallback": None})
    wanted = plan.materials(study.select(plain), plain)
    before = absent.absent(config) if absent.record(config).is_file() else {}
    missing = {name: why for name, why in before.items() if name not in wanted}  # of studies that are not run this time
    missing |= {name: why for name in wanted if (why := _why(name, plain))}
    if before != missing or not absent.record(config).is_file():
        write_text(absent.record(config), json.dumps({"missing": missing}, indent=1) + "\n")
    lines = list(told(study.select(config), missing))
    for line in [*lines, f"fallback: why, and how to get them: {absent.record(config)}"] if lines else []:
        print(line, file=sys.stderr)


def _why(name: str, config: Config) -> str:
    """Return why one material cannot be had, an empty string where it can; one that is there and wrong stops the run."""
    try:
        materials.find(name, config)
    except Absent as reason:
        return str(reason)
    return ""


def told(studies: list[Study], missing: Iterable[str]) -> Iterator[str]:
    """Yield a line for each missing material and what stands in for it in which studies, or that nothing does."""
    for name in missing:
        places: dict[str | None, list[str]] = {}
        for one in studies:
            for role, original, substitute in one.fallen:
                if name.split(" ", 1)[1] == original:
                    places.setdefault(substitute, []).append(f"{one.name}: {role}")
        for substitute, where in places.items():
            taken = f"{substitute} stands in" if substitute else "it has no substitute, and what needs it is not run"
            yield f"fallback: no {name}: {taken} ({', '.join(where)})"

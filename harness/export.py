"""The export stage: what a run computed and judged, given back in the forms of the field."""

from __future__ import annotations

import os
from pathlib import Path

from harness.cards import computed, giving, tables
from harness.config import Config, is_place
from harness.errors import InputError, closest, stage
from harness.pages import verdict_rows
from harness.studies import study
from harness.studies.command import parse
from harness.studies.study import Study
from harness.text import write_text

FORMS = ("mteb", "eval_results", "model-index", "trec", "csv", "parquet")
FOLDERS = ("mteb", "trec")


def place(written: str, form: str) -> Path:
    """Return where the form is written; raise InputError for what is there, for nothing is overwritten."""
    path = Path(os.path.expanduser(written))  # noqa: PTH111 - make leaves the tilde as it is
    kind = "a folder" if form in FOLDERS else "a file"
    if path.exists() and not (form in FOLDERS and path.is_dir() and not any(path.iterdir())):
        raise InputError(f"--to: {path} is there already, and nothing is overwritten; name {kind} that is not there yet")
    return path


def export(chosen: Study, form: str, variant: str | None, to: Path, config: Config) -> list[str]:
    """Write one form, and return what was written and what has no place in it, a line each; raise InputError."""
    if form == "trec":
        return [str(path) for path in tables.write_runs(to, chosen, config)]
    if form in ("csv", "parquet"):
        rows = verdict_rows.read(config.folder / chosen.name / "verdicts.csv")
        if form == "csv":
            return [str(to), str(tables.write_csv(to, rows))]
        tables.write_parquet(to, rows)
        return [str(to)]
    given = computed.of(chosen, variant, config)
    left: list[str] = []
    if form == "mteb":
        files = {to / name: text for name, text in giving.mteb(given).items()}
    elif form == "eval_results":
        text, left = giving.eval_results(given)
        files = {to: text}
    else:
        files = {to: giving.model_index(given)}
    for path, text in files.items():
        write_text(path, text)
    return [*map(str, files), *(f"left out: {one}" for one in left)]


def main(argv: list[str] | None = None) -> None:
    """`python -m harness.export --study S --as FORM --to PLACE [--variant V]`: give back what a run at this fidelity computed.

    S: a study's name, or the folder of one outside the repository.
    FORM: mteb (a folder of MTEB's result JSON), eval_results, model-index (a file each), trec (a folder of runs), csv or
    parquet (a file of verdicts).
    """
    given, config = parse(main.__doc__ or "", "study", "as", "to", optional=("variant",), argv=argv)
    form = vars(given)["as"]
    if form not in FORMS:
        raise InputError(f"--as: '{form}' is no form{closest(form, FORMS)}")
    if given.variant and form in ("trec", "csv", "parquet"):
        raise InputError(f"--variant: {form} holds all variants; leave it out")
    places = (*config.places, given.study) if is_place(given.study) else config.places
    config = config.model_copy(update={"studies": given.study, "places": places})
    found = study.select(config)
    if len(found) != 1:
        raise InputError(f"--study: {len(found)} studies; give one")
    print("\n".join(export(found[0], form, given.variant, place(given.to, form), config)))


if __name__ == "__main__":
    stage(main)

"""A new study: a folder that runs as it is, to be filled with what a paper prints and with its method."""

from __future__ import annotations

import os
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from harness import places
from harness.config import ROOT
from harness.data import loading
from harness.errors import InputError, closest, stage
from harness.studies import placing
from harness.studies.command import parse
from harness.text import write_text

TEMPLATES = Path(__file__).parent / "studies" / "templates"
DATA = ("beir",)
FILES = ("claims.yaml", "experiment.yaml", "method.py", "test_method.py", "README.md")


def write(name: str, folder: Path, data: str | None) -> list[Path]:
    """Write the files that are not there yet and return them; links to the schemas are relative, so that the folder may move with it."""
    files = dict(zip(FILES, FILES, strict=True)) | ({f"collections/{name}.yaml": f"{data}.yaml"} if data else {})
    given = {"name": name, "data": data, "schemas": Path(os.path.relpath(ROOT / "schemas", folder)).as_posix()}
    # The templates make YAML, Python and Markdown, and the only word put in is a checked name.
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701
        keep_trailing_newline=True,
        trim_blocks=True,
    )
    written = []
    for file, template in files.items():
        if not (folder / file).exists():
            write_text(folder / file, made.get_template(f"{template}.j2").render(given))
            written.append(folder / file)
    return written


def main(argv: list[str] | None = None) -> None:
    """`python -m harness.new NAME [--into FOLDER] [--data beir]`: write the folder of a new study, which runs as it is.

    `--data beir`: it is run on files of your own in BEIR's layout, which lie in <mirror>/NAME/.
    """
    given, config = parse(main.__doc__ or "", positional=("name",), optional=("into", "data"), argv=argv)
    if given.data not in (None, *DATA):
        raise InputError(
            f"--data: '{given.data}' is no layout that is written out{closest(given.data, DATA)}; docs/reference/collection.md has all"
        )
    folder = placing.folder_for(given.name, given.into, config)
    if given.data and given.name in loading.find(config):
        raise InputError(f"NAME: a collection named '{given.name}' is in {loading.find(config)[given.name]}; take another")
    written = write(given.name, folder, given.data)
    chosen = str(folder) if places.is_outside(folder, config.root) else given.name
    print(f"new {given.name}: {', '.join(places.shown(path, folder) for path in written)} in {places.shown(folder, config.root)}")
    print("the numbers in claims.yaml and the method in method.py are examples: replace them. Meanwhile it runs as it is:")
    if given.data:
        print(f"  python -m harness.pin --collection {given.name} --studies {chosen} --mirror /path/to/mirror")
    print(f"  make audit STUDIES={chosen}\n  make tables STUDIES={chosen}")


if __name__ == "__main__":
    stage(main)

"""A conda installation for the tests: the stand-in client, and a channel `conda-forge` of two packages on this disk.

`python` is a link to the Python that runs the tests, with a site-packages of its own; `pip` is that Python's pip.
`python -m tests.conda.installation FOLDER` makes one by hand.
"""

import asyncio
import hashlib
import io
import json
import platform
import shlex
import sys
import tarfile
from importlib import metadata
from pathlib import Path

CLIENT = Path(__file__).with_name("client.py")
PACKAGES = f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"


def install(root: Path) -> dict[str, str]:
    """Make the installation; return the variables that a shell with it has."""
    channel(root / "channels" / "conda-forge")
    for folder in ("bin", "condabin", "envs"):
        (root / folder).mkdir()
    told = {"STAND_IN_CONDA": str(root), "CONDA_CHANNEL_ALIAS": (root / "channels").as_uri()}
    exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in told.items())
    client = f"#!/bin/sh\n{exports}exec {shlex.quote(sys.executable)} -P {shlex.quote(str(CLIENT))} \"$@\"\n"
    for folder in ("bin", "condabin"):
        (root / folder / "conda").write_text(client)
        (root / folder / "conda").chmod(0o755)
    # As conda's own: it is sourced, and hands on whether the activation went well.
    (root / "bin" / "activate").write_text(
        f'told="$({shlex.quote(str(root / "bin" / "conda"))} shell.posix activate "$1")" || return\neval "$told"; hash -r\n'
    )
    return {"PATH": f"{root / 'condabin'}:/usr/bin:/bin"}


def channel(folder: Path) -> None:
    """Write the packages and their index."""
    from rattler.index import index_fs

    (folder / "noarch").mkdir(parents=True)
    base = Path(sys.executable).resolve()
    own = f"home = {base.parent}\ninclude-system-site-packages = false\nversion = {platform.python_version()}\n"
    names = ("python", "python3", f"python{sys.version_info.major}.{sys.version_info.minor}")
    links: dict[str, bytes | Path] = {f"bin/{name}": base for name in names}
    package(folder, "python", platform.python_version(), {"pyvenv.cfg": own.encode(), **links}, [])
    listed = [path for path in metadata.files("pip") or [] if ".." not in path.parts and path.suffix != ".pyc"]
    pip: dict[str, bytes | Path] = {f"{PACKAGES}/{path}": Path(str(path.locate())).read_bytes() for path in listed}
    package(folder, "pip", metadata.version("pip"), pip, ["python"])
    asyncio.run(index_fs(folder, write_zst=False, write_shards=False))


def package(folder: Path, name: str, version: str, files: dict[str, bytes | Path], depends: list[str]) -> None:
    """Write a conda package of files and links."""
    index = {"name": name, "version": version, "build": "0", "build_number": 0, "subdir": "noarch", "depends": depends}
    paths = [path_entry(path, held) for path, held in files.items()]
    told = {"info/index.json": index, "info/paths.json": {"paths": paths, "paths_version": 1}}
    with tarfile.open(folder / "noarch" / f"{name}-{version}-0.tar.bz2", "w:bz2", compresslevel=1) as archive:
        for path, held in {**{k: json.dumps(v).encode() for k, v in told.items()}, **files}.items():
            entry = tarfile.TarInfo(path)
            if isinstance(held, Path):
                entry.type, entry.linkname = tarfile.SYMTYPE, str(held)
                archive.addfile(entry)
            else:
                entry.size, entry.mode = len(held), 0o644
                archive.addfile(entry, io.BytesIO(held))


def path_entry(path: str, held: bytes | Path) -> dict[str, object]:
    """Return what `info/paths.json` says of a file or link."""
    if isinstance(held, Path):
        return {"_path": path, "path_type": "softlink"}
    return {"_path": path, "path_type": "hardlink", "sha256": hashlib.sha256(held).hexdigest(), "size_in_bytes": len(held)}


if __name__ == "__main__":
    made = install(Path(sys.argv[1]).resolve())
    print("\n".join(f"export {name}={shlex.quote(value)}" for name, value in made.items()))

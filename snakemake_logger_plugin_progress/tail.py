"""The end of a failed job's log, as a person wants to see it."""

from __future__ import annotations

import shutil
from pathlib import Path

LINES = 12
BYTES = 64_000
ROOM = 1_000_000  # bytes: with less of them free, a log that is empty could not be written


def last_lines(path: Path) -> list[str]:
    """Return a log's last lines, what a progress bar has overwritten left out; none where there is no log."""
    try:
        with path.open("rb") as opened:
            opened.seek(max(0, path.stat().st_size - BYTES))
            text = opened.read().decode(errors="replace")
    except OSError:
        return []
    lines = [line.rstrip("\r").rsplit("\r", 1)[-1].rstrip() for line in text.split("\n")]
    return [line for line in lines if line][-LINES:]


def failure(what: str, log: Path | None, said: list[str]) -> str:
    """Return the words on a failed job: the end of its log and where it lies; what was `said` before is not repeated.

    A stage that knows its trouble ends in one message, which then stands alone.
    """
    if log is None:
        return f"error: {what} failed"
    lines = last_lines(log)
    if not lines:
        return f"error: {what} failed and said nothing ({_guess(log)}; {log}"
    known = [number for number, line in enumerate(lines) if line.startswith("error: ")]
    shown = "\n".join(f"  {line}" for line in (lines[known[-1] :] if known else lines))
    if any(shown in one for one in said):
        return f"error: {what} failed for the same reason; {log}"
    return f"error: {what} failed; the end of {log}:\n{shown}"


def _guess(log: Path) -> str:
    """Return the likely reason of an empty log, and what to do about it."""
    there = next((folder for folder in log.parents if folder.is_dir()), Path())
    if shutil.disk_usage(there).free < ROOM:
        return "the disk is full): make room, and run the same command again"
    return "killed, or out of memory?): run fewer jobs at once, as in `make tables CORES=1`"

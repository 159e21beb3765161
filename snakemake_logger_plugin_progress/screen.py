"""Where a run's line is shown: a terminal, where it is written anew in its place, or a file, where lines stay."""

from __future__ import annotations

import os
import shutil
from typing import TextIO

CLEAR = "\r\x1b[2K"  # back to the line's start, and the line empty
FIRST = 20.0  # seconds between two plain lines, at first


class Screen:
    """One line at a time; `begin` is the clock's time at the start."""

    def __init__(self, stream: TextIO, begin: float) -> None:
        self.stream = stream
        self.live = stream.isatty() and os.environ.get("TERM") != "dumb"
        self.begin = self.last = begin
        self.shown = False

    def show(self, text: str, now: float) -> None:
        """Write the line anew; where lines stay, only a few a minute and then fewer, so that an hour's run fits a page."""
        if self.live:
            self.stream.write(f"{CLEAR}{text[: shutil.get_terminal_size().columns - 1]}")
            self.stream.flush()
            self.shown = True
        elif now - self.last >= max(FIRST, (now - self.begin) / 8):
            self.last = now
            self.say(text)

    def say(self, text: str) -> None:
        """Write a line that stays."""
        self.clear()
        self.stream.write(f"{text}\n")
        self.stream.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self.shown:
            self.stream.write(CLEAR)
            self.stream.flush()
            self.shown = False

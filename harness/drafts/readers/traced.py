"""Text put together from several files and macros, in which every letter knows the line it came from."""

from __future__ import annotations

from bisect import bisect_right

from harness.drafts.shape import Place


class Traced:
    """A growing text; `place` tells the file and line of an offset."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._starts: list[int] = []
        self._origins: list[tuple[Place, bool]] = []
        self._breaks: list[int] = []
        self.length = 0

    def add(self, text: str, place: Place, counted: bool = True) -> None:
        """Append text that begins at `place`; `counted`: its line ends are lines of the file (those of a macro are not)."""
        if not text:
            return
        self._starts.append(self.length)
        self._origins.append((place, counted))
        at = text.find("\n")
        while at >= 0:
            self._breaks.append(self.length + at)
            at = text.find("\n", at + 1)
        self._parts.append(text)
        self.length += len(text)

    @property
    def text(self) -> str:
        """The whole text."""
        if len(self._parts) > 1:
            self._parts = ["".join(self._parts)]
        return self._parts[0] if self._parts else ""

    def place(self, offset: int) -> Place:
        """Return the place of an offset."""
        piece = max(0, bisect_right(self._starts, offset) - 1)
        if not self._starts:
            return Place("", 1)
        place, counted = self._origins[piece]
        passed = bisect_right(self._breaks, offset - 1) - bisect_right(self._breaks, self._starts[piece] - 1)
        return Place(place.file, place.line + (passed if counted else 0))

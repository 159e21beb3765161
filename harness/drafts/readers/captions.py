"""Captions, numbers and labels of LaTeX tables."""

from __future__ import annotations

import re
from bisect import bisect_left

from harness.drafts.readers import latex_cell
from harness.drafts.readers.braces import closing
from harness.drafts.readers.environments import Environment

_CAPTION = re.compile(
    r"\\(?:caption|captionof\s*\{\s*table\s*\}|tabcaption|captionsetup\*?|tablecaption|tbl|topcaption|bottomcaption)\*?(?=\s*[\[{])"
)
_LABEL = re.compile(r"\\label\s*\{([^{}]*)\}")
_TABLE_FLOATS = (
    "table",
    "table*",
    "longtable",
    "sidewaystable",
    "sidewaystable*",
    "wraptable",
    "longtblr",
    "supertabular",
    "xltabular",
    "threeparttable",
)


class Captions:
    """The caption, number and label of each table: those of the nearest environment around it that has a caption."""

    def __init__(self, text: str, found: list[Environment]) -> None:
        self.text, self.found = text, found
        self.captions = [hit.start() for hit in _CAPTION.finditer(text) if not hit[0].startswith("\\captionsetup")]
        self.numbers: dict[int, str] = {}
        count = 0
        for at, one in enumerate(found):
            if one.name in _TABLE_FLOATS and self._inside(one) and not self._counted(at):
                count += 1
                self.numbers[at] = str(count)

    def of(self, at: int) -> tuple[str, str, str]:
        """Return caption, number and label of the table that is environment `at`; '' where there is none."""
        here: int | None = at
        one = self.found[at]
        while here is not None:
            inside = self._inside(self.found[here])
            if inside:
                nearest = min(inside, key=lambda offset: min(abs(offset - one.end), abs(offset - one.start)))
                return self._words(nearest), self._number(here), self._label(self.found[here], nearest)
            here = self.found[here].parent
        return "", "", ""

    def _inside(self, one: Environment) -> list[int]:
        return (
            []
            if one.name == "document"
            else self.captions[bisect_left(self.captions, one.start) : bisect_left(self.captions, one.end)]
        )

    def _counted(self, at: int) -> bool:
        above = self.found[at].parent
        return above is not None and (above in self.numbers or self._counted(above))

    def _number(self, at: int | None) -> str:
        while at is not None:
            if at in self.numbers:
                return self.numbers[at]
            at = self.found[at].parent
        return ""

    def _words(self, offset: int) -> str:
        start = self.text.find("{", offset)
        if self.text.startswith("\\captionof", offset):
            start = self.text.find("{", self.text.find("}", start))
        end = closing(self.text, start, min(len(self.text), start + 20_000)) if start >= 0 else None
        return latex_cell.read(self.text[start + 1 : end - 1]).text if end else ""

    def _label(self, one: Environment, nearest: int) -> str:
        labels = list(_LABEL.finditer(self.text, one.start, one.end))
        return min(labels, key=lambda hit: abs(hit.start() - nearest))[1] if labels else ""

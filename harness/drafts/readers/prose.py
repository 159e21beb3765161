"""Sentences that hold numbers, each with its line and the tables it points to."""

from __future__ import annotations

import re

from harness.drafts.readers import latex_cell
from harness.drafts.readers.environments import Environment
from harness.drafts.readers.traced import Traced
from harness.drafts.shape import Sentence, Source, Unread

# What stands in these is no sentence.
NO_PROSE = {
    "table", "table*", "figure", "figure*", "equation", "equation*", "align", "align*", "gather", "gather*", "multline", "thebibliography", "algorithm", "algorithmic",
    "tikzpicture", "wraptable", "wrapfigure", "sidewaystable", "longtable", "eqnarray", "eqnarray*", "displaymath", "math", "algorithm2e", "alltt", "tabular", "tabularx",
    "tabular*", "array", "tabulary", "subequations", "prompt", "tcolorbox", "CCSXML", "adjustbox", "threeparttable", "bibliography", "flalign", "flalign*",
}  # fmt: skip
SHORT = r"(?:e\.g|i\.e|et al|vs|cf|fig|figs|tab|tabs|eq|eqs|sec|secs|resp|approx|no|dr|prof|w\.r\.t|st|ca|ref|refs|app|al|avg|dept|dev|rel|abs|max|min)\."
_SPLIT = re.compile(r"(?<!\b[A-Z]\.)(?<=[.!?])(?<!\d\.(?=\d))[\"')\]}]*\s+(?=[\"'(\\$]?[A-Z\d\\$])")
_ABBREVIATED = re.compile(rf"(?:^|[\s(~]){SHORT}[\"')\]}}]*$", re.IGNORECASE)
_REFERENCE = re.compile(r"\\(?:auto|[cC]|eq|v)?refs?\*?\s*\{([^{}]*)\}")
_CITED = re.compile(
    r"\\(?:[a-zA-Z]*cite[a-zA-Z]*|label|bibliography|bibliographystyle|url|includegraphics|vspace|hspace|setlength|documentclass|usepackage)\*?\s*(?:\[[^\]]*\])*\s*\{[^{}]*\}"
)
_NUMBERED = re.compile(r"\b(?:Tables?|Tabs?\.)[\s~]*(\d{1,2})(?!\.\d)")
_PARAGRAPH = re.compile(
    r"\n\s*\n|\\(?:sub)*section\*?\s*\{[^{}]*\}|\\(?:sub)?paragraph\*?\s*\{[^{}]*\}|\\item(?![A-Za-z])|\\begin\s*\{\w+\*?\}|\\end\s*\{\w+\*?\}|\\\[|\\\]|\$\$"
)
_DIGIT = re.compile(r"\d")
MOST = 20_000  # sentences of one source
LONGEST = 2000  # characters of a sentence


def of_latex(source: Source, traced: Traced, found: list[Environment]) -> None:
    """Gather the sentences of a LaTeX document that hold numbers."""
    text = traced.text
    begun = re.search(r"\\begin\s*\{document\}", text)
    inner, outer = begun.end() if begun else 0, len(text)
    abstracts = [(one.inner, one.outer) for one in found if one.name.lower() in ("abstract", "iclrabstract")]
    if (hit := re.search(r"\\abstract\s*\{", text)) and (end := _closing(text, hit.end() - 1)):
        abstracts.append((hit.end(), end))
    for start, end in _open(found, inner, outer):
        for at, words in sentences(text, start, end):
            if len(source.sentences) >= MOST:
                source.unread.append(
                    Unread(traced.place(at), f"more than {MOST} sentences with numbers; those from here on are left out")
                )
                return
            part = "abstract" if any(low <= at < high for low, high in abstracts) else "text"
            _add(source, traced, at, words, part)


def _closing(text: str, start: int) -> int | None:
    from harness.drafts.readers.braces import closing

    return closing(text, start)


def _open(found: list[Environment], inner: int, outer: int) -> list[tuple[int, int]]:
    """Return the stretches of the body outside of tables, formulas and the like."""
    stretches, at = [], inner
    for one in found:
        if one.name in NO_PROSE and one.start >= at:
            stretches.append((at, min(one.start, outer)))
            at = one.end
    stretches.append((at, outer))
    return [(start, end) for start, end in stretches if end > start]


def sentences(text: str, start: int, end: int) -> list[tuple[int, str]]:
    """Return the sentences with a digit between two offsets, each with its offset."""
    found, at = [], start
    for stop in [*(_PARAGRAPH.finditer(text, start, end)), None]:
        until = stop.start() if stop else end
        if _DIGIT.search(text, at, until):
            found += _of_paragraph(text, at, until)
        at = stop.end() if stop else end
    return found


def _of_paragraph(text: str, start: int, end: int) -> list[tuple[int, str]]:
    found, at = [], start
    for gap in [*_SPLIT.finditer(text, start, end), None]:
        until = gap.start() if gap else end
        if gap and _ABBREVIATED.search(text[max(at, until - 12) : until]):
            continue
        words = text[at:until]
        if _DIGIT.search(words) and len(words) <= LONGEST:
            found.append((at + len(words) - len(words.lstrip()), words.strip()))
        at = gap.end() if gap else end
    return found


def _add(source: Source, traced: Traced, at: int, words: str, part: str) -> None:
    labels = tuple(label.strip() for hit in _REFERENCE.findall(words) for label in hit.split(","))
    bare = _CITED.sub(" ", _REFERENCE.sub(" ", words))
    if not _DIGIT.search(bare):
        return
    text = latex_cell.sentence(bare)
    if _DIGIT.search(text):
        numbers = tuple(_NUMBERED.findall(words))
        source.sentences.append(Sentence(text, traced.place(at), part, labels + numbers, re.sub(r"\s+", " ", words)))


def of_plain(source: Source, text: str, places: list[tuple[int, str]], part: str, file: str) -> None:
    """Gather the sentences with numbers of plain paragraphs, each given as its line and words."""
    from harness.drafts.shape import Place

    for line, words in places:
        for at, sentence in sentences(words, 0, len(words)):
            if len(source.sentences) >= MOST:
                return
            passed = words.count("\n", 0, at)
            flat = re.sub(r"\s+", " ", sentence)
            source.sentences.append(Sentence(flat, Place(file, line + passed), part, tuple(_NUMBERED.findall(flat)), flat))

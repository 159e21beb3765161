"""The words and marks of a piece of LaTeX; pylatexenc parses it."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

from harness.drafts.readers.latex_words import BOLD, DROPPED, FAINT, PICTURES, RAISED, SIGN, SWITCH, TAKE_LAST, UNDERLINE
from harness.drafts.readers.runs import Run, Style, joined
from harness.drafts.shape import Cell

DEEPEST = 40  # braces inside one another
LONGEST = 20_000  # characters of one cell or sentence
_FAINT = re.compile(r"gr[ae]y|lightg|silver|black!(?:[1-6]?\d)\b", re.IGNORECASE)
_CITED = re.compile(
    r"~?\\(?:[Cc]ite[a-zA-Z]*|newcite|shortcite|parencite|textcite|footcite)\*?\s*(?:\[[^\[\]]*\]\s*){0,2}\{[^{}]*\}"
)
# The cells that tables are full of; pylatexenc would give the same, a hundred times slower.
_NUMBER = re.compile(
    r"\s*(?P<open>(?:\\(?:textbf|mathbf|underline|bf)\s*\{|\{\s*\\bf\s+|\$)*)\s*(?P<number>[-+]?\d*\.?\d+)\s*(?P<sign>\\%)?\s*(?:\\pm\s*(?P<spread>\d*\.?\d+)\s*)?(?P<close>[}$]*)\s*"
)
_WRAPPED = re.compile(r"\\(?:textbf|emph|textit|texttt|textsc|textrm|textsf|mathbf|mathrm|text|underline|mbox)\s*\{([^{}]*)\}")
_FORMULA = re.compile(r"(?<!\\)\$([^$]{0,2000})(?<!\\)\$")
_MACRO = re.compile(r"\\([A-Za-z]+|.)\*?(?:\[[^\]]*\])?")
_PLAIN = re.compile(r"[^\\${}~^_%]*")


@lru_cache(maxsize=1 << 16)
def read(text: str) -> Cell:
    """Return a piece of LaTeX as a cell; what is no known macro keeps its words."""
    text = _CITED.sub("", text)
    if _PLAIN.fullmatch(text):
        return joined([Run(_dashes(text), Style())])
    if (
        (number := _NUMBER.fullmatch(text))
        and number["close"].count("}") == number["open"].count("{")
        and number["open"].count("$") == number["close"].count("$")
    ):
        spread = f" ± {number['spread']}" if number["spread"] else ""
        return Cell(number["number"] + ("%" if number["sign"] else "") + spread, "bf" in number["open"], "line" in number["open"])
    if text.count("{") > DEEPEST and _depth(text) > DEEPEST:
        return Cell(" ".join(re.sub(r"\\[A-Za-z]+\*?|[{}$]", " ", text[:LONGEST]).split()))
    reader = _Reader()
    reader.nodes(_parsed(text[:LONGEST]), Style())
    return joined(reader.runs, picture=reader.picture)


def sentence(text: str) -> str:
    """Return the words of a sentence: formulas are parsed, macros around words taken off, other macros dropped."""
    parts = [_words_of(part) if at % 2 == 0 else read(f"${part}$").text for at, part in enumerate(_FORMULA.split(text))]
    return re.sub(r"\s+", " ", "".join(parts)).strip()


def _words_of(text: str) -> str:
    if "\\" not in text and "{" not in text:
        return _dashes(text.replace("~", " "))
    for _ in range(3):
        text = _WRAPPED.sub(r"\1", text)
    text = _MACRO.sub(
        lambda found: SIGN.get(found[1], "") if found[1] in SIGN else _sign(found[1]) if len(found[1]) > 1 else found[1], text
    )
    return _dashes(re.sub(r"[{}]", "", text.replace("~", " ")))


def _depth(text: str) -> int:
    depth = most = 0
    for sign in text:
        depth += {"{": 1, "}": -1}.get(sign, 0)
        most = max(most, depth)
    return most


def _dashes(text: str) -> str:
    return text.replace("---", "—").replace("--", "–").replace("``", '"').replace("''", '"')


@cache
def _known() -> Any:
    from pylatexenc.latexwalker import get_default_latex_context_db
    from pylatexenc.macrospec import std_macro

    known = get_default_latex_context_db()
    specs = {**TAKE_LAST, **BOLD, **UNDERLINE, **FAINT, **RAISED, **DROPPED, **PICTURES}
    known.add_context_category("tables", macros=[std_macro(name, spec) for name, spec in specs.items()], prepend=True)
    return known


def _parsed(text: str) -> list[Any]:
    from pylatexenc.latexwalker import LatexWalker, LatexWalkerError

    try:
        return list(LatexWalker(text, latex_context=_known(), tolerant_parsing=True).get_latex_nodes()[0])
    except (LatexWalkerError, RecursionError, IndexError):
        bare = re.sub(r"\\[A-Za-z]+\*?|[{}$]", " ", text)  # beyond the parser: the words alone
        return list(LatexWalker(bare, latex_context=_known(), tolerant_parsing=True).get_latex_nodes()[0])


class _Reader:
    """Walks pylatexenc's nodes and gathers runs."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.picture = False

    def nodes(self, nodes: list[Any] | None, style: Style) -> None:
        """Read nodes one after the other; a switch such as \\bfseries holds to the end of them."""
        level = 0
        for node in nodes or []:
            if node is None:
                continue
            inner, level = replace(style, level=level or style.level), 0
            kind = type(node).__name__
            if kind == "LatexCharsNode":
                level = self._letters(node.chars, inner)
            elif kind == "LatexMacroNode" and node.macroname in SWITCH and not _arguments(node):
                style = replace(style, **{SWITCH[node.macroname]: True})
            elif kind == "LatexMacroNode" and node.macroname == "color":
                style = replace(style, faint=bool(_FAINT.search(_words(node))))
            elif kind == "LatexMacroNode":
                self._macro(node, inner)
            elif kind in ("LatexGroupNode", "LatexMathNode", "LatexEnvironmentNode"):
                self.nodes(node.nodelist, inner)
            elif kind == "LatexSpecialsNode":
                self.runs.append(Run({"~": " ", "&": " "}.get(node.specials_chars, _dashes(node.specials_chars)), inner))

    def _letters(self, letters: str, style: Style) -> int:
        """Read letters; return 1 or -1 where they end in ^ or _, so that what follows is raised or lowered."""
        for part in re.split(r"([\^_]\s*(?:[^\s^_]|$))", letters):
            if part[:1] in ("^", "_") and len(part.strip()) > 1:
                self.runs.append(Run(part.strip()[1:].strip(), replace(style, level=1 if part[0] == "^" else -1)))
            elif part[:1] in ("^", "_"):
                return 1 if part[0] == "^" else -1
            elif part:
                self.runs.append(Run(_dashes(part), style))
        return 0

    def _macro(self, node: Any, style: Style) -> None:
        name, arguments = node.macroname, _arguments(node)
        if name in PICTURES:
            self.picture = True
        elif name in BOLD:
            self.nodes(arguments[-1:], replace(style, bold=True))
        elif name in UNDERLINE:
            self.nodes(arguments[-1:], replace(style, underline=True))
        elif name in FAINT:
            self.nodes(arguments[-1:], replace(style, faint=True))
        elif name in RAISED:
            self.nodes(arguments[-1:], replace(style, level=-1 if "sub" in name else 1))
        elif name == "textcolor" and arguments:
            self.nodes(arguments[-1:], replace(style, faint=style.faint or bool(_FAINT.search(_source(arguments[0])))))
        elif name in SIGN:
            self.runs.append(Run(SIGN[name], style))
        elif name in ("frac", "dfrac", "tfrac", "nicefrac"):
            self.nodes(arguments[:1], style)
            self.runs.append(Run("/", style))
            self.nodes(arguments[1:], style)
        elif name not in DROPPED:
            self.nodes(arguments[-1:], style) if arguments else self.runs.append(Run(_sign(name), style))


def _arguments(node: Any) -> list[Any]:
    """Return the arguments that were given, optional ones and stars out, except where there is nothing else."""
    given = node.nodeargd.argnlist if node.nodeargd and node.nodeargd.argnlist else []
    spec = node.nodeargd.argspec if node.nodeargd else ""
    return [
        one
        for one, kind in zip(given, spec, strict=False)
        if one is not None and (kind == "{" or node.macroname == "footnotemark")
    ]


def _words(node: Any) -> str:
    return " ".join(_source(one) for one in _arguments(node))


def _source(node: Any) -> str:
    return str(node.latex_verbatim())


@cache
def _sign(name: str) -> str:
    """Return what pylatexenc knows a macro without arguments to print (Greek letters), else nothing."""
    from pylatexenc.latex2text import LatexNodes2Text

    logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)  # it warns of macros that want arguments
    try:
        return str(LatexNodes2Text().latex_to_text(f"\\{name}")).strip()
    except Exception:
        return ""

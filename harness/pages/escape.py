"""Text from outside, made harmless for LaTeX and Markdown; HTML is escaped by the template engine."""

from __future__ import annotations

import unicodedata

_LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
    '"': "''", "'": "'", "-": "-", "[": "{[}", "]": "{]}", "\u2212": "$-$", "\u2013": "--", "\u2014": "---",
    "\u2265": r"$\geq$", "\u2264": r"$\leq$", "\u2260": r"$\neq$", "\u2248": r"$\approx$", "\u00b1": r"$\pm$",
    "\u00d7": r"$\times$", "\u00b7": r"$\cdot$", "\u221a": r"$\surd$", "\u221e": r"$\infty$", "\u2192": r"$\rightarrow$",
    "\u2211": r"$\Sigma$", "\u2018": "`", "\u2019": "'", "\u201c": "``", "\u201d": "''", "\u2026": r"\ldots{}", "\u00b2": "$^2$",
    "\u2022": r"\textbullet{}", "\u00a0": "~", "\u2009": r"\,", "\u202f": r"\,",
}  # fmt: skip
_GREEK = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega"


class Escaped(str):
    """Text that LaTeX may read as it stands."""

    __slots__ = ()


def latex(text: object) -> Escaped:
    """Escape every character that means something to LaTeX; one that it cannot print is named by its code."""
    return text if isinstance(text, Escaped) else Escaped("".join(map(_character, str(text))))


def _character(character: str) -> str:
    if character in _LATEX:
        return _LATEX[character]
    if character.isspace():
        return " "
    name = unicodedata.name(character, "").removeprefix("GREEK SMALL LETTER ").lower().replace("lamda", "lambda")
    if name in _GREEK.split():
        return rf"$\{name}$"
    accented = "\u00c0" <= character <= "\u00ff" and unicodedata.decomposition(character)
    return character if (character.isascii() and character.isprintable()) or accented else f"U+{ord(character):04X}"


def breakable(text: object) -> Escaped:
    """Escape an identifier and let lines break after its dots, underscores, slashes and colons."""
    escaped = str(latex(text))
    for mark in (r"\_", ".", "/", ":", "="):
        escaped = escaped.replace(mark, mark + r"\allowbreak{}")
    return Escaped(escaped)


def markdown(text: object) -> str:
    """Escape what would end a cell of a Markdown table, or begin a tag, in it."""
    return " ".join(str(text).split()).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace(">", "&gt;")

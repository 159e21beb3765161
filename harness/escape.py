"""Text from outside, made harmless for LaTeX; HTML is escaped by the template engine."""

from __future__ import annotations

_LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
    '"': "''", "\u2212": "$-$", "\u2013": "--", "\u2014": "---", "\u2265": r"$\geq$", "\u2264": r"$\leq$", "\u03bb": r"$\lambda$",
    "\u03c4": r"$\tau$", "\u00b7": r"$\cdot$", "\u00d7": r"$\times$", "\u2018": "`", "\u2019": "'", "\u201c": "``", "\u201d": "''",
    "\u00b2": "$^2$", "\u00b1": r"$\pm$", "\u03b1": r"$\alpha$", "\u2026": r"\ldots{}",
}  # fmt: skip


def latex(text: object) -> str:
    """Escape every character that means something to LaTeX; one it cannot print becomes '?'."""
    out = []
    for character in str(text):
        if character in _LATEX:
            out.append(_LATEX[character])
        elif character.isprintable() and ord(character) < 256:
            out.append(character)
        else:
            out.append(" " if character.isspace() else "?")
    return "".join(out)


def breakable(text: object) -> str:
    """Escape an identifier and let lines break after its dots, underscores and slashes."""
    return latex(text).replace(r"\_", r"\_\allowbreak{}").replace(".", r".\allowbreak{}").replace("/", r"/\allowbreak{}")

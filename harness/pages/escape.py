"""Text from outside, made harmless for LaTeX and Markdown; HTML is escaped by the template engine."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from markupsafe import Markup

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
_CAPITALS = "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"  # the others look as Latin letters do
_LATIN = {"alpha": "A", "beta": "B", "epsilon": "E", "zeta": "Z", "eta": "H", "iota": "I", "kappa": "K", "mu": "M", "nu": "N",
          "omicron": "O", "rho": "P", "tau": "T", "chi": "X"}  # fmt: skip
_LETTERS = {
    "\u00df": r"\ss{}", "\u1e9e": "SS", "\u00f8": r"\o{}", "\u00d8": r"\O{}", "\u00e6": r"\ae{}", "\u00c6": r"\AE{}", "\u0153": r"\oe{}",
    "\u0152": r"\OE{}", "\u0142": r"\l{}", "\u0141": r"\L{}", "\u0131": r"\i{}", "\u0237": r"\j{}",
}  # fmt: skip
# pdfLaTeX's oldest encoding, which the report is set in, lacks these: each is set in T1 alone.
_T1 = {
    "\u00f0": r"\dh", "\u00d0": r"\DH", "\u00fe": r"\th", "\u00de": r"\TH", "\u0111": r"\dj", "\u0110": r"\DJ", "\u014b": r"\ng",
    "\u014a": r"\NG", "\u00ab": r"\guillemotleft", "\u00bb": r"\guillemotright", "\u2039": r"\guilsinglleft",
    "\u203a": r"\guilsinglright", "\u201e": r"\quotedblbase", "\u201a": r"\quotesinglbase",
}  # fmt: skip
_ACCENTS = {"\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0306": "u", "\u0307": ".", "\u0308": '"',
            "\u030a": "r", "\u030b": "H", "\u030c": "v", "\u0323": "d", "\u0327": "c", "\u0331": "b", "\u0328": "k"}  # fmt: skip
_BELOW = "dcbk"  # these leave an i its dot
_TEXT = {
    "\u00a7": r"\S{}", "\u00b6": r"\P{}", "\u00a9": r"\copyright{}", "\u00ae": r"\textregistered{}", "\u2122": r"\texttrademark{}",
    "\u2020": r"\dag{}", "\u2021": r"\ddag{}", "\u00a3": r"\pounds{}", "\u20ac": r"\texteuro{}", "\u00a1": r"\textexclamdown{}",
    "\u00bf": r"\textquestiondown{}", "\u2030": r"\textperthousand{}", "\u00a2": r"\textcent{}", "\u00a5": r"\textyen{}",
    "\u2010": "-", "\u2011": r"\mbox{-}", "\u2012": "--", "\u2015": "---", "\u00ad": r"\-", "\u201b": "`", "\u201f": "``",
    "\u00aa": r"\textordfeminine{}", "\u00ba": r"\textordmasculine{}", "\u0149": "'n",
    "\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl",
}  # fmt: skip
_MATH = {
    "\u00b0": r"^\circ", "\u00b5": r"\mu", "\u00b3": "^3", "\u00b9": "^1", "\u00bd": r"\frac{1}{2}", "\u00bc": r"\frac{1}{4}",
    "\u00be": r"\frac{3}{4}", "\u00f7": r"\div", "\u00ac": r"\neg", "\u2190": r"\leftarrow", "\u2191": r"\uparrow",
    "\u2193": r"\downarrow", "\u2194": r"\leftrightarrow", "\u2195": r"\updownarrow", "\u2196": r"\nwarrow", "\u2197": r"\nearrow",
    "\u2198": r"\searrow", "\u2199": r"\swarrow", "\u21a6": r"\mapsto", "\u21d0": r"\Leftarrow", "\u21d2": r"\Rightarrow",
    "\u21d4": r"\Leftrightarrow", "\u21d1": r"\Uparrow", "\u21d3": r"\Downarrow", "\u2200": r"\forall", "\u2202": r"\partial",
    "\u2203": r"\exists", "\u2205": r"\emptyset", "\u2207": r"\nabla", "\u2208": r"\in", "\u2209": r"\notin", "\u220b": r"\ni",
    "\u220f": r"\prod", "\u2213": r"\mp", "\u2216": r"\setminus", "\u2217": r"\ast", "\u2218": r"\circ", "\u2219": r"\cdot",
    "\u221d": r"\propto", "\u2225": r"\|", "\u2016": r"\|", "\u2227": r"\wedge", "\u2228": r"\vee", "\u2229": r"\cap",
    "\u222a": r"\cup", "\u222b": r"\int", "\u223c": r"\sim", "\u2243": r"\simeq", "\u2245": r"\cong", "\u2261": r"\equiv",
    "\u226a": r"\ll", "\u226b": r"\gg", "\u227a": r"\prec", "\u227b": r"\succ", "\u2282": r"\subset", "\u2283": r"\supset",
    "\u2286": r"\subseteq", "\u2287": r"\supseteq", "\u2295": r"\oplus", "\u2297": r"\otimes", "\u22a4": r"\top", "\u22a5": r"\bot",
    "\u22c5": r"\cdot", "\u22c6": r"\star", "\u22ef": r"\cdots", "\u2308": r"\lceil", "\u2309": r"\rceil", "\u230a": r"\lfloor",
    "\u230b": r"\rfloor", "\u27e8": r"\langle", "\u27e9": r"\rangle", "\u2113": r"\ell", "\u2032": r"\prime", "\u2033": r"\prime\prime",
    "\u2605": r"\bigstar", "\u2606": r"\star", "\u2713": r"\checkmark", "\u2714": r"\checkmark", "\u2717": r"\times", "\u2718": r"\times",
    "\u2715": r"\times", "\u25a0": r"\blacksquare", "\u25a1": r"\square", "\u25b2": r"\blacktriangle", "\u25bc": r"\blacktriangledown",
    "\u25b3": r"\triangle", "\u25cf": r"\bullet", "\u25cb": r"\circ", "\u25c6": r"\blacklozenge", "\u25ca": r"\lozenge",
    "\u2264": r"\leq", "\u2272": r"\lesssim", "\u2273": r"\gtrsim", "\u211d": r"\mathbb{R}", "\u2115": r"\mathbb{N}",
    "\u2124": r"\mathbb{Z}", "\u03c2": r"\varsigma", "\u03d1": r"\vartheta", "\u03d5": r"\phi", "\u03f5": r"\epsilon", "\u03bf": "o",
    **{mark: f"^{n}" for n, mark in enumerate("\u2070 _ _ _ \u2074 \u2075 \u2076 \u2077 \u2078 \u2079".split()) if mark != "_"},
    "\u207a": "^+", "\u207b": "^-", "\u207f": "^n", **{chr(0x2080 + n): f"_{n}" for n in range(10)},
}  # fmt: skip

_PLAIN = _LATEX | _LETTERS | _TEXT
_CLUSTER = re.compile("(?:.[\u0300-\u036f]*)", re.DOTALL)  # a character and what combines with it


class Escaped(str):
    """Text that LaTeX may read as it stands."""

    __slots__ = ()


def latex(text: object) -> Escaped:
    """Escape every character that means something to LaTeX, and write others by command; one that it cannot print is named by its code.

    What comes out stands for pdfLaTeX with `amssymb`, `textcomp` and `[T1,OT1]{fontenc}`, as the report loads them.
    """
    if isinstance(text, Escaped):
        return text
    clusters = _CLUSTER.findall(unicodedata.normalize("NFC", str(text)))
    before = ["", *clusters]
    dashes = ("-", "-")  # two hyphens would be set as a dash
    return Escaped("".join("{}-" if (before[i], one) == dashes else _cluster(one) for i, one in enumerate(clusters)))


def _cluster(cluster: str) -> str:
    """Write a character and the marks that combine with it."""
    base, marks = cluster[0], cluster[1:]
    if not marks and base not in _PLAIN and len(whole := unicodedata.normalize("NFD", base)) > 1:
        if "\u00c0" <= base <= "\u00ff":
            return base  # every pdfLaTeX reads these
        base, marks = whole[0], whole[1:]
    written, lost = _character(base), ""
    for mark in marks:
        accent = _ACCENTS.get(mark)
        if accent is None or not (base.isalpha() and (base.isascii() or base in _LETTERS or written.startswith("$"))):
            lost += _code(mark)
            continue
        inner = rf"\{base}" if written in ("i", "j") and accent not in _BELOW else written
        written = rf"\{accent}{{{inner}}}" if accent != "k" else _t1(rf"\k{{{inner}}}")
    return written + lost


def _character(character: str) -> str:
    if character in _PLAIN:
        return _PLAIN[character]
    if character.isspace():
        return " "
    if character in _T1:
        return _t1(_T1[character])
    if character in _MATH:
        return f"${_MATH[character]}$"
    if name := unicodedata.name(character, "").replace("LAMDA", "LAMBDA"):
        small = name.removeprefix("GREEK SMALL LETTER ").lower()
        large = name.removeprefix("GREEK CAPITAL LETTER ").lower()
        if name.startswith("GREEK SMALL") and small in _GREEK.split():
            return rf"$\{small}$"
        if name.startswith("GREEK CAPITAL") and large.title() in _CAPITALS.split():
            return rf"$\{large.title()}$"
        if name.startswith("GREEK CAPITAL") and large in _LATIN:
            return _LATIN[large]
    return character if character.isascii() and character.isprintable() else _code(character)


def _t1(written: str) -> str:
    return rf"{{\fontencoding{{T1}}\selectfont{written}}}"


def _code(character: str) -> str:
    return f"{{[}}U+{ord(character):04X}{{]}}"


def breakable(text: object) -> Escaped:
    """Escape an identifier and let lines break after its dots, underscores, slashes and colons, but not inside a number."""
    if isinstance(text, Escaped):
        return text
    pieces = re.split(r"([_/:=]|\.(?!\d))", str(text))
    return Escaped("".join(latex(piece) + (r"\allowbreak{}" if i % 2 else "") for i, piece in enumerate(pieces)))


def picture(svg: str) -> Markup:
    """Return an SVG as a data address that may stand between double quotes: bare, and a third smaller than in base 64."""
    bare = re.sub(r"<!--.*?-->|<\?xml.*?\?>|<!DOCTYPE.*?>|<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    words = " ".join(bare.split()).replace("> <", "><").replace('"', "'")
    quoted = quote(words, safe=" =:/;,.()!@$*+-~?|[]{}<>'")  # what is left out, &, # and double quotes, would end it
    return Markup(f"data:image/svg+xml;charset=utf-8,{quoted}")  # noqa: S704 - an image can run nothing


def markdown(text: object) -> str:
    """Escape what would end a cell of a Markdown table, or begin a tag, in it."""
    return " ".join(str(text).split()).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace(">", "&gt;")

"""The macros that cells are written with: what is printed of their arguments, and the signs that they stand for."""

from __future__ import annotations

# argspec of pylatexenc: '{' an argument, '[' an optional one, '*' a star
TAKE_LAST = {  # of these the last argument is what is printed
    "textcolor": "[{{", "colorbox": "[{{", "fcolorbox": "[{{{", "makecell": "*[{", "thead": "*[{", "shortstack": "[{", "rotatebox": "[{{",
    "resizebox": "*{{{", "scalebox": "{[{", "raisebox": "{[[{", "adjustbox": "{{", "parbox": "[[[{{", "multirow": "[{[{[{", "multicolumn": "{{{",
    "num": "[{", "SI": "[{{", "qty": "[{{", "mbox": "{", "hbox": "{", "fbox": "{", "makebox": "[[{", "framebox": "[[{", "text": "{", "textrm": "{", "textsf": "{",
    "texttt": "{", "textsc": "{", "textit": "{", "emph": "{", "mathrm": "{", "mathit": "{", "mathsf": "{", "mathtt": "{", "ensuremath": "{", "textnormal": "{",
    "textup": "{", "textmd": "{", "tablenum": "[{", "href": "{{", "url": "{", "texorpdfstring": "{{", "uppercase": "{", "operatorname": "*{", "rlap": "{",
    "llap": "{", "mathcal": "{", "mathbb": "{", "bar": "{", "hat": "{", "overline": "{", "tilde": "{", "highlight": "{", "hl": "{", "acs": "{", "ac": "{", "gls": "{",
    "textsmaller": "[{", "smash": "[{", "centering": "", "hfil": "", "specialcell": "[{", "rotcell": "{", "tnotex": "{", "subfloat": "[{",
}  # fmt: skip
BOLD = {"textbf": "{", "mathbf": "{", "boldsymbol": "{", "bm": "{", "pmb": "{", "textbfit": "{", "mathbfit": "{", "symbf": "{"}
UNDERLINE = {
    "underline": "{",
    "uline": "{",
    "ul": "{",
    "underbar": "{",
    "uuline": "{",
    "uwave": "{",
    "dashuline": "{",
    "dotuline": "{",
}
FAINT = {"sout": "{", "st": "{", "xout": "{"}
RAISED = {"textsuperscript": "{", "tnote": "{", "textsubscript": "{", "footnotemark": "[", "tablefootnote": "[{"}
DROPPED = {
    "cite": "*[[{", "citep": "*[[{", "citet": "*[[{", "citealp": "*[[{", "citealt": "*[[{", "citeauthor": "*[[{", "citeyear": "*[[{", "citeyearpar": "[[{",
    "newcite": "[[{", "footcite": "[[{", "parencite": "[[{", "textcite": "[[{", "shortcite": "[[{", "label": "{", "ref": "*{", "cref": "*{", "Cref": "*{",
    "autoref": "*{", "eqref": "{", "pageref": "{", "hspace": "*{", "vspace": "*{", "phantom": "{", "hphantom": "{", "vphantom": "{", "cellcolor": "[{[[",
    "rowcolor": "[{[[", "columncolor": "[{[[", "color": "[{", "rule": "[{{", "footnote": "[{", "fontsize": "{{", "setlength": "{{", "arrayrulecolor": "[{",
    "cmidrule": "[{", "cline": "{", "addlinespace": "[", "noalign": "{", "hypertarget": "{{", "index": "{", "todo": "[{", "rotatebox*": "{{", "kern": "", "setcounter": "{{",
    "vcenter": "{", "specialrule": "{{{", "diagbox": "[{{", "backslashbox": "{{", "slashbox": "{{", "tikz": "[{",
}  # fmt: skip
PICTURES = {"includegraphics": "*[[{", "includesvg": "[{", "epsfig": "{", "worldflag": "[{"}
SIGN = {
    "pm": "±", "times": "×", "uparrow": "↑", "downarrow": "↓", "Uparrow": "↑", "Downarrow": "↓", "Delta": "Δ", "delta": "δ", "dagger": "†", "ddagger": "‡",
    "dag": "†", "ddag": "‡", "ast": "*", "star": "⋆", "S": "§", "P": "¶", "sim": "~", "approx": "≈", "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥", "lt": "<", "gt": ">",
    "checkmark": "✓", "cmark": "✓", "xmark": "✗", "textendash": "–", "textemdash": "—", "textminus": "−", "to": "→", "rightarrow": "→", "leftarrow": "←", "cdot": "·",
    "textuparrow": "↑", "textdownarrow": "↓", "nearrow": "↑", "searrow": "↓", "blacktriangle": "▲", "triangle": "△", "ldots": "…", "dots": "…", "textasciitilde": "~",
    "textpm": "±", "textdagger": "†", "textdaggerdbl": "‡", "textasteriskcentered": "*", "textgreater": ">", "textless": "<", "textbar": "|", "slash": "/", "infty": "∞",
    ",": " ", ";": " ", ":": " ", "!": "", " ": " ", "quad": " ", "qquad": " ", "\\": " ", "newline": " ", "linebreak": " ", "par": " ", "%": "%", "&": "&", "$": "$",
    "#": "#", "_": "_", "{": "{", "}": "}", "-": "", "/": "", "@": "", "triangleq": "=", "degree": "°", "bigtriangleup": "Δ", "triangledown": "▼", "textbackslash": "\\",
    "tabularnewline": " ", "relax": "", "xspace": "", "left": "", "right": "", "textdegree": "°", "&nbsp": " ", "circ": "∘", "bullet": "•", "mu": "μ", "diamond": "⋄",
}  # fmt: skip
SWITCH = {"bf": "bold", "bfseries": "bold", "boldmath": "bold", "underline": "underline"}

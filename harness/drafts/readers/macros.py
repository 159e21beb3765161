"""Simple macros of a document (`\\newcommand`, `\\def`) written out, with limits: macros may call themselves, or grow without end."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.drafts.readers.braces import argument, closing, option
from harness.drafts.readers.traced import Traced
from harness.drafts.shape import Unread

DEEPEST = 20
MOST = 2_000_000  # characters that macros may add
LONGEST = 20_000  # characters of one macro's text
_DEFINED = re.compile(
    r"\\(?:(?:re|provide)?newcommand|DeclareRobustCommand|(?:g|e|x)?def|DeclareMathOperator)\*?\s*(?:\{\s*\\(?P<braced>[A-Za-z]+)\s*\}|\\(?P<bare>[A-Za-z]+))"
)
_MACRO = re.compile(r"\\([A-Za-z]+)(?![A-Za-z@])")
_PROGRAM = re.compile(r"\\(?:if|else|fi|csname|expandafter|let|loop|begingroup|newcommand|def|@|makeatletter)|@")
# Known by the reader of cells; some classes redefine them to the same effect.
_OURS = set("begin end textbf textit emph underline multicolumn multirow caption label ref cite citep citet section subsection item hline toprule midrule bottomrule input include arraystretch".split())  # fmt: skip


@dataclass(frozen=True)
class Macro:
    """A macro: how many arguments, the default of the first, and its text."""

    arguments: int
    default: str | None
    body: str


class Expander:
    """Writes macros out; says once what it gave up."""

    def __init__(self, macros: dict[str, Macro]) -> None:
        self.macros, self.added, self.given_up = macros, 0, ""

    def use(self, text: str, found: re.Match[str], depth: int) -> tuple[str, int] | None:
        """Return what a use of a macro stands for, and the offset behind its arguments; None where it must stay."""
        macro = self.macros[found[1]]
        at, given = found.end(), []
        if macro.default is not None and macro.arguments:
            first = option(text, at)
            given.append(first[0] if first else macro.default)
            at = first[1] if first else at
        while len(given) < macro.arguments:
            if (one := argument(text, at)) is None:
                return None
            given.append(one[0])
            at = one[1]
        body = re.sub(r"#(\d)", lambda hit: given[int(hit[1]) - 1] if 0 < int(hit[1]) <= len(given) else "", macro.body)
        self.added += len(body) + 10
        if depth >= DEEPEST or self.added > MOST:
            self.given_up = self.given_up or found[1]
            return None
        return self.written_out(body, depth + 1), at

    def written_out(self, text: str, depth: int) -> str:
        """Return text with its macros written out."""
        parts, done = [], 0
        for found in _MACRO.finditer(text):
            if self.added > MOST:
                break
            if found.start() < done or found[1] not in self.macros:
                continue
            if (used := self.use(text, found, depth)) is None:
                continue
            parts += [text[done : found.start()], used[0]]
            done = used[1]
        return "".join([*parts, text[done:]])


def expanded(source: Traced) -> tuple[Traced, list[Unread]]:
    """Return a document with its simple macros written out and their definitions left out, and what was given up."""
    text = source.text
    macros, spans, unread = _definitions(source)
    if not macros:
        return source, unread
    out, expander, done = Traced(), Expander(macros), 0
    ahead = iter([*spans, (len(text), len(text))])
    start, end = next(ahead)
    for found in _MACRO.finditer(text):
        while found.start() >= end and end < len(text):
            start, end = next(ahead)
        if found.start() < done or found[1] not in macros or start <= found.start() < end:
            continue
        if (used := expander.use(text, found, 0)) is None:
            continue
        out.add(text[done : found.start()], source.place(done))
        out.add(used[0], source.place(found.start()), counted=False)
        done = used[1]
    out.add(text[done:], source.place(done))
    if expander.given_up:
        at = text.find(f"\\{expander.given_up}")
        unread.append(
            Unread(
                source.place(max(0, at)),
                f"the macro \\{expander.given_up} calls itself, or grows without end; it is left as it stands",
            )
        )
    return out, unread


def _definitions(source: Traced) -> tuple[dict[str, Macro], list[tuple[int, int]], list[Unread]]:
    text = source.text
    macros: dict[str, Macro] = {}
    spans: list[tuple[int, int]] = []
    unread: list[Unread] = []
    for found in _DEFINED.finditer(text):
        if spans and found.start() < spans[-1][1]:
            continue
        name, at, count, default = found["braced"] or found["bare"], found.end(), 0, None
        if size := option(text, at):
            count, at = int(size[0]) if size[0].isdigit() else 0, size[1]
            if first := option(text, at):
                default, at = first
        elif marks := re.compile(r"\s*((?:#\d)+)").match(text, at):
            count, at = marks[1].count("#"), marks.end()
        opening = re.compile(r"\s*\{").match(text, at)
        if not opening:
            continue
        end = closing(text, opening.end() - 1)
        if end is None:
            unread.append(Unread(source.place(found.start()), f"the braces of \\{name}'s definition do not close"))
            continue
        body = text[opening.end() : end - 1]
        spans.append((found.start(), end))
        if name not in _OURS and len(body) <= LONGEST and not _PROGRAM.search(body):
            macros[name] = Macro(count, default, body)
    return macros, spans, unread
